// Not a test: `make shots` writes a picture of each page in both sizes, for people to look at.
import { readFileSync } from 'node:fs'
import { becomes, binds, checked, elder, front, test } from './citizen'

test.use({ city: 'shots' })

const { pages } = JSON.parse(readFileSync(new URL('../citizen/src/pages.json', import.meta.url), 'utf8')) as { pages: { path: string }[] }

test('a picture of each page', async ({ page, product }) => {
  test.skip(!process.env['SHOTS'], 'make shots')
  test.setTimeout(900_000)
  const shot = async (name: string, size: string) => {
    await page.waitForTimeout(400)
    await page.screenshot({ path: `shots/${size}/${name}.png`, fullPage: true })
  }
  const visit = async (name: string, query = '') => {
    await page.goto('about:blank')
    await page.goto(`${product.api}/m/#/pages/${name}${query}`)
    await front(page).getByRole('main').waitFor()
    await page.waitForLoadState('networkidle')
  }
  await visit('home')
  await shot('home-guest', 'plain')
  const wang = product.resident('wang')
  await becomes(page, product, wang.name)
  await binds(page, product, wang)
  await checked(page, product)
  await product.happens({ kind: 'credit', citizen: 'wang', programme: '41', amount_fen: 66_600 })

  // What a list has first is what its page of one is shown with.
  const first = async (path: string, of: string): Promise<string> => page.evaluate(async ([p, key]) => {
    const r = await fetch(p!)
    if (!r.ok) return ''
    const items = ((await r.json()) as { items?: Record<string, string>[]; cards?: Record<string, string>[] })
    return (items.items ?? items.cards ?? [])[0]?.[key!] ?? ''
  }, [path, of])
  const ones: Record<string, [string, string, string]> = {
    arrival: ['/v1/arrivals', 'arrival_id', 'id'], programme: ['/v1/programmes', 'code', 'code'], outlet: ['/v1/outlets', 'ref', 'ref'], faq: ['/v1/faqs', 'faq_id', 'id'],
    notice: ['/v1/notices', 'notice_id', 'id'], enquiry: ['/v1/enquiries', 'enquiry_id', 'id'], replace: ['/v1/cards', 'card_id', 'card'], loss: ['/v1/cards', 'card_id', 'card'],
  }
  for (const { path } of pages) {
    const name = path.replace('pages/', '')
    const one = ones[name]
    const id = one ? await first(one[0], one[1]) : ''
    const query = one && id ? `?${one[2]}=${encodeURIComponent(id)}` : ''
    await visit(name, query)
    await shot(name, 'plain')
    await elder(page)
    await shot(name, 'elder')
    await front(page).getByRole('switch', { name: '大字长辈版' }).click()
  }
})
