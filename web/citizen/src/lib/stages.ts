// A timeline as the server tells it becomes the stages that ss-steps shows.
import type { Schemas } from '@/api/client'
import { moment } from './text'

type Line = Schemas['ProgressLine']
export interface Stage { label: string; state: 'done' | 'now' | 'later' | 'stopped'; when?: string }

const failed = ['bank_failed', 'production_failed']
const stopped = ['rejected', 'withdrawn', 'lapsed']
const over = ['collected', 'completed']

/** stagesOf: the last line with a day is where it is now, unless it is over. */
export function stagesOf(lines: Line[]): Stage[] {
  const last = lines.reduce((found, l, i) => (l.at ? i : found), -1)
  return lines.map((l, i) => {
    const state = !l.at ? 'later' : failed.includes(l.state) || i === last && stopped.includes(l.state) ? 'stopped' : i === last && !over.includes(l.state) ? 'now' : 'done'
    return { label: l.label, state, ...(l.at ? { when: moment(l.at) } : {}) }
  })
}
