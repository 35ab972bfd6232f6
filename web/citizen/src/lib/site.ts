// Who runs this service, as its operator has set it: asked once a visit.
import { reactive } from 'vue'
import { get, type Schemas } from '@/api/client'

export const site = reactive<Schemas['SiteReply']>({ organiser: '', filing: '', icp: '', hotline: '12333', pretend: false, entries: [] })

let asked: Promise<void> | undefined
export function readSite(): Promise<void> {
  asked ??= get('/v1/site', {}).then((s) => { Object.assign(site, s) }, () => { asked = undefined })
  return asked
}
