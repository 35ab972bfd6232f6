// v-key gives a button its shortcut and shows it there: v-key="'O'". In a row of a list the key is that of the row one stands on: the
// one with the focus, else the chosen one, else the first; Alt+↓ and Alt+↑ go from row to row. v-key:send is the button of its form,
// Ctrl+Enter from anywhere in it; v-key:enter says that Enter does.
import type { ObjectDirective } from 'vue'
import { shortcuts, shown, type Shortcut } from './shortcuts'

const kept = new Map<HTMLElement, { shortcut: Shortcut; kbd: HTMLElement }>()
const sends = new Set<HTMLButtonElement>()

const rowOf = (e: Element): HTMLElement | null => e.closest<HTMLElement>('tbody > tr, li, details.faq')
const seen = (e: HTMLElement): boolean => e.isConnected && e.checkVisibility()

/** rows are those of the list that have a key, in order. */
const rowsOf = (list: Element): HTMLElement[] => [...new Set([...kept.keys()].filter((b) => seen(b) && rowOf(b)?.parentElement === list).map((b) => rowOf(b)!))].sort(
  (a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1),
)

function hereIn(list: Element): HTMLElement | undefined {
  const rows = rowsOf(list)
  return rows.find((r) => r.contains(document.activeElement)) ?? rows.find((r) => r.classList.contains('on')) ?? rows[0]
}

let due = false
/** mark shows keys in the row one stands on and in no other. */
function mark(): void {
  if (due) return
  due = true
  queueMicrotask(() => {
    due = false
    const lists = new Map<Element, HTMLElement | undefined>()
    for (const [button, { kbd }] of kept) {
      const row = rowOf(button)
      if (!row) continue
      const list = row.parentElement!
      if (!lists.has(list)) lists.set(list, hereIn(list))
      kbd.hidden = lists.get(list) !== row
    }
  })
}

/** step goes to the next row, or the one before, of the list one is in, else of the page's first. */
function step(by: 1 | -1): boolean {
  const at = document.activeElement ? rowOf(document.activeElement) : null
  const first = [...kept.keys()].filter((b) => seen(b) && rowOf(b)).sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))[0]
  const list = at && rowsOf(at.parentElement!).length ? at.parentElement! : first ? rowOf(first)!.parentElement! : null
  if (!list) return false
  const rows = rowsOf(list)
  const from = at && at.parentElement === list ? rows.indexOf(at) : by > 0 ? -1 : 0
  const to = rows[Math.min(rows.length - 1, Math.max(0, from + by))]
  const target = to && [...to.querySelectorAll<HTMLElement>('summary, button:not(:disabled)')].find(seen)
  target?.focus()
  return target !== undefined
}

/** send presses the button of the form one is in; out of any form, of the one that was put up last. */
function send(): boolean {
  const form = document.activeElement?.closest('form')
  const open = [...sends].filter(seen)
  const button = form ? open.find((b) => b.form === form) : open.at(-1)
  if (button) button.click()
  else if (form) form.requestSubmit()
  return button !== undefined || form !== null
}

export function listenRows(): void {
  document.addEventListener('focusin', mark)
  window.addEventListener('keydown', (e) => {
    if (e.repeat && e.key === 'Enter') return
    const way = { ArrowDown: 1, ArrowUp: -1 }[e.key] as 1 | -1 | undefined
    const opens = (e.target as Element).closest('select, input[type=date], input[type=month], input[type=datetime-local]') !== null
    const did = e.altKey && !e.ctrlKey && way && !opens ? step(way) : e.ctrlKey && !e.altKey && e.key === 'Enter' ? send() : false
    if (did) e.preventDefault()
  })
}

export const vKey: ObjectDirective<HTMLButtonElement, string | undefined, string, 'send' | 'enter'> = {
  mounted(el, { value, arg }) {
    const kbd = document.createElement('kbd')
    kbd.setAttribute('aria-hidden', 'true')
    kbd.textContent = arg === 'send' ? 'Ctrl+Enter' : arg === 'enter' ? 'Enter' : shown(value!)
    el.append(kbd)
    el.setAttribute('aria-keyshortcuts', arg === 'send' ? 'Control+Enter' : arg === 'enter' ? 'Enter' : shown(value!))
    if (arg === 'send') sends.add(el)
    if (arg) return
    const ready = (): boolean => seen(el) && !el.disabled && (!rowOf(el) || hereIn(rowOf(el)!.parentElement!) === rowOf(el))
    const shortcut: Shortcut = { key: value!, get label() { return labelOf(el) }, run: () => el.click(), ready }
    shortcuts.push(shortcut)
    kept.set(el, { shortcut, kbd })
    mark()
  },
  updated: mark,
  beforeUnmount(el) {
    sends.delete(el)
    const one = kept.get(el)
    if (!one) return
    kept.delete(el)
    const at = shortcuts.findIndex((s) => s.run === one.shortcut.run)
    if (at >= 0) shortcuts.splice(at, 1)
    mark()
  },
}

/** labelOf is what the button says to all eyes, without what it names of its row. */
function labelOf(el: HTMLElement): string {
  const copy = el.cloneNode(true) as HTMLElement
  for (const e of copy.querySelectorAll('kbd, .unseen')) e.remove()
  return copy.textContent!.trim()
}
