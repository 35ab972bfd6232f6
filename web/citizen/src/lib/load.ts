// What every page does: ask and show, or act once and say what came of it.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { newKey } from '@/api/client'
import { asRefusal, type Refusal } from '@/api/refusal'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  loading: Ref<boolean>
  problem: ShallowRef<Refusal | null>
  load: () => Promise<void>
}

/** useLoad asks by load(). What is shown stays while it is asked again; of two answers the later question's counts. */
export function useLoad<T>(ask: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const loading = ref(false)
  const problem = shallowRef<Refusal | null>(null)
  let asked = 0
  const load = async () => {
    const mine = ++asked
    loading.value = true
    try {
      const got = await ask()
      if (mine !== asked) return
      data.value = got
      problem.value = null
    } catch (e) {
      if (mine === asked) problem.value = asRefusal(e)
    } finally {
      if (mine === asked) loading.value = false
    }
  }
  return { data, loading, problem, load }
}

export interface Acting {
  busy: Ref<boolean>
  problem: ShallowRef<Refusal | null>
  act: <T>(does: (key: string) => Promise<T>) => Promise<T | undefined>
}

/** useAct carries an intention out once: a second tap is nothing, and a repeat after a broken line has the first one's key. */
export function useAct(): Acting {
  const busy = ref(false)
  const problem = shallowRef<Refusal | null>(null)
  let key = ''
  const act = async <T>(does: (key: string) => Promise<T>): Promise<T | undefined> => {
    if (busy.value) return undefined
    busy.value = true
    problem.value = null
    key ||= newKey()
    try {
      const done = await does(key)
      key = ''
      return done
    } catch (e) {
      const refusal = asRefusal(e)
      if (!refusal.unsure) key = ''
      problem.value = refusal
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, act }
}
