// Who one is here: nobody yet, an account of the platform, or a person bound to it.
import { reactive } from 'vue'
import { del, get, onEnded, post, type Schemas } from '@/api/client'
import { asRefusal, type Refusal } from '@/api/refusal'
import { keepToken, readToken } from '@/api/token'
import { forgetDrafts } from './drafts'
import { before, go, here, home } from './go'
import { forgetVisit, recall, remember, takeBack } from './tab'

export type Me = Schemas['MeReply']
export type Platform = 'wechat_oa' | 'alipay_life'

/** known: somebody has answered who one is. trouble is why nobody has. */
export const session = reactive<{ known: boolean; me: Me | null; trouble: Refusal | null }>({ known: false, me: null, trouble: null })

/** forgetHere leaves nothing that was typed or chosen: a phone may be somebody else's the next minute. */
export function forgetHere(): void {
  forgetDrafts()
  forgetVisit()
}

function over(): void {
  const borrowed = session.me?.borrowed
  session.known = true
  session.me = null
  keepToken('')
  forgetHere()
  if (borrowed) home()
}
onEnded(over)

// A borrowed session ends by the phone's own clock as well; the server's is asked first, and without a line it is over.
const lent = 15 * 60_000
let clock: ReturnType<typeof setTimeout> | undefined
function watchClock(): void {
  if (!session.me?.borrowed) { clearTimeout(clock); clock = undefined; return }
  clock ??= setTimeout(() => { clock = undefined; if (session.me?.borrowed) over() }, lent)
}

/** refreshMe asks who one is; a guest is no error. */
export async function refreshMe(): Promise<Me | null> {
  try {
    // #ifndef H5
    if (!readToken()) { session.known = true; session.me = null; return null }
    // #endif
    session.me = await get('/v1/me', {})
    session.known = true
    session.trouble = null
  } catch (e) {
    const refusal = asRefusal(e)
    const guest = refusal.status === 401
    if (guest) { session.known = true; session.me = null }
    session.trouble = guest ? null : refusal
  }
  watchClock()
  return session.me
}

/** opened takes what a log-in, a binding or a check answers: a new token, and another level. */
export async function opened(reply: Schemas['OpenedReply']): Promise<void> {
  keepToken(reply.token)
  await refreshMe()
}

/** enterMini logs in with the code of the app's own platform. */
export async function enterMini(): Promise<void> {
  let platform = 'wechat_mini'
  // #ifdef MP-ALIPAY
  platform = 'alipay_mini'
  // #endif
  const code = await new Promise<string>((answer, refuse) => {
    uni.login({ success: (r) => answer(r.code), fail: refuse })
  })
  await opened(await post('/v1/sessions', { body: { platform, code } }))
}

/** enterBrowser goes to the platform's own page, which comes back to the first page; then one goes on where one was. */
export async function enterBrowser(platform: Platform): Promise<void> {
  const { url } = await post('/v1/authorizations', { body: { platform } })
  remember('back', before())
  window.location.assign(url)
}

/** comeBack finishes what another page was left for: a log-in, or a check of the person. */
export async function comeBack(): Promise<void> {
  // #ifdef H5
  // The address is asked and not the page: that may still be on its way.
  if (!/^#?(\/(pages\/home)?)?$/.test(window.location.hash)) return
  if (recall('check')) return go('check')
  const back = takeBack('back')
  if (back && !/^\/pages\/(home|enter|check)/.test(back) && session.me) uni.navigateTo({ url: back })
  // #endif
}

/** leave cleans up whatever the server answers. A browser's cookie only the server can end, so there a failure is told. */
export async function leave(): Promise<void> {
  let open: Refusal | null = null
  try {
    await del('/v1/sessions/current', {})
  } catch (e) {
    const refusal = asRefusal(e)
    if (refusal.status !== 401) open = refusal
  }
  forgetHere()
  // #ifdef H5
  if (open) throw open
  // #endif
  keepToken('')
  session.me = null
  watchClock()
  home()
}

const levels = ['platform', 'phone', 'real', 'fresh']
/** reaches says whether the session is at least at that level. */
export const reaches = (level: string): boolean => levels.indexOf(session.me?.level ?? '') >= levels.indexOf(level)

/** wayForward is where a refusal can be mended by oneself: a word for the button, and the page. */
export function wayForward(r: Refusal): { label: string; page: string; query?: Record<string, string> } | null {
  const purpose = String(r.facts['purpose'] ?? '')
  switch (r.code) {
    case 'LOGIN_REQUIRED': return { label: '去登录', page: 'enter' }
    case 'BINDING_REQUIRED': return { label: '去实名绑定', page: 'bind' }
    case 'RECHECK_REQUIRED': return { label: '去核验本人', page: 'check' }
    case 'CONSENT_REQUIRED': {
      // The consent is the subject's: who acts for her gives it for her, from 14 on only she herself does.
      const subject = /[?&]for=([^&]+)/.exec(here())?.[1] ?? ''
      if (subject && r.facts['consent_by'] === 'subject') return null
      return { label: '去阅读告知', page: 'consent', query: { ...(purpose ? { purpose } : {}), ...(subject ? { for: decodeURIComponent(subject) } : {}) } }
    }
    default: return null
  }
}
