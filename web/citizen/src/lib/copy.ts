// What somebody wants to paste elsewhere. Only what she tapped, never read back.
export function copy(text: string, said = '已复制'): void {
  uni.setClipboardData({ data: text, showToast: false, success: () => uni.showToast({ title: said, icon: 'none', duration: 3000 }), fail: () => uni.showToast({ title: '没能复制,请长按文字复制', icon: 'none' }) })
}
