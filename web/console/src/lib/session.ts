// Who is logged in. The token is a cookie no script reads; kept here is only what the log-in said about the member of
// staff, and in the tab's storage her login, id and roles, so that a reload finds its way. Nothing about citizens.
import { computed, reactive, ref } from 'vue'
import pages from '@/pages.json'
import type { paths } from '@/api/schema'
import type { ReplyOf } from '@/api/client'

export type Role = string
export interface Staff {
  id: string
  login: string
  roles: Role[]
  idleSeconds: number
}
export interface PageEntry {
  path: string
  name: string
  title: string
  roles: Role[]
  key: string
  aside?: boolean
}

const stored = 'onecard.console.staff'

export const session = reactive<{ staff: Staff | null; seenAt: number; inCall: boolean; said: string }>({ staff: restore(), seenAt: Date.now(), inCall: false, said: '' })

function restore(): Staff | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(stored) ?? 'null') as Staff | null
    return kept && typeof kept.login === 'string' && Array.isArray(kept.roles) ? kept : null
  } catch {
    return null
  }
}

export function loggedIn(reply: ReplyOf<paths['/agent/v1/sessions']['post']>): void {
  session.staff = { id: reply.staff.staff_id, login: reply.staff.login, roles: reply.staff.roles, idleSeconds: reply.idle_timeout_seconds }
  session.said = ''
  session.inCall = false
  touched()
  sessionStorage.setItem(stored, JSON.stringify(session.staff))
}

export function forget(): void {
  session.staff = null
  session.inCall = false
  sessionStorage.removeItem(stored)
}

const endings: Array<() => void> = []
/** onSessionEnd runs fn when the server no longer knows the session. */
export function onSessionEnd(fn: () => void): void {
  endings.push(fn)
}

export function sessionEnded(why: string): void {
  if (!session.staff) return
  session.said = why
  forget()
  for (const fn of endings) fn()
}

/** touched notes that the server has just heard from us: its idle clock began anew. */
export function touched(): void {
  session.seenAt = Date.now()
}

/** openTo are the pages of one's roles: what the server would refuse has no door here. */
export const openTo = computed<PageEntry[]>(() => {
  const roles = session.staff?.roles ?? []
  const open = (pages as PageEntry[]).filter((p) => p.roles.some((r) => roles.includes(r)))
  const free = [...'1234567890'].filter((key) => !open.some((p) => p.key === key))
  return open.map((p) => (p.key || p.aside ? p : { ...p, key: free.shift() ?? '' })) // there are more pages than digits, and nobody has them all
})

export const firstPage = computed(() => openTo.value[0]?.path ?? '/login')

export const now = ref(Date.now())
setInterval(() => { now.value = Date.now() }, 1000)

/** How long an idle session still lives, in seconds; in a call the clock stands (an hour at most). */
export const idleLeft = computed(() => {
  const limit = session.inCall ? 60 * 60 : (session.staff?.idleSeconds ?? 0)
  return Math.max(0, Math.ceil(limit - (now.value - session.seenAt) / 1000))
})
