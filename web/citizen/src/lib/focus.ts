// What came of an act is read out: where the cursor was is gone with the form. Only a browser has a cursor to set.
import { nextTick } from 'vue'

/** readOut sets the cursor on the result that is in sight. */
export async function readOut(): Promise<void> {
  await nextTick()
  // #ifdef H5
  // A dialog that closes gives the cursor back first.
  setTimeout(() => [...document.querySelectorAll<HTMLElement>('.result')].find((e) => e.offsetParent)?.focus())
  // #endif
}
