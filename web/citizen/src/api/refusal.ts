// What the server refuses, as it says it: a sentence in Chinese with a way forward, fields, and facts beside it.
export interface FieldRefusal {
  field: string
  code: string
  message: string
}

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldRefusal[] = [],
    readonly facts: Record<string, unknown> = {},
    readonly requestId = '',
  ) {
    super(code)
  }

  /** unsure: the server may have done what was asked, so the same key has to be sent again. */
  get unsure(): boolean {
    return this.status === 0 || this.status >= 500 || this.code === 'REQUEST_IN_PROGRESS' || this.code === 'OUTCOME_UNKNOWN'
  }

  of(field: string): string {
    return this.fields.find((f) => f.field === field || f.field === `body.${field}`)?.message ?? ''
  }
}

export const lineDown = (): Refusal => new Refusal(0, 'NO_LINE', '网络没有连上。填好的内容还在,请稍后再试;急着挂失请拨打12333。')
export const slowLine = (): Refusal => new Refusal(0, 'SLOW_LINE', '网络太慢,还没有等到答复。请再试一次,不会重复办理;急着挂失请拨打12333。')

const unread = (status: number): Refusal =>
  new Refusal(status, 'UNREADABLE', '系统暂时没有答复,请稍后再试;也可以拨打12333。')

/** readRefusal takes a problem body; anything else becomes a sentence that helps as well. */
export function readRefusal(status: number, body: unknown): Refusal {
  const b = body as Partial<Record<'code' | 'detail' | 'request_id', string>> & { fields?: FieldRefusal[]; facts?: Record<string, unknown> }
  if (!b || typeof b !== 'object' || typeof b.code !== 'string' || typeof b.detail !== 'string') return unread(status)
  return new Refusal(status, b.code, b.detail, b.fields ?? [], b.facts ?? {}, b.request_id ?? '')
}

export const asRefusal = (e: unknown): Refusal => (e instanceof Refusal ? e : unread(0))
