// What is typed into forms outlives the end of a session, in memory only: the page is not reloaded, and whoever logs in
// again finds it. It never reaches a storage, and is gone when somebody else logs in, with a reload, and with its call.
import { reactive } from 'vue'

const drafts = new Map<string, object>()
let owner = ''

/** useDraft is a form's content under a name; the first asker says what it begins with. */
export function useDraft<T extends object>(name: string, fresh: () => T): T {
  let kept = drafts.get(name) as T | undefined
  if (!kept) {
    kept = reactive(fresh()) as T
    drafts.set(name, kept)
  }
  return kept
}

/** clearDraft empties a form for good, and every form whose name begins so. */
export function clearDraft(name: string): void {
  for (const key of [...drafts.keys()]) {
    if (key === name || key.startsWith(`${name}/`)) drafts.delete(key)
  }
}

/** draftsOf hands the drafts to whoever logs in: another person's are thrown away. Reports whether any were kept. */
export function draftsOf(login: string): boolean {
  if (owner !== login) drafts.clear()
  owner = login
  return drafts.size > 0
}
