// A check of the person by the platform: it opens its own page or camera, and the server asks the platform how it ended.
import type { Schemas } from '@/api/client'
import { before, go, here } from './go'
import { remember } from './tab'

type Ticket = Schemas['CheckOutputBody']
interface WechatCamera { requestFacialVerify?: (o: { verifyId: string; complete: () => void }) => void }
interface AlipayCamera { startAPVerify: (o: { url: string; certifyId: string; complete: () => void }) => void }
declare const wx: WechatCamera
declare const my: AlipayCamera

/** What a check is for: oneself, a binding, or the holder who borrows this phone. */
export type CheckOf = 'check' | 'bind' | 'borrow'

/** startCheck hands over to the platform. What becomes of it is asked on the page of checks, also after a long way round;
 *  true says that one is on that page already, and it may ask now. */
export async function startCheck(ticket: Ticket, of: CheckOf): Promise<boolean> {
  remember('check', ticket.check_id)
  remember('checking', of)
  // #ifdef H5
  // A browser leaves every page for it: where one goes on afterwards is remembered.
  if (of === 'borrow') remember('after', here())
  if (of === 'bind') remember('after', before())
  if (ticket.url) { window.location.assign(ticket.url); return false }
  // #endif
  // #ifdef MP-WEIXIN
  await new Promise<void>((over) => {
    if (!wx.requestFacialVerify) return over()
    wx.requestFacialVerify({ verifyId: ticket.ref, complete: over })
  })
  // #endif
  // #ifdef MP-ALIPAY
  await new Promise<void>((over) => my.startAPVerify({ url: ticket.url ?? '', certifyId: ticket.ref, complete: over }))
  // #endif
  if (here().startsWith('/pages/check')) return true
  go('check')
  return false
}
