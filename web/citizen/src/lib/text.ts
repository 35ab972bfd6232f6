// Dates and money as people here write them. The clock is China's, whatever the phone's own.
const local = (iso: string): Date => new Date(Date.parse(iso) + 8 * 3600_000)
const two = (n: number): string => String(n).padStart(2, '0')

/** day of an instant or of a civil date: 2026年11月30日. */
export function day(iso: string | undefined): string {
  if (!iso) return ''
  const d = iso.length === 10 ? new Date(`${iso}T00:00:00Z`) : local(iso)
  return `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`
}

/** moment of an instant: 2026年11月30日 09:12. */
export function moment(iso: string | undefined): string {
  if (!iso) return ''
  const d = local(iso)
  return `${day(iso)} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`
}

/** month of 2026-11: 2026年11月. */
export const month = (m: string): string => m.replace(/^(\d{4})-0?(\d{1,2}).*$/, '$1年$2月')

/** yuan of fen: 1,332.00元. */
export function yuan(fen: number): string {
  const [whole = '0', cents = '00'] = (Math.abs(fen) / 100).toFixed(2).split('.')
  return `${fen < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}元`
}

/** asOf says how fresh a copy is. */
export const asOf = (iso: string | undefined): string => (iso ? `信息截至${moment(iso)}` : '')

/** accountName of one of a card's two accounts. */
export const accountName = (account: string): string => (account === 'social' ? '社会保障账户' : '银行账户(金融账户)')
