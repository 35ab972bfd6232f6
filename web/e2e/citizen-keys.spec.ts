import { becomes, binds, checked, expect, front, on, test, type Resident } from './citizen'
import type { Page } from '@playwright/test'

test.use({ city: 'keys' })

/** reach goes on by Tab until the cursor stands on what is called so. */
async function reach(page: Page, name: string | RegExp): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
    if (typeof name === 'string' ? at.trim() === name : name.test(at)) return
  }
  throw new Error(`${String(name)} cannot be reached by Tab`)
}

test('by keyboard alone: log-in, loss, arrivals', async ({ page, product }) => {
  test.setTimeout(180_000)
  const someone: Resident = product.resident('zhang')
  await page.goto(`${product.api}/m/`)
  await on(page, '社会保障卡一卡通')
  await reach(page, '登录')
  await page.keyboard.press('Enter')
  await on(page, '登录')
  await reach(page, '支付宝登录')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: someone.name }).first().focus()
  await page.keyboard.press('Enter')
  await on(page, '社会保障卡一卡通')
  await binds(page, product, someone)

  await reach(page, /^挂失/)
  await page.keyboard.press('Enter')
  await on(page, '挂失')
  await reach(page, '挂失')
  await page.keyboard.press(' ')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Enter')
  await reach(page, '确定挂失')
  await page.keyboard.press('Enter')
  await expect(front(page).getByText('受理编号')).toBeVisible()

  await checked(page, product)
  await page.goto(`${product.api}/m/`)
  await on(page, '社会保障卡一卡通')
  await reach(page, /补贴到账/)
  await page.keyboard.press('Enter')
  await on(page, '补贴到账')
  await expect(front(page).getByText(/元|没有查到/).first()).toBeVisible()
})

test('arrivals stand within a second and a half on a slow 4G line', async ({ page, product, context }) => {
  test.setTimeout(180_000)
  const zhao: Resident = product.resident('zhao')
  await becomes(page, product, zhao.name)
  await binds(page, product, zhao)
  await checked(page, product)
  await product.happens({ kind: 'credit', citizen: zhao.key, programme: '41', amount_fen: 66_600 })
  await expect(async () => {
    await page.goto('about:blank')
    await page.goto(`${product.api}/m/arrivals`)
    await expect(front(page).getByText('666.00元')).toBeVisible({ timeout: 2000 })
  }).toPass({ timeout: 30_000 })
  const line = await context.newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1.6 * 1024 * 1024 / 8, uploadThroughput: 750 * 1024 / 8 })
  await line.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.addInitScript(() => {
    new PerformanceObserver((l) => { for (const e of l.getEntries()) (window as unknown as { painted: number }).painted = e.startTime }).observe({ type: 'largest-contentful-paint', buffered: true })
  })
  const times: number[] = []
  for (let n = 0; n < 3; n++) {
    await page.goto('about:blank')
    await page.goto(`${product.api}/m/arrivals`)
    await expect(front(page).getByText(/\d+\.\d{2}元/).first()).toBeVisible()
    times.push(await page.evaluate(() => (window as unknown as { painted: number }).painted))
  }
  console.log(`largest contentful paint of arrivals: ${times.map(Math.round).join(', ')} ms`)
  expect(Math.min(...times)).toBeLessThanOrEqual(1500)
})
