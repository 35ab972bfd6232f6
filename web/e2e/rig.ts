// What every test gets: the running product, a page that fails the test when it asks anybody else or breaks, and an agent.
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { Product, totp, type Member } from './product'

export { expect, totp }
export type { Member }

let hired = 0

export const test = base.extend<{ watched: void; agent: Member }, { product: Product; city: string }>({
  // Files whose people must be as they were at the beginning name a city of their own.
  city: ['', { scope: 'worker', option: true }],
  product: [async ({ city: _ }, use) => {
    const product = await Product.start()
    await use(product)
    await product.stop()
  }, { scope: 'worker' }],

  agent: async ({ product }, use) => {
    const n = ++hired
    await use(await product.enrol(await product.hire(`e2e-agent-${n}`, 'agent'), String(8100 + n)))
  },

  watched: [async ({ page, product }, use) => {
    const strange: string[] = []
    const ours = [`${product.api}/`, ...['oidc', 'alipay', 'wechat'].map((who) => `${product.desk}/${who}/`), 'data:', 'blob:']
    page.on('request', (r) => { if (!ours.some((at) => r.url().startsWith(at))) strange.push(`asked ${r.url()}`) })
    page.on('websocket', (w) => strange.push(`opened ${w.url()}`))
    page.on('pageerror', (e) => strange.push(`broke: ${e.message}`))
    page.on('console', (m) => { if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) strange.push(`complained: ${m.text()}`) })
    page.on('response', (r) => { if (r.status() >= 500) strange.push(`${r.status()} from ${r.url()}`) })
    await use()
    expect(strange).toEqual([])
  }, { auto: true }],
})

/** next is when whoever logged in already logs in again: with the code of the step after, as a phone whose clock is ahead. */
export const next = (): number => Date.now() + 30_000

/** logIn fills the three fields by keyboard and waits for the first page. */
export async function logIn(page: Page, product: Product, who: Member, at = Date.now()): Promise<void> {
  await page.goto(`${product.api}/console/`)
  await expect(page.getByLabel('账号')).toBeFocused()
  await page.keyboard.type(who.login)
  await page.keyboard.press('Tab')
  await page.keyboard.type(who.password)
  await page.keyboard.press('Tab')
  await page.keyboard.type(totp(who.secret, at))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('navigation', { name: '页面' })).toBeVisible()
}

/** logOut waits until the server has closed the session. */
export async function logOut(page: Page): Promise<void> {
  await page.keyboard.press('Alt+q')
  await expect(page.locator('#login')).toBeFocused()
}

/** openCall opens a call from a number by keyboard; the cursor then stands in the field of the name. */
export async function openCall(page: Page, number: string): Promise<void> {
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await page.keyboard.type(number)
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('姓名')).toBeFocused()
}

/** ring has somebody of the city call this agent, who lifts the receiver and goes to the form by key. */
export async function ring(page: Page, product: Product, who: Member, citizen: string): Promise<void> {
  await expect(page.getByLabel('来电号码')).toBeVisible()
  await product.happens({ kind: 'call_in', citizen, extension: who.extension })
  await expect(page.getByTestId('pop')).toContainText('来电')
  await product.happens({ kind: 'call_answer', citizen })
  await expect(page.getByTestId('pop')).toContainText('已接通')
  await page.keyboard.press('Alt+a')
  await expect(page.getByLabel('姓名')).toBeFocused()
}

/** say what the caller says of herself, and have it compared. */
export async function verify(page: Page, name: string, id: string): Promise<void> {
  await page.getByLabel('姓名').focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(name)
  await page.keyboard.press('Tab')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(id)
  await page.keyboard.press('Enter')
}

/** sound fails on anything serious that axe finds, in the whole page or in a part of it. */
export async function sound(page: Page, what: string, part?: string): Promise<void> {
  const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
  if (part) axe.include(part)
  const serious = (await axe.analyze()).violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  expect(serious.map((v) => `${what}: ${v.id} ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).join(' | ')}`)).toEqual([])
}

/** fits fails where a page is wider than its window. */
export async function fits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide, `${what} is wider than its window`).toBeLessThanOrEqual(0)
}

/** keyed fails on a button that shows no shortcut, and on a shortcut of two buttons. In a list the row one stands on shows them. */
export async function keyed(page: Page, what: string, part = 'body'): Promise<void> {
  const found = await page.evaluate((root) => {
    const buttons = Array.from(document.querySelectorAll<HTMLButtonElement>(`${root} button`)).filter((b) => b.checkVisibility() && !b.matches('.unseen, .el-dialog__headerbtn'))
    const keyOf = (b: Element): string => b.getAttribute('aria-keyshortcuts') ?? ''
    const shows = (b: Element): boolean => b.querySelector('kbd')?.checkVisibility() === true
    const list = (b: Element): Element | null | undefined => b.closest('tbody > tr, li, details.faq')?.parentElement
    const bare = buttons.filter((b) => !shows(b) && !buttons.some((o) => shows(o) && list(b) && list(o) === list(b) && keyOf(o) === keyOf(b)) && !(b.querySelector('kbd[hidden]') && list(b)))
    const shown = buttons.filter((b) => shows(b) && !b.disabled).map(keyOf).filter((k) => !['Control+Enter', 'Enter', ''].includes(k))
    const lists = [...new Set(buttons.filter((b) => b.querySelector('kbd')).map(list).filter((l) => l))] as Element[]
    const blind = lists.filter((l) => !buttons.some((b) => list(b) === l && shows(b)))
    return { bare: bare.map((b) => b.innerText), doubled: shown.filter((k, i) => shown.indexOf(k) !== i), blind: blind.length }
  }, part)
  expect(found, `${what}: buttons without a shortcut, shortcuts of two buttons, lists without a row of keys`).toEqual({ bare: [], doubled: [], blind: 0 })
}

// Twice the zoom of a browser on 1366×768 is half of its pixels.
const zoomed = { width: 683, height: 384 }

const pictures = process.env['ONECARD_E2E_PICTURES'] // a folder: what is looked at is kept there for people's eyes

async function picture(page: Page, what: string): Promise<void> {
  if (pictures) await page.screenshot({ path: `${pictures}/${what.replace(/[^\p{L}\p{N}%+]+/gu, '-')}.png`, fullPage: true })
}

/** look is sound and fits in both schemes and at twice the size. */
export async function look(page: Page, what: string, part?: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await sound(page, `${what}, ${scheme}`, part)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await keyed(page, what, part)
  await fits(page, what)
  await picture(page, what)
  await page.setViewportSize(zoomed)
  await fits(page, `${what}, 200 %`)
  await picture(page, `${what}, 200 %`)
  await page.setViewportSize({ width: 1366, height: 768 })
}
