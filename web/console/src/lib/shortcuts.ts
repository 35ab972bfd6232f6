// Shortcuts are Alt and one key, by the key's place, so that an input method does not eat them. Each is shown on its
// button, and none is the only way. The one that was put up last wins: a dialog's before the page's below it.
import { onBeforeUnmount, onMounted, reactive } from 'vue'

export interface Shortcut {
  key: string
  label: string
  run: () => void
  ready?: () => boolean
}

export const shortcuts = reactive<Shortcut[]>([])

export function useShortcut(s: Shortcut): void {
  onMounted(() => shortcuts.push(s))
  onBeforeUnmount(() => {
    const at = shortcuts.findIndex((x) => x.run === s.run)
    if (at >= 0) shortcuts.splice(at, 1)
  })
}

/** shown is how a shortcut is written on a button. */
export const shown = (key: string): string => `Alt+${key}`

function codeOf(key: string): string {
  if (/^[0-9]$/.test(key)) return `Digit${key}`
  return { '/': 'Slash', '.': 'Period', ',': 'Comma', ';': 'Semicolon', "'": 'Quote', '[': 'BracketLeft', ']': 'BracketRight', '-': 'Minus', '=': 'Equal', '\\': 'Backslash', '`': 'Backquote' }[key] ?? `Key${key}`
}

export function listen(): void {
  window.addEventListener('keydown', (e) => {
    if (!e.altKey || e.ctrlKey || e.metaKey || e.repeat) return
    const hit = shortcuts.findLast((s) => codeOf(s.key) === e.code && (s.ready?.() ?? true))
    if (!hit) return
    e.preventDefault()
    hit.run()
  })
}
