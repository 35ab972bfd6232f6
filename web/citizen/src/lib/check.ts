// A check of the person by the platform: it opens its own page or camera, and the server asks the platform how it ended.
import type { Schemas } from '@/api/client'
import { go } from './go'
import { remember } from './tab'

type Ticket = Schemas['CheckOutputBody']
interface WechatCamera { requestFacialVerify?: (o: { verifyId: string; complete: () => void }) => void }
interface AlipayCamera { startAPVerify: (o: { url: string; certifyId: string; complete: () => void }) => void }
declare const wx: WechatCamera
declare const my: AlipayCamera

/** startCheck hands over to the platform. What becomes of it is asked on the page of checks, also after a long way round. */
export async function startCheck(ticket: Ticket): Promise<void> {
  remember('check', ticket.check_id)
  // #ifdef H5
  if (ticket.url) return window.location.assign(ticket.url)
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
  go('check')
}
