// The token of a mini-program. A browser has none: its cookie is closed to scripts.
let token = ''
// #ifndef H5
const place = 'session'
token = String(uni.getStorageSync(place) || '')
// #endif

export const readToken = (): string => token

export function keepToken(next: string | undefined): void {
  // #ifndef H5
  if (next === undefined) return
  token = next
  if (next) uni.setStorageSync(place, next)
  else uni.removeStorageSync(place)
  // #endif
}
