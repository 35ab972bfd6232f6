// What is done at windows, in short words, and who may come for it. The long words are the server's (guides).
import type { Schemas } from '@/api/client'

export type WindowAct = NonNullable<Schemas['FindNearInputBody']['service']>

export const acts: { value: WindowAct; label: string; note: string }[] = [
  { value: 'apply', label: '首次申领社保卡', note: '不收费' },
  { value: 'collect', label: '领取社保卡', note: '卡已制好,去领卡' },
  { value: 'activate_financial', label: '激活银行账户', note: '激活后补贴才能到账' },
  { value: 'activate_social_security', label: '激活社保账户', note: '看病买药前激活' },
  { value: 'loss', label: '社保账户挂失', note: '线上也能办' },
  { value: 'release', label: '社保账户解挂', note: '卡找到了' },
  { value: 'replace', label: '补换社保卡', note: '丢失、损坏、信息有误' },
  { value: 'financial_loss', label: '银行账户挂失', note: '只能到卡面银行' },
  { value: 'financial_release', label: '银行账户解挂', note: '只能到卡面银行' },
  { value: 'phone_change', label: '变更登记手机号', note: '换了手机号' },
  { value: 'binding_slip', label: '开具核验单(一次性绑定单)', note: '不便刷脸、没有登记手机号' },
]
export const actName = (act: string): string => acts.find((a) => a.value === act)?.label ?? ''

/** actOfStep is the guide that belongs to a next step; what is not done at a card window has none. */
const ofSteps: Record<string, WindowAct> = {
  apply: 'apply', collect: 'collect', activate_financial: 'activate_financial', activate_social: 'activate_social_security', register_phone: 'phone_change',
}
export const actOfStep = (code: string): WindowAct | undefined => ofSteps[code]

export const kinds = [
  { value: '', label: '全部网点' }, { value: 'hrss', label: '人社窗口' }, { value: 'bank', label: '银行窗口' }, { value: 'hospital', label: '医院' }, { value: 'pharmacy', label: '药店' },
]
export const kindName = (kind: string): string => kinds.find((k) => k.value === kind)?.label ?? ''
