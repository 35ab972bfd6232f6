// A page of somebody else's: a browser opens it; no mini-program may, so its address is put where it can be pasted.
import { copy } from './copy'

export const isPage = (url: string): boolean => /^https?:\/\//.test(url)

export function openPage(url: string): void {
  if (!isPage(url)) return
  // #ifdef H5
  window.open(url, '_blank', 'noopener,noreferrer')
  // #endif
  // #ifndef H5
  copy(url, '网址已复制,请粘贴到浏览器打开')
  // #endif
}
