// Server-sent events, read from a fetch: the last event's id goes along when the stream is opened again.
export interface ServerEvent {
  kind: string
  id: number
  data: Record<string, unknown>
}

/** readEvents gives each event to take, in order, until the stream is over. */
export async function readEvents(res: Response, take: (e: ServerEvent) => Promise<void>): Promise<void> {
  const reader = res.body!.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    held += value
    for (let end = held.indexOf('\n\n'); end >= 0; end = held.indexOf('\n\n')) {
      const event = parse(held.slice(0, end))
      held = held.slice(end + 2)
      if (event) await take(event)
    }
  }
}

function parse(block: string): ServerEvent | null {
  let kind = ''
  let id = 0
  let data = ''
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) kind = line.slice(7)
    else if (line.startsWith('id: ')) id = Number(line.slice(4))
    else if (line.startsWith('data: ')) data += line.slice(6)
  }
  return kind ? { kind, id, data: JSON.parse(data || '{}') as Record<string, unknown> } : null
}
