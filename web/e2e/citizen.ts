// What tests of the citizens' pages get: a phone's window, somebody of the city who logged in by the platform's own page, and
// a page that fails the test when it asks anybody but us and the pretend platforms, or breaks.
import { expect, type Page } from '@playwright/test'
import { sound, test as base } from './rig'
import type { Product } from './product'

export { expect }
export type Entry = 'wechat_oa' | 'alipay_life'

const phone = { width: 390, height: 844 }

export const test = base.extend({
  viewport: async ({}, use) => { await use(phone) },
})

const doors: Record<Entry, string> = { wechat_oa: '微信登录', alipay_life: '支付宝登录' }

/** pressed presses what a citizen sees by that name on the page that is in front. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await page.locator('uni-page:visible').getByRole('button', { name }).last().click()
}

/** front is the page that is in front; those behind it stay in the document. */
export const front = (page: Page) => page.locator('uni-page:visible')

/** heading waits for a page by its title. */
export async function on(page: Page, title: string | RegExp): Promise<void> {
  await expect(front(page).getByRole('heading', { level: 1, name: title })).toBeVisible()
}

/** becomes logs in as somebody of the city, by the pretend platform's page. */
export async function becomes(page: Page, product: Product, name: string, entry: Entry = 'alipay_life'): Promise<void> {
  await page.goto(`${product.api}/m/`)
  await on(page, '社会保障卡一卡通')
  await press(page, '登录')
  await on(page, '登录')
  await press(page, doors[entry])
  await page.getByRole('link', { name }).first().click()
  await on(page, '社会保障卡一卡通')
  await expect(front(page).getByRole('heading', { name: '登录后办理' })).toHaveCount(0)
}

export interface Resident { key: string; name: string; id: string; phone: string }

/** agrees reads a text and agrees to it, on the page of consents. */
export async function agrees(page: Page): Promise<void> {
  await on(page, '告知与同意')
  await press(page, /我已读过/)
}

/** binds by the code that is texted to the phone on file. */
export async function binds(page: Page, product: Product, who: Resident): Promise<void> {
  await page.goto(`${product.api}/m/bind`)
  await on(page, '实名绑定')
  await press(page, '阅读告知')
  await agrees(page)
  await on(page, '实名绑定')
  await front(page).getByLabel('姓名').fill(who.name)
  await front(page).getByLabel('身份证号码').fill(who.id)
  await front(page).getByLabel('社保登记的手机号').fill(who.phone)
  await press(page, '发送验证码')
  await front(page).getByLabel('短信验证码').fill(await product.code(who.key))
  await press(page, '完成绑定')
  await on(page, '社会保障卡一卡通')
}

/** checked makes the session fresh by the pretend platform's own page. */
export async function checked(page: Page, product: Product): Promise<void> {
  await page.goto(`${product.api}/m/check`)
  await on(page, '核验本人')
  await press(page, '开始人脸核验')
  const asked = front(page).getByRole('button', { name: '去阅读告知' })
  const passes = page.getByRole('button', { name: '通过', exact: true })
  await expect(asked.or(passes)).toBeVisible()
  if (await asked.isVisible()) {
    await press(page, '去阅读告知')
    await agrees(page)
    await on(page, '核验本人')
    await press(page, '开始人脸核验')
  }
  await passes.click()
  await on(page, '核验本人')
  await expect(front(page).getByText('核验通过')).toBeVisible()
}

/** elder switches to the large display. */
export async function elder(page: Page): Promise<void> {
  await front(page).getByRole('switch', { name: '大字长辈版' }).click()
  await expect(front(page).getByRole('switch', { name: '大字长辈版' })).toHaveAttribute('aria-checked', 'true')
}

/** fits fails where something is wider than the phone, or too small for a finger. */
export async function fits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide, `${what} is wider than the phone`).toBeLessThanOrEqual(0)
  const small = await front(page).locator('[role="button"], [role="link"], [role="checkbox"], [role="radio"], [role="switch"]').evaluateAll((all) => all
    .map((e) => ({ name: e.getAttribute('aria-label') ?? e.textContent ?? '', box: e.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5)).map(({ name, box }) => `${name} ${Math.round(box.width)}×${Math.round(box.height)}`))
  expect(small, `${what}: too small for a finger`).toEqual([])
}

/** look is what every page has to stand: nothing serious for axe, and it fits, in both sizes. */
export async function look(page: Page, what: string): Promise<void> {
  await sound(page, what)
  await fits(page, what)
  await elder(page)
  await sound(page, `${what}, elder`)
  await fits(page, `${what}, elder`)
  await front(page).getByRole('switch', { name: '大字长辈版' }).click()
}
