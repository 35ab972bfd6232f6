// The districts of the city, as the server names them. Until it has answered a code stands for its name.
import { computed, ref } from 'vue'
import { get, type Schemas } from '@/api/client'

const all = ref<Schemas['DistrictReply'][]>([])
let asked: Promise<void> | null = null

/** loadDistricts asks once; after a broken line it is tried again with the next page. */
export function loadDistricts(): Promise<void> {
  asked ??= get('/v1/districts', {}).then((reply) => { all.value = reply.items }, () => { asked = null })
  return asked
}

/** districtsNow are those of today, for whoever chooses one. */
export const districtsNow = computed(() => all.value.filter((d) => !d.now))
/** districtsEver has the former ones too, which numbers still name. */
export const districtsEver = computed(() => all.value.map((d) => ({ code: d.code, name: d.now ? `${d.name}(原)` : d.name })))
export const districtName = (code?: string): string => districtsEver.value.find((d) => d.code === code)?.name ?? code ?? ''
