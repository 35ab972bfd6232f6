// The token of a mini-program. A browser has none: its cookie is closed to scripts.
let token = ''
// #ifndef H5
const place = 'session'
token = String(uni.getStorageSync(place) || '')
// #endif

export const readToken = (): string => token

// Each token, also a browser's that nobody sees, has its number: what is said of an older one no longer counts.
let number = 0
export const tokenNumber = (): number => number

export function keepToken(next: string | undefined): void {
  number++
  // #ifndef H5
  if (next === undefined) return
  token = next
  if (next) uni.setStorageSync(place, next)
  else uni.removeStorageSync(place)
  // #endif
}
