// Paying a fee, on each platform by its own till. What a till tells the page proves nothing: whether money came is asked of
// the server afterwards.
import { post, type Schemas } from '@/api/client'
import { site } from './site'

export type Begun = Schemas['PayFeeOrderOutputBody']
/** asked: the till was used, the server knows how it ended; stopped: one changed one's mind; failed: the till said no;
 * code: to be paid elsewhere with a payment code; elsewhere: this browser has no till. */
export type Tilled = 'asked' | 'stopped' | 'failed' | 'code' | 'elsewhere'

interface AlipayTill { tradePay: (o: { tradeNO: string; success: (r: { resultCode?: string }) => void; fail: () => void }) => void }
declare const my: AlipayTill

/** readAlipay: 9000 paid, 8000 and 6004 not known yet, 6001 stopped by the payer. */
function readAlipay(code: string | undefined): Tilled {
  if (code === '9000' || code === '8000' || code === '6004') return 'asked'
  return code === '6001' ? 'stopped' : 'failed'
}

export async function payAtTill(begun: Begun): Promise<Tilled> {
  if (begun.provider === 'non_tax') return 'code'
  let how: Tilled = 'elsewhere'
  // #ifdef H5
  how = await byBridge(begun)
  // #endif
  // #ifdef MP-WEIXIN
  how = await byWechat(begun)
  // #endif
  // #ifdef MP-ALIPAY
  how = await new Promise<Tilled>((done) => {
    my.tradePay({ tradeNO: begun.params['tradeNO'] ?? '', success: (r) => done(readAlipay(r.resultCode)), fail: () => done('failed') })
  })
  // #endif
  return how
}

// #ifdef MP-WEIXIN
function byWechat(begun: Begun): Promise<Tilled> {
  return new Promise((done) => {
    uni.requestPayment({
      provider: 'wxpay', ...begun.params, success: () => done('asked'),
      fail: (e: { errMsg?: string }) => done(e.errMsg?.includes('cancel') ? 'stopped' : 'failed'),
    } as unknown as UniApp.RequestPaymentOptions)
  })
}
// #endif

// #ifdef H5
interface Bridges {
  WeixinJSBridge?: { invoke: (name: string, params: unknown, done: (r: { err_msg?: string }) => void) => void }
  AlipayJSBridge?: { call: (name: string, params: unknown, done: (r: { resultCode?: string }) => void) => void }
}

// The browsers of WeChat and Alipay bring a till along; another browser has none.
function byBridge(begun: Begun): Promise<Tilled> {
  const { WeixinJSBridge: wechat, AlipayJSBridge: alipay } = window as Bridges
  return new Promise((done) => {
    if (begun.provider === 'wechat_pay' && wechat) {
      return wechat.invoke('getBrandWCPayRequest', begun.params, (r) => {
        done(r.err_msg?.endsWith(':ok') ? 'asked' : r.err_msg?.endsWith(':cancel') ? 'stopped' : 'failed')
      })
    }
    if (begun.provider === 'alipay' && alipay) {
      return alipay.call('tradePay', { tradeNO: begun.params['tradeNO'] }, (r) => done(readAlipay(r.resultCode)))
    }
    return done('elsewhere')
  })
}

/** pretendTill is the page of the pretend city where this is paid by hand; empty where there is none. */
export async function pretendTill(begun: Begun): Promise<string> {
  if (!site.pretend || !site.entries[0]) return ''
  const { url } = await post('/v1/authorizations', { body: { platform: site.entries[0] } })
  const at = (path: string, name: string, value = '') => `${new URL(path, url).href}?${name}=${encodeURIComponent(value)}`
  if (begun.provider === 'alipay') return at('/alipay/cashier', 'trade_no', begun.params['tradeNO'])
  if (begun.provider === 'non_tax') return at('/nontax/cashier', 'code', begun.params['paymentCode'])
  return at('/wechatpay/cashier', 'prepay_id', (begun.params['package'] ?? '').replace('prepay_id=', ''))
}
// #endif
