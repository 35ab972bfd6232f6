// For whom a page acts: oneself, or the child or helped person that its address names (?for=<relation>), and with
// as=helper who only helps, and may less than a guardian. It goes along to every page after it.
import { ref, type Ref } from 'vue'
import { onLoad } from '@dcloudio/uni-app'

export interface Whose {
  relation: Ref<string>
  /** helper: one helps somebody grown up, so nothing is shown that only guardians may. */
  helper: Ref<boolean>
  /** asked is what a request adds. */
  asked: () => { subject?: string }
  /** along is what the address of a next page adds. */
  along: () => { for?: string; as?: string }
}

export function useWhose(): Whose {
  const relation = ref(''), helper = ref(false)
  onLoad((q) => { relation.value = String(q?.['for'] ?? ''); helper.value = q?.['as'] === 'helper' })
  return {
    relation, helper,
    asked: () => (relation.value ? { subject: relation.value } : {}),
    along: () => (relation.value ? { for: relation.value, ...(helper.value ? { as: 'helper' } : {}) } : {}),
  }
}
