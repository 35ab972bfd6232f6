// From page to page by name. A platform keeps ten pages at most; the eleventh takes the place of the tenth.
const most = 9

const url = (page: string, query: Record<string, string | undefined> = {}): string => {
  const parts = Object.entries(query).filter(([, v]) => v).map(([k, v]) => `${k}=${encodeURIComponent(v!)}`)
  return `/pages/${page}${parts.length ? `?${parts.join('&')}` : ''}`
}

let leaving = false
function once(open: (done: () => void) => void): void {
  if (leaving) return // a double tap
  leaving = true
  open(() => { leaving = false })
}

export function go(page: string, query?: Record<string, string | undefined>): void {
  once((complete) => {
    if (getCurrentPages().length >= most) uni.redirectTo({ url: url(page, query), complete })
    else uni.navigateTo({ url: url(page, query), complete })
  })
}

/** instead takes the place of the page one is on: a form that is done with is not gone back to. */
export function instead(page: string, query?: Record<string, string | undefined>): void {
  once((complete) => uni.redirectTo({ url: url(page, query), complete }))
}

export function home(): void {
  uni.reLaunch({ url: '/pages/home' })
}

export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else home()
}

/** here is the address of the page one is on, with what it was asked for. */
export const here = (): string => addressOf(1)

/** before is the page that one came from; home where there is none. */
export const before = (): string => addressOf(2)

function addressOf(place: number): string {
  const pages = getCurrentPages()
  const page = pages[pages.length - place] as unknown as { route?: string; $page?: { fullPath?: string }; options?: Record<string, string> } | undefined
  if (!page) return '/pages/home'
  if (page.$page?.fullPath) return page.$page.fullPath === '/' ? '/pages/home' : page.$page.fullPath
  return url((page.route ?? 'pages/home').replace('pages/', ''), page.options)
}

/** call dials by the phone itself; where it cannot, the number is shown. */
export function call(phone: string): void {
  uni.makePhoneCall({ phoneNumber: phone, fail: () => undefined })
}
