// Whether this phone has a line at all, as its system says.
import { reactive } from 'vue'

export const line = reactive({ off: false })

export function watchLine(): void {
  uni.onNetworkStatusChange((s) => { line.off = !s.isConnected })
  uni.getNetworkType({ success: (s) => { line.off = s.networkType === 'none' } })
}
