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
      if (mine !== asked) return
      problem.value = asRefusal(e)
      // Whose session is over has nothing left on the screen.
      if (problem.value.code === 'LOGIN_REQUIRED') data.value = null
    } finally {
      if (mine === asked) loading.value = false
    }
  }
  return { data, loading, problem, load }
}

export interface Acting {
  busy: Ref<boolean>
  problem: ShallowRef<Refusal | null>
  /** act carries out what it does; what is said beside it tells one intention from another. */
  act: <T>(does: (key: string) => Promise<T>, what?: unknown) => Promise<T | undefined>
}

/** useAct carries an intention out once: a second tap is nothing, and a repeat after a broken line has the first one's key. */
export function useAct(): Acting {
  const busy = ref(false)
  const problem = shallowRef<Refusal | null>(null)
  let key = '', meant = ''
  const act = async <T>(does: (key: string) => Promise<T>, what?: unknown): Promise<T | undefined> => {
    if (busy.value) return undefined
    busy.value = true
    problem.value = null
    // What was changed after a broken line is another intention, so it has another key.
    const means = what === undefined ? '' : JSON.stringify(what)
    if (means !== meant) key = ''
    meant = means
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
