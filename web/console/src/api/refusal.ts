// Every refusal carries the server's own sentence, which ends in a way forward, and a code to quote.
import type { components } from './schema'

type Problem = components['schemas']['Problem']

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly fields: Record<string, string>
  readonly facts: Record<string, string>
  readonly requestID: string

  constructor(p: Partial<Problem>) {
    super(p.code ?? 'UNKNOWN')
    this.status = p.status ?? 0
    this.code = p.code ?? 'UNKNOWN'
    this.detail = p.detail ?? noAnswer
    this.fields = Object.fromEntries((p.fields ?? []).map((f) => [f.field, f.message]))
    this.facts = p.facts ?? {}
    this.requestID = p.request_id ?? ''
  }
}

const noAnswer = '系统没有回答,请稍后重试;仍不行的请联系12333技术支持。急需挂失的,引导来电人到社保卡服务网点。'

export function networkRefusal(): Refusal {
  return new Refusal({ code: 'NETWORK', detail: '网络不通,没有收到结果。请检查网络后再按一次,不会重复办理;急需挂失的,引导来电人到社保卡服务网点。' })
}

export async function readRefusal(res: Response): Promise<Refusal> {
  try {
    return new Refusal((await res.json()) as Problem)
  } catch {
    return new Refusal({ status: res.status, code: `HTTP_${res.status}` })
  }
}

/** asRefusal makes a Refusal of whatever was thrown: a mistake of ours is one as well. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  console.error(thrown)
  return new Refusal({ code: 'CONSOLE_ERROR' })
}
