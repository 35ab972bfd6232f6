// useWork runs one thing at a time: what came of it, what was refused, and whether it is under way. A write keeps its key
// while the line is broken, so pressing again does not do it twice.
import { reactive } from 'vue'
import { newKey } from '@/api/client'
import { asRefusal, type Refusal } from '@/api/refusal'

export interface Work {
  busy: boolean
  refusal: Refusal | null
  run: <T>(fn: (key: string) => Promise<T>) => Promise<T | undefined>
  clear: () => void
}

export function useWork(): Work {
  let key = newKey()
  const work: Work = reactive({
    busy: false,
    refusal: null as Refusal | null,
    async run<T>(fn: (key: string) => Promise<T>): Promise<T | undefined> {
      if (work.busy) return undefined
      work.busy = true
      work.refusal = null
      try {
        const got = await fn(key)
        key = newKey()
        return got
      } catch (thrown) {
        work.refusal = asRefusal(thrown)
        if (work.refusal.code !== 'NETWORK' && work.refusal.status < 500) key = newKey()
        return undefined
      } finally {
        work.busy = false
      }
    },
    clear() { work.refusal = null },
  })
  return work
}
