// A state that is on its way is asked for again every three seconds while its page is looked at; slower after two minutes.
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'

const soon = 3000
const later = 15_000
const soonTimes = 40

/** useLive calls again() while waits() says so. It stops when the page is hidden or left, and begins anew when it is shown. */
export function useLive(waits: () => boolean, again: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let shown = false
  const next = () => {
    clearTimeout(timer)
    if (shown) timer = setTimeout(() => void tick(), asked < soonTimes ? soon : later)
  }
  const away = (): boolean => {
    let hidden = false
    // #ifdef H5
    hidden = document.hidden
    // #endif
    return hidden
  }
  const tick = async () => {
    if (shown && waits() && !away()) {
      asked++
      await again()
    }
    next()
  }
  const stop = () => { shown = false; clearTimeout(timer) }
  onShow(() => { shown = true; asked = 0; next() })
  onHide(stop)
  onUnload(stop)
}
