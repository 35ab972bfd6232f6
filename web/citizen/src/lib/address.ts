// Menus, messages and articles link to plain addresses (/m/card, /m/faqs/…). The pages live behind the stroke of a hash, so
// that nothing of a page's own address reaches a server or its log.
import pages from '@/pages.json'

const known = new Set(pages.pages.map((p) => p.path.replace('pages/', '')))
/** The page that shows one of what a list lists, and what it calls its id. */
const details: Record<string, { page: string; as: string }> = {
  faqs: { page: 'faq', as: 'id' },
  outlets: { page: 'outlet', as: 'ref' },
  programmes: { page: 'programme', as: 'code' },
}

/** addressFor is the address behind the hash of /m/<name> or /m/<name>/<id>; home where there is none. */
export function addressFor(path: string, query = ''): string {
  const [name = '', id = ''] = path.replace(/^\/m\/?/, '').split('/')
  const detail = id ? details[name] : undefined
  if (detail && known.has(detail.page)) return `/pages/${detail.page}?${detail.as}=${id}`
  if (name && known.has(name)) return `/pages/${name}${query}`
  return ''
}

export function enterByAddress(): void {
  const { pathname, search, hash } = window.location
  if (pathname === '/m/' && !search) return
  const inside = addressFor(pathname, search)
  window.history.replaceState(null, '', `/m/${inside ? `#${inside}` : hash}`)
}
