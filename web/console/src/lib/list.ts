// useList is a list that the server gives page by page, under a cursor that belongs to its filter.
import { reactive, type UnwrapNestedRefs } from 'vue'
import { asRefusal, type Refusal } from '@/api/refusal'

export interface Page<T> {
  items: T[] | null
  next_cursor?: string
}
export interface List<T> {
  items: T[]
  next: string
  busy: boolean
  loaded: boolean
  refusal: Refusal | null
  load: () => Promise<void>
  more: () => Promise<void>
}

export function useList<T>(fetchPage: (cursor: string) => Promise<Page<T>>): UnwrapNestedRefs<List<T>> {
  let asked = 0
  async function step(cursor: string): Promise<void> {
    const mine = ++asked // an older answer must not overwrite a newer filter's
    list.busy = true
    list.refusal = null
    try {
      const page = await fetchPage(cursor)
      if (mine !== asked) return
      const found = (page.items ?? []) as typeof list.items
      list.items = cursor ? [...list.items, ...found] : found
      list.next = page.next_cursor ?? ''
      list.loaded = true
    } catch (thrown) {
      if (mine === asked) list.refusal = asRefusal(thrown)
    } finally {
      if (mine === asked) list.busy = false
    }
  }
  const list = reactive<List<T>>({
    items: [], next: '', busy: false, loaded: false, refusal: null,
    load: () => step(''),
    more: async () => { if (list.next) await step(list.next) },
  })
  return list
}
