// A list that pages on: the first page is asked for by load(), the next ones by further(), and what is shown stays.
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { asRefusal, type Refusal } from '@/api/refusal'
import { useLoad, type Loaded } from './load'

export interface Paged<B extends { items: unknown[]; next_cursor: string }> extends Loaded<B> {
  items: ComputedRef<B['items'][number][]>
  more: ComputedRef<boolean>
  fetching: Ref<boolean>
  stuck: ShallowRef<Refusal | null>
  further: () => Promise<void>
}

export function usePaged<B extends { items: unknown[]; next_cursor: string }>(ask: (cursor: string) => Promise<B>): Paged<B> {
  const rest = shallowRef<B[]>([])
  const fetching = ref(false)
  const stuck = shallowRef<Refusal | null>(null)
  let round = 0
  const first = useLoad(async () => {
    const mine = ++round
    const page = await ask('')
    if (mine === round) { rest.value = []; stuck.value = null }
    return page
  })
  const last = () => rest.value[rest.value.length - 1] ?? first.data.value
  const further = async () => {
    const cursor = last()?.next_cursor
    if (!cursor || fetching.value) return
    const mine = round
    fetching.value = true
    stuck.value = null
    try {
      const page = await ask(cursor)
      if (mine === round) rest.value = [...rest.value, page]
    } catch (e) {
      if (mine === round) stuck.value = asRefusal(e)
    } finally {
      fetching.value = false
    }
  }
  // What was shown to a session goes with it, further pages too.
  const items = computed(() => (first.data.value ? [first.data.value, ...rest.value] : []).flatMap((p) => p.items) as B['items'][number][])
  return { ...first, items, more: computed(() => Boolean(last()?.next_cursor)), fetching, stuck, further }
}
