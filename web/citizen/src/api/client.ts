// One way to the server, typed by the frozen document. In a browser the session is a cookie that no script reads; in a
// mini-program it is a token in the app's own storage.
import type { components, paths } from './schema'
import { Refusal, lineDown, readRefusal, slowLine } from './refusal'
import { readToken, tokenNumber } from './token'

export type Schemas = components['schemas']

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete'
/** The paths of the document that have this verb. */
export type PathsWith<V extends Verb> = { [P in keyof paths]: paths[P][V] extends { responses: unknown } ? P : never }[keyof paths]
type Plain<B> = B extends { readonly $schema?: string } ? Omit<B, '$schema'> : B
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: Plain<B> } : { body?: undefined }
type QueryOf<O> = O extends { parameters: { query: infer Q } } ? { query: Q } : O extends { parameters: { query?: infer Q } } ? { query?: Q } : object
type PathOf<O> = O extends { parameters: { path: infer Q } } ? { path: Q } : object
/** key names one intention; sent again it is carried out once. subject is the person acted for. */
type Ask<O> = PathOf<O> & QueryOf<O> & BodyOf<O> & { key?: string; subject?: string }
type OkCode = 200 | 201 | 202
type JsonOf<R, C extends OkCode> = C extends keyof R ? (R[C] extends { content: { 'application/json': infer B } } ? B : never) : never
export type ReplyOf<O> = O extends { responses: infer R } ? ([JsonOf<R, OkCode>] extends [never] ? undefined : JsonOf<R, OkCode>) : never

/** FileBody is a file as it is sent: its bytes and what they are. */
export interface FileBody { bytes: ArrayBuffer; type: string }

interface RawAsk {
  file?: FileBody
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  key?: string
  subject?: string
}

export const get = async <P extends PathsWith<'get'>>(path: P, ask: Ask<paths[P]['get']>): Promise<ReplyOf<paths[P]['get']>> =>
  (await request('get', path, ask as RawAsk)) as never
export const post = async <P extends PathsWith<'post'>>(path: P, ask: Ask<paths[P]['post']>): Promise<ReplyOf<paths[P]['post']>> =>
  (await request('post', path, ask as RawAsk)) as never
export const put = async <P extends PathsWith<'put'>>(path: P, ask: Ask<paths[P]['put']>): Promise<ReplyOf<paths[P]['put']>> =>
  (await request('put', path, ask as RawAsk)) as never
export const patch = async <P extends PathsWith<'patch'>>(path: P, ask: Ask<paths[P]['patch']>): Promise<ReplyOf<paths[P]['patch']>> =>
  (await request('patch', path, ask as RawAsk)) as never
export async function del<P extends PathsWith<'delete'>>(path: P, ask: Ask<paths[P]['delete']>): Promise<void> {
  await request('delete', path, ask as RawAsk)
}

/** sendFile sends a file as the body of a request; of all requests this one may take longest. */
export const sendFile = (path: string, query: Record<string, unknown>, file: FileBody, key: string, subject?: string): Promise<unknown> =>
  request('post', path, { query, file, key, ...(subject ? { subject } : {}) })

const patience = 20_000 // ms; a village's line is slow, and a loss report waits for the registry for some seconds

let server = ''
// #ifndef H5
server = import.meta.env.VITE_API
// #endif

/** whole is the address of one of the server's paths. */
export const whole = (path: string): string => server + path

/** headers of every request; a mini-program says by them who asks. */
export function credentials(subject?: string): Record<string, string> {
  const h: Record<string, string> = { Accept: 'application/json' }
  if (subject) h['Onecard-For'] = subject
  const token = readToken()
  if (token) h['Authorization'] = `Bearer ${token}`
  return h
}

let ended: () => void = () => undefined
/** onEnded is told when the server no longer knows the session. */
export function onEnded(then: () => void): void { ended = then }
/** heard tells of an end, unless the question was asked before a newer session began. */
function heard(refusal: Refusal, since: number): Refusal {
  if (refusal.code === 'LOGIN_REQUIRED' && since === tokenNumber()) ended()
  return refusal
}

function request(verb: Verb, path: string, { path: names, query, body, file, key, subject }: RawAsk): Promise<unknown> {
  const header = credentials(subject)
  const since = tokenNumber()
  if (body !== undefined) header['Content-Type'] = 'application/json'
  if (file) header['Content-Type'] = file.type
  if (verb !== 'get') header['Idempotency-Key'] = key ?? newKey()
  // No mini-program can send PATCH; the server takes it from a header of a POST.
  if (verb === 'patch') header['X-HTTP-Method-Override'] = 'PATCH'
  return new Promise((answer, refuse) => {
    uni.request({
      url: server + address(path, names, query),
      method: (verb === 'patch' ? 'POST' : verb.toUpperCase()) as UniApp.RequestOptions['method'],
      header, timeout: file ? patience * 3 : patience, dataType: 'text',
      ...(file ? { data: file.bytes } : body === undefined ? {} : { data: JSON.stringify(body) }),
      success: (res) => {
        const read = parse(res.data)
        if (res.statusCode >= 200 && res.statusCode < 300) {
          if (res.statusCode !== 204 && read === undefined) return refuse(readRefusal(res.statusCode, undefined))
          return answer(read)
        }
        return refuse(heard(readRefusal(res.statusCode, read), since))
      },
      fail: (e) => refuse(failed(e, since)),
    })
  })
}

/** failed reads what a platform says of a request that got no answer. Alipay also fails on every refusal; the framework calls
 *  its status statusCode. */
export function failed(e: unknown, since = tokenNumber()): Refusal {
  const said = e as { errMsg?: string; error?: number; status?: number; statusCode?: number; data?: unknown }
  const status = said.statusCode ?? said.status ?? 0
  if (status >= 300 && said.data !== undefined) return heard(readRefusal(status, parse(said.data)), since)
  return /time.?out|超时/i.test(said.errMsg ?? '') || said.error === 13 ? slowLine() : lineDown()
}

export function parse(data: unknown): unknown {
  if (typeof data !== 'string') return data
  if (!data) return undefined
  try { return JSON.parse(data) as unknown } catch { return undefined }
}

/** newKey is unique, not secret: the server binds it to the person and the operation. */
export function newKey(): string {
  const part = () => Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, '0')
  return `${Date.now().toString(16)}-${part()}${part()}${part()}`
}

export function address(path: string, names: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
  const search = Object.entries(query).filter(([, v]) => v !== undefined && v !== '' && v !== null)
    .map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(String(v))}`).join('&')
  return search ? `${filled}?${search}` : filled
}
