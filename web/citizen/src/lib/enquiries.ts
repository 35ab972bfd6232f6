// What an enquiry is called and where it stands, for whoever asked.
import type { Schemas } from '@/api/client'

type Enquiry = Schemas['OwnEnquiryReply']

const kinds: Record<string, string> = {
  question: '咨询', complaint: '投诉', suggestion: '建议', arrival_not_received: '补贴没有收到', arrival_wrong_amount: '补贴金额不对', subsidy_missing: '补贴没有到账',
  loss_unconfirmed: '挂失还没有确认', low_rating: '评价后的核查', urgent: '加急事项', advice: '咨询', production: '制卡', subsidy: '补贴', fee: '工本费',
}
export const kindOf = (e: Enquiry): string => kinds[e.kind] ?? (e.kind.startsWith('not_me') ? '不是本人操作' : '咨询')

const stages: Record<NonNullable<Enquiry['stage']>, string> = {
  new: '已收到,等待承办', assigned: '已交给承办人', accepted: '正在办理', returned: '材料不全,正在补齐', done: '已答复', called_back: '已答复并回访', closed: '已办结', reopened: '重新办理中',
}
export const stageOf = (e: Enquiry): string => (e.stage ? stages[e.stage] : '已收到')
