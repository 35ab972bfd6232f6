// Everything that is shown of oneself here, in one file: it is put together on this phone, from what one may read anyway.
import { get } from '@/api/client'
import { asRefusal } from '@/api/refusal'
import { reaches, session } from './session'

type Page = { items: unknown[]; next_cursor: string }
const most = 50 // pages of a list; whoever has more asks at a window

async function all(ask: (cursor: string) => Promise<Page>): Promise<unknown[]> {
  const out: unknown[] = []
  let cursor = ''
  for (let n = 0; n < most; n++) {
    const page = await ask(cursor)
    out.push(...page.items)
    cursor = page.next_cursor
    if (!cursor) break
  }
  return out
}
// What one's level does not open is left out, and said so; a line that breaks ends the whole.
const orWhy = async (ask: Promise<unknown>): Promise<unknown> => ask.catch((e: unknown) => {
  const r = asRefusal(e)
  if (r.unsure) throw r
  return { 没有包含: r.detail }
})

/** canKeep: only a browser that saves files, on one's own phone, after a fresh check. */
export function canKeep(): boolean {
  return savesFiles() && !session.me?.borrowed && reaches('fresh')
}

/** savesFiles: no mini-program does, and the browsers inside WeChat and Alipay save nothing that a script holds. */
export function savesFiles(): boolean {
  let saves = false
  // #ifdef H5
  saves = !/MicroMessenger|AlipayClient/i.test(navigator.userAgent)
  // #endif
  return saves
}

export async function keepMine(): Promise<void> {
  if (!canKeep()) return
  const at = (cursor: string) => ({ limit: 100, ...(cursor ? { cursor } : {}) })
  const mine = {
    说明: '社会保障卡一卡通:您在本服务中的信息。打码的内容请在“我的”页面核验本人后查看。',
    生成时间: new Date().toISOString(),
    本人: await orWhy(get('/v1/me', {})),
    社保卡: await orWhy(get('/v1/cards', {})),
    挂失: await orWhy(get('/v1/loss-reports', {})),
    申领: await orWhy(get('/v1/applications', {})),
    补换卡: await orWhy(get('/v1/replacements', {})),
    补贴合计: await orWhy(get('/v1/arrivals/summary', {})),
    近期到账: await orWhy(all((c) => get('/v1/arrivals', { query: at(c) }))),
    消息: await orWhy(all((c) => get('/v1/notices', { query: at(c) }))),
    咨询投诉: await orWhy(all((c) => get('/v1/enquiries', { query: at(c) }))),
    查看记录: await orWhy(all((c) => get('/v1/me/access-log', { query: at(c) }))),
    同意记录: await orWhy(get('/v1/me/consents', {})),
    绑定的账号: await orWhy(get('/v1/me/bindings', {})),
  }
  // #ifdef H5
  const text = JSON.stringify(mine, null, 2)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = '我的一卡通数据.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  // #endif
}
