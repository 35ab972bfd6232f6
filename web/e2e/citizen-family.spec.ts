// What is done for a child is the child's: her consents, her draft. And what a session leaves behind when it ends: nothing.
import { readFile } from 'node:fs/promises'
import { becomes, binds, checked, expect, front, on, press, test } from './citizen'
import type { Product } from './product'
import type { Page } from '@playwright/test'

const portrait = new URL('./portrait.jpg', import.meta.url)

async function comes(page: Page, product: Product, key: string): Promise<void> {
  const who = product.resident(key)
  await becomes(page, product, who.name)
  const me = (await (await page.request.get(`${product.api}/v1/me`)).json()) as { bound: boolean }
  if (!me.bound) await binds(page, product, who)
}

test('R53 R23: a guardian applies for a child: she agrees for the child, and the picture is taken', async ({ page, product }) => {
  test.slow()
  const child = '智小满'
  const born = await product.happens({ kind: 'child', citizen: 'chen', name: child, born: '2018-05-20' })
  await comes(page, product, 'chen')
  await checked(page, product)
  await page.goto(`${product.api}/m/dependants`)
  await on(page, '替孩子办')
  await front(page).getByLabel('孩子姓名').fill(child)
  await front(page).getByLabel('孩子身份证号码').fill(born['id_number']!)
  await press(page, /^添加$/)
  await expect(front(page).getByText('可以代办')).toBeVisible()
  await front(page).getByRole('link', { name: '申领社保卡' }).first().click()
  await on(page, '首次申领')
  for (;;) {
    const agree = front(page).getByRole('button', { name: '我已读过并单独同意' })
    await expect(agree.or(front(page).getByText('第一步:照片和证件')).first()).toBeVisible()
    const left = await agree.count()
    if (!left) break
    await agree.first().click()
    await expect(agree).toHaveCount(left - 1)
  }
  const chooser = page.waitForEvent('filechooser')
  await front(page).getByRole('button', { name: /^从相册/ }).first().click()
  await (await chooser).setFiles({ name: 'picture', mimeType: 'image/jpeg', buffer: await readFile(portrait) })
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(1, { timeout: 20_000 })
  // She has agreed to nothing for herself by it.
  const own = (await (await page.request.get(`${product.api}/v1/me/consents`)).json()) as { items: { purpose: string; given: boolean }[] }
  expect(own.items.find((c) => c.purpose === 'id_images')?.given).toBe(false)
})

test('R52: when a session has ended its card is no longer on the screen', async ({ page, product }) => {
  await comes(page, product, 'wang')
  await page.goto(`${product.api}/m/card`)
  await on(page, '我的社保卡')
  await expect(front(page).getByText('社会保障账户', { exact: true })).toBeVisible()
  await front(page).getByRole('link', { name: /^挂失记录/ }).click()
  await on(page, '挂失记录')
  await page.context().clearCookies()
  await page.goBack()
  await on(page, '我的社保卡')
  await expect(front(page).getByRole('button', { name: '去登录' })).toBeVisible()
  await expect(front(page).getByText('社会保障账户', { exact: true })).toHaveCount(0)
})
