// For whom a page acts: oneself, or the child or helped person that its address names (?for=<relation>). It goes along to
// every page after it.
import { ref, type Ref } from 'vue'
import { onLoad } from '@dcloudio/uni-app'

export interface Whose {
  relation: Ref<string>
  /** asked is what a request adds. */
  asked: () => { subject?: string }
  /** along is what the address of a next page adds. */
  along: () => { for?: string }
}

export function useWhose(): Whose {
  const relation = ref('')
  onLoad((q) => { relation.value = String(q?.['for'] ?? '') })
  return {
    relation,
    asked: () => (relation.value ? { subject: relation.value } : {}),
    along: () => (relation.value ? { for: relation.value } : {}),
  }
}
