// Words of proposals.
import type { Schemas } from '@/api/client'

export type Setting = Schemas['SettingReply']
export type Proposal = Schemas['PolicyProposalReply']
export const proposalStates: Record<Proposal['state'], string> = { open: '等复核', approved: '已同意', declined: '不同意', withdrawn: '已撤回', lapsed: '已失效' }
export const declineReasons = { no_basis: '没有依据', wrong_value: '数值不对', wrong_date: '日期不对', not_now: '现在不改', other: '其他' } as const
export const places: Record<string, string> = { guide: '办事指南', banner: '首页提示', act: '办理说明', article: '知识', progress: '进度说明', household: '户内说明', notice: '短信和消息' }
const values: Record<string, string> = {
  here: '在这里办', hand_over: '转到别的渠道', window_only: '只能到网点', guest: '未登录', platform: '平台登录', phone: '手机验证', real: '实名', fresh: '刚刚实名核验',
  true: '是', false: '否', none: '不能这样办', ask: '先问12333', same: '与其他挂失一样', nothing: '没有',
}
/** valueWord is what a word of a value means, where there is one; figures and lists stand for themselves. */
export const valueWord = (value: string): string => values[value] ?? ''
/** stoppable are the settings of acts that a channel does now: what an emergency may stop. */
export const stoppable = (settings: Setting[]): Setting[] => settings.filter((s) => s.key.startsWith('act.') && s.value !== 'window_only')
/** actOf is the act and the channel of such a setting. */
export function actOf(key: string): { act: string; channel: Schemas['StopActInputBody']['channel'] } {
  const [, act = '', channel = ''] = key.split('.')
  return { act, channel: channel as Schemas['StopActInputBody']['channel'] }
}
export const meaningBrief = (meaning: string): string => meaning.split(/[::;;]/)[0]!
