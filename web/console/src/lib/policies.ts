// Words of proposals.
import type { Schemas } from '@/api/client'

export type Proposal = Schemas['PolicyProposalReply']
export const proposalStates: Record<Proposal['state'], string> = { open: '等复核', approved: '已同意', declined: '不同意', withdrawn: '已撤回', lapsed: '已失效' }
export const declineReasons = { no_basis: '没有依据', wrong_value: '数值不对', wrong_date: '日期不对', not_now: '现在不改', other: '其他' } as const
export const places: Record<string, string> = { guide: '办事指南', banner: '首页提示', act: '办理说明', article: '知识', progress: '进度说明', household: '户内说明', notice: '短信和消息' }
