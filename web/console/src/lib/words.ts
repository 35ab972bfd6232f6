// Words and figures as people read them. States have the server's own labels where it gives them.
import type { Schemas } from '@/api/client'

const instant = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
const whole = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false })
const day = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit' })

export const when = (iso?: string): string => (iso ? instant.format(new Date(iso)) : '')
export const whenWhole = (iso?: string): string => (iso ? whole.format(new Date(iso)) : '')
const second = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
const civil = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit' })
export const whenSecond = (iso: string): string => second.format(new Date(iso))
/** isoDay is the civil day in Shanghai as the server reads it: 2021-12-31. */
export const isoDay = (at: number): string => civil.format(new Date(at))
export const dayOf = (iso?: string): string => (iso ? day.format(new Date(iso)) : '')
export const clockOf = (at: number): string => clock.format(new Date(at))

/** whenBriefly is 今天09:12 for what happened today, in Shanghai, else date and time. */
export function whenBriefly(iso: string, at = Date.now()): string {
  return dayOf(iso) === day.format(new Date(at)) ? `今天${clockOf(Date.parse(iso))}` : whenWhole(iso)
}

export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export const yuan = (fen: number): string => `${(fen / 100).toFixed(2)}元`

const strengths: Record<string, string> = {
  none: '未核验', basic: '基本核验', basic_number_match: '基本核验,来电号码与登记手机一致', basic_call_back: '基本核验,已回拨登记手机',
  basic_call_back_said: '基本核验,坐席确认已回拨', basic_phone_code: '基本核验,来电人已按验证码', full_call_back_said: '完整核验,坐席确认已回拨',
  full_phone_code: '完整核验(来电人已按验证码)', full_facts: '完整核验(资料)', full_call_back: '完整核验(已回拨登记手机)',
}
/** strengthWord is how surely the caller is known, in words; one that is new here keeps its code. */
export const strengthWord = (code: string): string => strengths[code] ?? code
export const levelWords: Record<Schemas['CallReply']['level'], string> = { none: '未核验', basic: '基本', full: '完整' }
export const roleWords: Record<string, string> = {
  agent: '坐席', supervisor: '班长', reviewer: '复核员', policy_manager: '政策管理员', knowledge_editor: '知识编辑', liaison: '联络员', auditor: '审计员', administrator: '管理员',
}
export const factWords: Record<string, string> = { card_last4: '卡号后4位', district: '户籍所在县区', bank: '卡面银行', last_application_month: '最近一次申领的月份' }
export const guideWords: Record<Schemas['SendGuideInputBody']['act'], string> = {
  apply: '申领', collect: '领卡', replace: '补换卡', loss: '挂失', release: '解挂', activate_social_security: '激活社保账户', activate_financial: '激活银行账户',
  financial_loss: '银行账户挂失', financial_release: '银行账户解挂', phone_change: '变更登记手机', binding_slip: '一次性绑定单',
}
export const channelWords: Record<string, string> = { sms: '短信', wechat_mini: '微信小程序', wechat_oa: '微信公众号', alipay_mini: '支付宝小程序', alipay_life: '支付宝生活号' }
export const sentWords: Record<string, string> = { waiting: '等待发送', sent: '已发出', delivered: '已送达', not_sent: '未送达', by_bank: '由银行发送', none: '不发短信' }
const enquiryKinds: Record<string, string> = { loss_unconfirmed: '挂失没有确认', arrival_not_received: '反映没有到账', arrival_wrong_amount: '反映金额不对' }
/** enquiryWord names an enquiry's kind; one that is new here is an enquiry all the same. */
export const enquiryWord = (kind: string): string => enquiryKinds[kind] ?? (kind.startsWith('not_me_') ? '反映不是本人办理' : '咨询')
const reasonTexts: Record<string, string> = {
  HEAD_ABSENT: '户主外出', HEAD_DECEASED: '户主去世', HEAD_UNABLE: '户主不能领取', STAGE_CONFIRMED: '阶段已核实', BANK_CONFIRMED: '银行已核实', AMOUNT_CONFIRMED: '金额已核实',
  CORRECTED_AT_SOURCE: '来源已更正', WRONG_PAYEE: '收款人不对', WRONG_AMOUNT: '金额不对', PAID_TWICE: '重复发放', NOT_PAID: '没有发放', ANNOUNCED_BY_MISTAKE: '误公布', OTHER: '其他',
}
export const reasonWord = (code: string): string => reasonTexts[code] ?? code
export const misuseWords: Record<Schemas['QueuedMisuseReply']['kind'], string> = { held_card: '扣留社保卡', cut_money: '截留补贴', wrong_money: '金额不符', false_claim: '冒领补贴', other: '其他' }
export const queueWords: Record<string, string> = { received: '待答复', answered: '已答复', closed: '已办结' }
export const ownerWords: Record<Schemas['HeldReply']['owner'], string> = { department: '发放部门', finance: '财政', operations: '运维' }
export const heldWords: Record<Schemas['HeldReply']['state'], string> = { held: '待处理', proposed: '待复核', released: '已发布', rejected: '已退回', ended: '已结束' }
export const campaignWords: Record<Schemas['CampaignReply']['state'], string> = { draft: '草稿', approved: '已批准', running: '发送中', paused: '已暂停', done: '已完成', cancelled: '已取消' }
export const resultWords: Record<string, string> = { answered: '已答复', done: '已办理', ordered: '已转工单', guided: '已引导', not_verified: '没有核验通过', cut_off: '中途挂断', no_matter: '无事项' }
