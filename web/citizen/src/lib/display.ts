// The large display for elderly people (长辈版): one size at the root, everything else is measured by it. The choice is kept.
import { reactive } from 'vue'

export const display = reactive({ elder: false })

export function readDisplay(): void {
  display.elder = uni.getStorageSync('display') === 'elder'
}

export function switchElder(): void {
  display.elder = !display.elder
  uni.setStorageSync('display', display.elder ? 'elder' : 'plain')
}
