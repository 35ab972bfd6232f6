// When an outlet is open, in words: of one day as the calendar of holidays has it. No line breaks within a span of time.
import type { Schemas } from '@/api/client'

export interface OpenWords { text: string; now: string; open: boolean }

export function openWords(o: Schemas['OpeningReply'] | undefined): OpenWords {
  if (!o) return { text: '', now: '', open: false }
  const day = o.open_now === undefined ? o.date.replace(/^\d{4}-0?(\d+)-0?(\d+)$/, '$1月$2日') : '今天'
  const text = o.spans.length ? `${day} ${o.spans.map((s) => `${s.from}\u2060–\u2060${s.to}`).join('、')}` : `${day}不上班${o.day === 'holiday' ? '(节假日)' : ''}`
  const now = o.open_now === undefined ? '' : o.open_now ? '现在开门' : '现在不开门'
  return { text, now, open: o.open_now === true }
}
