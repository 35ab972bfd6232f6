// The telephone of the agent who is logged in: what rings, who keyed what. An event changes what is shown and is said; the
// focus stays where the agent types.
import { reactive } from 'vue'
import { openEvents } from '@/api/client'
import { readEvents, type ServerEvent } from '@/api/events'
import { Refusal } from '@/api/refusal'
import { say } from '@/lib/say'
import { current, readCall } from './call'

interface Pop {
  number: string
  candidates: number
  answered: boolean
}
interface Telephone {
  extension: string
  pop: Pop | null
  waiting: '' | 'code' | 'call_back'
  heard: string
  elsewhere: boolean
}

export const telephone = reactive<Telephone>({ extension: '', pop: null, waiting: '', heard: '', elsewhere: false })

let last = 0
let stop: AbortController | null = null

/** listen follows the stream until unlisten; it comes again by itself when the line breaks. */
export async function listen(): Promise<void> {
  unlisten()
  const mine = new AbortController()
  stop = mine
  telephone.elsewhere = false
  while (!mine.signal.aborted) {
    try {
      await readEvents(await openEvents(last, mine.signal), take)
    } catch (thrown) {
      if (thrown instanceof Refusal && [401, 403, 404].includes(thrown.status)) return
    }
    if (telephone.elsewhere) return
    await new Promise((r) => setTimeout(r, 2000))
  }
}

export function unlisten(): void {
  stop?.abort()
  stop = null
}

async function take(e: ServerEvent): Promise<void> {
  if (e.id > 0) last = e.id
  const number = String(e.data['caller_number'] ?? '')
  switch (e.kind) {
    case 'hello':
      telephone.extension = String(e.data['extension'] ?? '')
      return
    case 'ringing':
      telephone.pop = { number, candidates: Number(e.data['candidates'] ?? 0), answered: false }
      return say(`来电 ${number || '没有显示号码'}`)
    case 'answered':
      await readCall() // the form is there before the key that leads to it
      telephone.pop = current.call ? { number, candidates: telephone.pop?.candidates ?? 0, answered: true } : null // read again after a reload, it may be over
      return telephone.pop ? say('已接通,按 Alt+A 去核验。') : undefined
    case 'missed':
      telephone.pop = null
      return say('来电没有接到。')
    case 'ended':
      telephone.pop = null
      telephone.waiting = ''
      await readCall()
      return say('来电人已挂断,可以补记小结。')
    case 'keyed':
    case 'called_back':
      telephone.waiting = e.kind === 'keyed' && Number(e.data['tries_left'] ?? 0) > 0 && e.data['result'] !== 'match' ? 'code' : ''
      await readCall()
      telephone.heard = heard(e)
      return say(telephone.heard)
    case 'end':
      telephone.elsewhere = e.data['reason'] === 'taken_over'
  }
}

function heard(e: ServerEvent): string {
  const result = String(e.data['result'] ?? '')
  if (e.kind === 'called_back') return result === 'answered' ? '登记手机已接听。' : '登记手机没有接听。'
  if (result === 'match') return '验证码一致。'
  if (result === 'nothing') return '来电人没有按键。'
  return `验证码不一致,还可再试 ${String(e.data['tries_left'] ?? 0)} 次。`
}

/** callOpen reports whether a caller is on the line. */
export const onTheLine = (): boolean => current.call !== null && !current.call.ended_at
