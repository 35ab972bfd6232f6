// A page of somebody else's: a browser opens it; no mini-program may, so its address is put where it can be pasted.
import { copy } from './copy'

export function openPage(url: string): void {
  if (!/^https?:\/\//.test(url)) return
  // #ifdef H5
  window.open(url, '_blank', 'noopener,noreferrer')
  // #endif
  // #ifndef H5
  copy(url, '网址已复制,请粘贴到浏览器打开')
  // #endif
}
