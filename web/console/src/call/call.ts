// The one open call of this agent, and what was looked at in it. It is in memory only, and gone with the call.
import { reactive } from 'vue'
import { get, post, type Schemas } from '@/api/client'
import { Refusal } from '@/api/refusal'
import { clearDraft } from '@/lib/drafts'
import { session } from '@/lib/session'

export type Act = 'loss' | 'explain' | 'ready' | 'notices' | 'guide' | 'helpers' | 'phone' | 'refused' | 'arrivals' | 'progress' | 'task' | 'order' | 'promise' | 'note' | 'misuse'

interface State {
  call: Schemas['CallReply'] | null
  checked: Schemas['VerificationReply'] | null
  person: Schemas['PersonOutputBody'] | null
  loss: Schemas['LossOutputBody'] | null
  act: Act | null
}

const nothing = (): State => ({ call: null, checked: null, person: null, loss: null, act: null })
export const current = reactive<State>(nothing())

export function leaveCall(): void {
  Object.assign(current, nothing())
  session.inCall = false
  clearDraft('call')
}

function take(call: Schemas['CallReply']): void {
  if (current.call && current.call.level !== call.level) current.person = null // what was seen at a lower level is read anew
  if (current.call?.call_id !== call.call_id) leaveCall()
  current.call = call
  session.inCall = true
}

/** readCall finds the call that is open already: after a reload, and after a log-in. */
export async function readCall(): Promise<void> {
  try {
    take(await get('/agent/v1/calls/current', {}))
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.status !== 404) throw thrown
    leaveCall()
  }
}

export async function openCall(number: string, key: string): Promise<void> {
  take(await post('/agent/v1/calls', { body: number ? { caller_number: number } : {}, key }))
}

export async function closeCall(key: string): Promise<void> {
  if (current.call) await post('/agent/v1/calls/{call_id}/close', { path: { call_id: current.call.call_id }, key })
  leaveCall()
}

export async function verify(body: Schemas['VerifyCallerInputBody'], key: string): Promise<Schemas['VerificationReply']> {
  const reply = await post('/agent/v1/calls/{call_id}/verification', { path: callPath(), body, key })
  current.checked = reply
  known(reply)
  return reply
}

/** known takes over how surely the caller is known by now; what was seen at a lower level is read anew. */
export function known(reply: Pick<Schemas['CallReply'], 'level' | 'strength' | 'may_report_loss'>): void {
  if (!current.call) return
  if (current.call.level !== reply.level) current.person = null
  Object.assign(current.call, { level: reply.level, strength: reply.strength, may_report_loss: reply.may_report_loss })
}

export async function readPerson(): Promise<void> {
  current.person = await get('/agent/v1/calls/{call_id}/person', { path: callPath() })
}

export function callPath(): { call_id: string } {
  return { call_id: current.call?.call_id ?? '' }
}
