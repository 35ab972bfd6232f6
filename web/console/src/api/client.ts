// One way to the server: typed by the frozen document, with the session's cookie, and every refusal as a Refusal.
import type { paths, components } from './schema'
import { networkRefusal, readRefusal, type Refusal } from './refusal'
import { sessionEnded, touched } from '@/lib/session'

export type Schemas = components['schemas']

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete'
/** The paths of the document that have this verb. */
type PathsWith<V extends Verb> = { [P in keyof paths]: paths[P][V] extends { responses: unknown } ? P : never }[keyof paths]
type Plain<B> = B extends { readonly $schema?: string } ? Omit<B, '$schema'> : B
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: Plain<B> } : { body?: undefined }
type QueryOf<O> = O extends { parameters: { query: infer Q } } ? { query: Q } : O extends { parameters: { query?: infer Q } } ? { query?: Q } : object
type PathOf<O> = O extends { parameters: { path: infer Q } } ? { path: Q } : object
type Ask<O> = PathOf<O> & QueryOf<O> & BodyOf<O> & { key?: string }
type OkCode = 200 | 201 | 202
type JsonOf<R, C extends OkCode> = C extends keyof R ? (R[C] extends { content: { 'application/json': infer B } } ? B : never) : never
/** The answer of an operation; nothing where it has none. */
export type ReplyOf<O> = O extends { responses: infer R } ? ([JsonOf<R, OkCode>] extends [never] ? undefined : JsonOf<R, OkCode>) : never

export interface Answer<T> {
  status: number
  data: T
}
interface RawAsk {
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  file?: Blob
  key?: string
}

export async function get<P extends PathsWith<'get'>>(path: P, ask: Ask<paths[P]['get']>): Promise<ReplyOf<paths[P]['get']>> {
  return (await request('get', path as never, ask as never)).data as never
}

/** post writes. A key makes a write that is sent again the same one. */
export async function post<P extends PathsWith<'post'>>(path: P, ask: Ask<paths[P]['post']>): Promise<ReplyOf<paths[P]['post']>> {
  return (await request('post', path as never, ask as never)).data as never
}

/** postFor is post where the status says something as well. */
export async function postFor<P extends PathsWith<'post'>>(path: P, ask: Ask<paths[P]['post']>): Promise<Answer<ReplyOf<paths[P]['post']>>> {
  return (await request('post', path as never, ask as never)) as never
}

/** postForFile asks for a file, and hands it to the browser to keep under the name that the server gave it. */
export async function postForFile<P extends PathsWith<'post'>>(path: P, ask: Ask<paths[P]['post']>): Promise<string> {
  const res = await send('post', path, ask as never)
  const blob = await res.blob().catch(() => { throw networkRefusal() })
  const name = /filename="([^"]+)"/.exec(res.headers.get('Content-Disposition') ?? '')?.[1] ?? 'file'
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
  return name
}

/** postFile sends a file as it is, under the type that the operation takes. */
export async function postFile<P extends PathsWith<'post'>>(path: P, file: File, type: string, key?: string): Promise<ReplyOf<paths[P]['post']>> {
  return (await request('post', path, { file: new Blob([file], { type }), ...(key ? { key } : {}) })).data as never
}

export async function put<P extends PathsWith<'put'>>(path: P, ask: Ask<paths[P]['put']>): Promise<ReplyOf<paths[P]['put']>> {
  return (await request('put', path as never, ask as never)).data as never
}

export async function del<P extends PathsWith<'delete'>>(path: P, ask: Ask<paths[P]['delete']>): Promise<void> {
  await request('delete', path as never, ask as never)
}

/** openEvents opens the stream of one's telephone, from after the last event seen. It does not keep the session awake. */
export async function openEvents(after: number, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' }
  if (after > 0) headers['Last-Event-ID'] = String(after)
  const res = await fetch('/agent/v1/events', { headers, signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer' })
  if (!res.ok) throw await refused(res)
  return res
}

let ahead = 0
/** serverNow is the server's clock, as far as its last answer told: a desk's own clock may be wrong. */
export const serverNow = (): number => Date.now() + ahead

// request asks and gives status and body, or throws a Refusal.
async function request(verb: Verb, path: string, ask: RawAsk): Promise<Answer<unknown>> {
  const res = await send(verb, path, ask)
  if (res.status === 204) return { status: 204, data: undefined }
  const data: unknown = await res.json().catch(() => { throw networkRefusal() })
  return { status: res.status, data }
}

async function send(verb: Verb, path: string, { path: names, query, body, file, key }: RawAsk): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json, text/csv, application/x-ndjson' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (verb !== 'get') headers['Idempotency-Key'] = key ?? newKey()
  let res: Response
  try {
    res = await fetch(address(path, names, query), {
      method: verb.toUpperCase(), headers, body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
      credentials: 'same-origin', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
    })
  } catch {
    throw networkRefusal()
  }
  const said = Date.parse(res.headers.get('Date') ?? '')
  if (said) ahead = said - Date.now()
  if (!res.ok) throw await refused(res)
  touched()
  return res
}

async function refused(res: Response): Promise<Refusal> {
  const refusal = await readRefusal(res)
  // A wrong password or code, or a sign-on that came to nothing, says nothing about the session.
  if (res.status !== 401 || refusal.code === 'LOGIN_FAILED' || refusal.code.startsWith('SIGN_ON_')) touched()
  else sessionEnded('登录已失效,请重新登录;没有填完的内容会保留。')
  return refusal
}

/** newKey names one intention; sent again after a broken line it is carried out once. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

function address(path: string, names: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '' && value !== null) search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${filled}?${text}` : filled
}
