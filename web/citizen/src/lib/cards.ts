// What can be done with a card, as its tiles say. The server decides; a page only leaves out what makes no sense.
import type { Schemas } from '@/api/client'

export type Card = Schemas['CardReply']
export type Loss = Schemas['LossReply']

const social = (c: Card): string => c.accounts.find((a) => a.account === 'social')?.state ?? ''
/** ended cards are shown and nothing more is done with them. */
export const ended = (c: Card): boolean => ['void', 'cancelled'].includes(social(c))
export const inHand = (c: Card): boolean => c.holding === 'collected' && !ended(c) && social(c) !== 'none'
export const canLose = (c: Card): boolean => inHand(c) && !c.loss
export const cardTitle = (c: Card): string => `${c.bank.name} · ${c.number}`

/** onItsWay: the registry has not answered yet, so the page asks again. */
export const onItsWay = (l: { state: string } | undefined | null): boolean => ['received', 'unconfirmed', 'release_requested'].includes(l?.state ?? '')

const lossLabels: Record<Loss['state'], string> = {
  received: '已收到,正在确认', unconfirmed: '正在确认', effective: '已挂失', refused: '没有成功', withdrawn: '已撤回',
  release_requested: '解挂正在确认', released: '已解挂', lapsed: '已到期', voided: '卡已作废', unresolved: '是否生效没有查明',
}
export const lossLabel = (l: Loss): string => lossLabels[l.state] ?? '处理中'
/** stopped says of the social security account only what is known: neither 已停用 nor 没有停用 while nobody knows. */
export const stopped = (l: { state: string; effective: boolean }): string => {
  if (l.effective) return '已停用'
  if (onItsWay(l)) return '正在确认'
  return ['refused', 'withdrawn'].includes(l.state) ? '没有停用' : lossLabels[l.state as Loss['state']] ?? '处理中'
}
export const lossTone = (l: Loss): 'good' | 'warn' | 'plain' | 'bad' =>
  l.state === 'refused' || l.state === 'unresolved' ? 'bad' : l.effective || onItsWay(l) ? 'warn' : 'plain'
