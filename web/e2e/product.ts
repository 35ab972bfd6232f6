// The product under test: a real `onecard dev` on free ports with a folder of its own, and staff made by the operator's
// command, one for each test, because the code of an authenticator opens one session only.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const binary = process.env['ONECARD_E2E_BIN'] ?? new URL('../../bin/onecard-e2e', import.meta.url).pathname

const looksPerHour = 20

/** partner is a department's district without a log-in, with the key that it shares with us. */
export const partner = { programme: 'P28', department: '民政局', district: '410328', key: Buffer.alloc(32, 7).toString('hex') }

export interface Member {
  login: string
  password: string
  secret: string
  recovery?: string[]
  extension?: string
}

export class Product {
  /** looksPerHour is how often an agent looks at callers within an hour before a supervisor reads of it. */
  readonly looksPerHour = looksPerHour

  private readonly read = new Map<string, string>()

  private constructor(readonly api: string, readonly desk: string, private readonly dir: string, private readonly process: ChildProcess, private readonly printed: string) {}

  static async start(): Promise<Product> {
    const dir = await mkdtemp(join(tmpdir(), 'onecard-e2e-'))
    await writeFile(join(dir, 'onecard.yaml'), `orders: {districts: [{department: ${partner.department}, district: '${partner.district}', key: '${partner.key}'}]}\n`)
    await writeFile(join(dir, 'partner.key'), partner.key)
    const started = spawn(binary, ['dev'], { env: { ...environment(dir) }, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    started.stdout.setEncoding('utf8').on('data', (text: string) => { printed += text })
    let failed = ''
    started.stderr.setEncoding('utf8').on('data', (text: string) => { failed = (failed + text).slice(-4000) })
    const until = Date.now() + 60_000
    while (!printed.includes('Stop with Ctrl-C.')) {
      if (started.exitCode !== null || Date.now() > until) throw new Error(`onecard dev did not start:\n${printed}\n${failed}`)
      await new Promise((r) => setTimeout(r, 50))
    }
    const api = /API\s+(http:\S+)/.exec(printed)?.[1]
    const desk = /The desk\s+(http:\S+)/.exec(printed)?.[1]
    if (!api || !desk || !/Console\s+http/.test(printed)) throw new Error(`not what was to be tested:\n${printed}`)
    return new Product(api, desk, dir, started, printed)
  }

  async stop(): Promise<void> {
    const ended = new Promise((r) => this.process.once('exit', r))
    this.process.kill('SIGTERM')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(timer)
    await rm(this.dir, { recursive: true, force: true })
  }

  /** demo is a member of staff whom the start announces. */
  demo(login: string): Member {
    const line = new RegExp(`${login}\\s+password (\\S+)\\s+TOTP secret (\\S+)`).exec(this.printed)
    if (!line) throw new Error(`${login} was not announced`)
    return { login, password: line[1]!, secret: line[2]! }
  }

  /** resident is somebody of the city whom the start announces. */
  resident(key: string): { key: string; name: string; id: string; phone: string } {
    const line = new RegExp(`^ {4}${key}\\s+(\\S+)\\s+(\\d{17}[\\dX])\\s+(\\d{11})$`, 'm').exec(this.printed)
    if (!line) throw new Error(`${key} was not announced`)
    return { key, name: line[1]!, id: line[2]!, phone: line[3]! }
  }

  /** hire makes a member of staff as an operator does. */
  async hire(login: string, roles: string, ...more: string[]): Promise<Member> {
    const { stdout } = await promisify(execFile)(binary, ['staff', 'add', login, '--name', '测试坐席', '--roles', roles, ...more], { env: environment(this.dir) })
    const password = /^one-time password\s+(\S+)/m.exec(stdout)?.[1]
    if (!password) throw new Error(`onecard staff add said:\n${stdout.replace(/\S{16,}/g, '…')}`)
    return { login, password, secret: '' }
  }

  /** signed is a file of answers under the partner's key, as its program writes it. */
  async signed(lines: unknown[]): Promise<string> {
    const file = join(this.dir, 'answers.jsonl')
    await writeFile(file, lines.map((l) => JSON.stringify(l)).join('\n') + '\n')
    const out = join(this.dir, 'signed.jsonl')
    await promisify(execFile)(binary, ['orders', 'sign', file, '--key-file', join(this.dir, 'partner.key'), '--out', out], { env: environment(this.dir) })
    return out
  }

  /** enrol takes a newcomer through the enrolment by the API, and gives her a telephone if she takes calls. */
  async enrol(newcomer: Member, extension?: string): Promise<Member> {
    const left = 30_000 - (Date.now() % 30_000)
    if (left < 4000) await new Promise((r) => setTimeout(r, left)) // the code of the step before is one step old while it is used
    const begun = await this.send('/agent/v1/enrolments', { login: newcomer.login, password: newcomer.password })
    const secret = String(begun['secret'])
    const password = 'Browser-12333-Desk'
    const confirmed = await this.send('/agent/v1/enrolments/confirmation', { login: newcomer.login, password: newcomer.password, new_password: password, code: totp(secret, Date.now() - 30_000) })
    if (extension) await promisify(execFile)(binary, ['staff', 'extension', newcomer.login, extension], { env: environment(this.dir) })
    return { login: newcomer.login, password, secret, recovery: confirmed['recovery_codes'] as string[], ...(extension ? { extension } : {}) }
  }

  private async send(path: string, body: unknown): Promise<Record<string, unknown>> {
    const res = await fetch(this.api + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`)
    return (await res.json()) as Record<string, unknown>
  }

  /** code is the newest one that was texted to somebody of the city and not read yet, as she reads it on her phone. */
  async code(citizen: string): Promise<string> {
    for (let n = 0; n < 100; n++) {
      const got = /"code":"(\d{4,8})"/.exec(await (await fetch(`${this.desk}/desk/messages?citizen=${citizen}`)).text())?.[1]
      if (got && this.read.get(citizen) !== got) {
        this.read.set(citizen, got)
        return got
      }
      await new Promise((r) => setTimeout(r, 100))
    }
    throw new Error(`${citizen} got no code`)
  }

  /** happens makes something happen in the pretend world, and says what came of it. */
  async happens(event: Record<string, unknown>): Promise<Record<string, string>> {
    const res = await fetch(`${this.desk}/desk/events`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) })
    if (!res.ok) throw new Error(`the desk refused: ${await res.text()}`)
    return (await res.json()) as Record<string, string>
  }
}

function environment(dir: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'], HOME: dir, ONECARD_MODE: 'dev', ONECARD_DATA_DIR: dir, ONECARD_CONFIG: join(dir, 'onecard.yaml'), ONECARD_HTTP_ADDR: '127.0.0.1:0', ONECARD_SANDBOX_ADDR: '127.0.0.1:0',
    ONECARD_LOG_LEVEL: 'warn', ONECARD_HTTP_LIMITS_READS: '6000', ONECARD_HTTP_LIMITS_WRITES: '600', ONECARD_CALLS_LOOK_UPS_PER_HOUR: String(looksPerHour),
  }
}

/** totp is what an authenticator shows: SHA-1, 30 seconds, six digits (RFC 6238). */
export function totp(secret: string, at = Date.now()): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(step).digest()
  const code = (mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000
  return String(code).padStart(6, '0')
}
