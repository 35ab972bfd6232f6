// A card's life in a citizen's hands, by clicking: lost and found again, replaced and paid for, applied for the first time.
import { readFile } from 'node:fs/promises'
import { agrees, becomes, binds, checked, expect, front, look, on, press, test } from './citizen'
import type { Product } from './product'
import type { Page } from '@playwright/test'

test.use({ city: 'card' })

const portrait = new URL('./portrait.jpg', import.meta.url)

async function comes(page: Page, product: Product, key: string, entry: 'wechat_oa' | 'alipay_life' = 'alipay_life'): Promise<void> {
  const who = product.resident(key)
  await becomes(page, product, who.name, entry)
  const me = (await (await page.request.get(`${product.api}/v1/me`)).json()) as { bound: boolean }
  if (!me.bound) await binds(page, product, who)
}

const to = async (page: Page, product: Product, name: string) => { await page.goto(`${product.api}/m/${name}`) }

/** passes the check of the person that the page in front asks for, and is back on that page. */
async function passes(page: Page, title: string): Promise<void> {
  await press(page, /核验本人/)
  await on(page, '核验本人')
  await press(page, '开始人脸核验')
  const pass = page.getByRole('button', { name: '通过', exact: true })
  const read = front(page).getByRole('button', { name: '去阅读告知' })
  await expect(pass.or(read)).toBeVisible()
  if (await read.isVisible()) {
    await read.click()
    await agrees(page)
    await on(page, '核验本人')
    await press(page, '开始人脸核验')
  }
  await pass.click()
  await expect(front(page).getByText('核验通过')).toBeVisible()
  await press(page, '继续')
  await on(page, title)
}

test('R32 R40 R35: a card is lost by three taps, says what is not stopped, and is released by its holder alone', async ({ page, product }) => {
  test.slow()
  await comes(page, product, 'wang')
  await to(page, product, 'card')
  await on(page, '我的社保卡')
  await expect(front(page).getByText('正常')).toHaveCount(2)
  await look(page, 'card')
  await press(page, '挂失社会保障账户')
  await on(page, '挂失')
  await look(page, 'loss')
  await press(page, /^挂失$/)
  // A double tap is one report.
  const asked: string[] = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/v1/loss-reports')) asked.push(r.url()) })
  await page.getByRole('button', { name: '确定挂失' }).dblclick()
  const first = front(page).getByRole('status').first()
  await expect(first).toContainText('社保账户已挂失。银行账户没有停用,请马上拨打')
  expect(asked).toHaveLength(1)
  await expect(front(page).getByRole('button', { name: /^拨打中原银行/ })).toBeVisible()
  await look(page, 'loss reported')

  await press(page, '看我的社保卡')
  await on(page, '我的社保卡')
  await expect(front(page).getByText('已停用(挂失)')).toBeVisible()
  await look(page, 'card that is lost')
  await press(page, '找到卡了,去解挂')
  await on(page, '挂失与解挂')
  await expect(front(page).getByRole('button', { name: '解挂', exact: true })).toHaveCount(0)
  await look(page, 'release')
  await passes(page, '挂失与解挂')
  await press(page, /^解挂$/)
  await page.getByRole('button', { name: '在我手里,解挂' }).click()
  await expect(front(page).getByText('社保账户已解挂,可以正常使用。')).toBeVisible()
  await page.goBack()
  await to(page, product, 'losses')
  await expect(front(page).getByText('已解挂')).toBeVisible()
  await look(page, 'losses')
})

test('R66: while the registry is down a loss is not called done, and the page says so by itself once it is', async ({ page, product }) => {
  await comes(page, product, 'zhang')
  const fault = async (kind: string) => {
    const res = await fetch(`${product.desk}/desk/faults`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ target: 'cards', fault: kind }) })
    expect(res.ok).toBe(true)
  }
  await to(page, product, 'loss')
  await on(page, '挂失')
  await fault('down')
  try {
    await press(page, /^挂失$/)
    await page.getByRole('button', { name: '确定挂失' }).click()
    await expect(front(page).getByRole('status').first()).toContainText('挂失申请已收到,正在确认', { timeout: 20_000 })
    await expect(front(page).getByText('已停用', { exact: true })).toHaveCount(0)
    await expect(front(page).getByText('正在确认', { exact: true })).toBeVisible()
  } finally { await fault('none') }
  await expect(front(page).getByRole('status').first()).toContainText('社保账户已挂失。', { timeout: 45_000 })
  await expect(front(page).getByText('已停用', { exact: true })).toBeVisible()
})

test('R44 R47 R21 R49: a replacement is looked at before it is ordered, paid by somebody else, and given back', async ({ page, product, browser }) => {
  test.slow()
  await comes(page, product, 'zhao')
  await to(page, product, 'replace')
  await on(page, '补换卡')
  await press0(page, '换了单位或参保地(河南省内)')
  await expect(front(page).getByText('不用换卡', { exact: true })).toBeVisible()
  await expect(front(page).getByRole('button', { name: /提交/ })).toHaveCount(0)
  await press0(page, '卡丢了')
  await expect(front(page).getByText('找到后解挂不收费')).toBeVisible()
  await look(page, 'replace')
  await passes(page, '补换卡')
  await expect(front(page).getByRole('radio', { name: /卡丢了/ })).toHaveAttribute('aria-checked', 'true')
  await front(page).getByRole('radiogroup', { name: '选一个领卡网点' }).getByRole('radio').first().click()
  await look(page, 'replace with its outlet')
  await press(page, '先挂失,再提交补卡')
  await page.getByRole('button', { name: '确定提交' }).click()
  await expect(front(page).getByRole('status').first()).toContainText('银行账户没有停用')
  await press(page, /^下一步/)
  await expect(front(page).getByText('付款前请看清楚')).toBeVisible()
  await look(page, 'replacement')
  await press(page, '去支付')
  await on(page, '工本费')
  await press(page, '生成代付链接')
  const link = await front(page).getByText(/#\/pages\/fee-link\?link=/).innerText()
  await look(page, 'fee')

  const other = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })).newPage()
  await comes(other, product, 'chen', 'wechat_oa')
  await other.goto('about:blank')
  await other.goto(link)
  await on(other, '代付工本费')
  await expect(front(other).getByText('16.00元').first()).toBeVisible()
  await expect(front(other).getByText('赵铁柱')).toHaveCount(0)
  await look(other, 'fee of somebody else')
  await press(other, '支付16.00元')
  const [till] = await Promise.all([other.waitForEvent('popup'), press(other, '打开模拟的付款页面')])
  await till.getByRole('button', { name: '立即支付' }).click()
  await expect(till.getByText('支付成功')).toBeVisible()
  await till.close()
  await expect(front(other).getByText('已支付', { exact: true })).toBeVisible({ timeout: 20_000 })
  await other.context().close()

  await page.goBack()
  await on(page, '补换卡')
  await expect(front(page).getByText('已支付', { exact: true })).toBeVisible({ timeout: 20_000 })
  await press(page, '撤回补换卡')
  await page.getByRole('button', { name: '确定撤回' }).click()
  await expect(front(page).getByRole('heading', { name: '已撤回' })).toBeVisible({ timeout: 30_000 })
  await expect(front(page).getByText(/^退付:/)).toBeVisible({ timeout: 20_000 })
  await press(page, '看缴费和退付')
  await on(page, '工本费')
  await expect(front(page).getByText('原因:补换卡已撤回')).toBeVisible()
  await to(page, product, 'replacements')
  await expect(front(page).getByText('已撤回')).toBeVisible()
  await look(page, 'replacements')
})

test('R17 R26 R69 R27: a first card is applied for with a draft that is kept, and put right when it comes back', async ({ page, product }) => {
  test.slow()
  await comes(page, product, 'li')
  await to(page, product, 'apply')
  await on(page, '首次申领')
  await passes(page, '首次申领')
  await expect(front(page).getByText('要准备的材料')).toBeVisible()
  await look(page, 'apply')
  for (;;) {
    const agree = front(page).getByRole('button', { name: '我已读过并单独同意' })
    await expect(agree.or(front(page).getByText('第一步:照片和证件')).first()).toBeVisible()
    if (!(await agree.count())) break
    const left = await agree.count()
    await agree.first().click()
    await expect(agree).toHaveCount(left - 1)
  }
  const good = await readFile(portrait)
  const bad = Buffer.from(await page.evaluate(async () => {
    const c = document.createElement('canvas')
    c.width = 600; c.height = 760
    const g = c.getContext('2d')!
    g.fillStyle = '#2255aa'
    g.fillRect(0, 0, 600, 760)
    return c.toDataURL('image/png').split(',')[1]!
  }), 'base64')
  await gives(page, 0, bad, 'image/png')
  await expect(front(page).getByText(/这张图片有\d处不合格/)).toBeVisible({ timeout: 20_000 })
  await look(page, 'apply with a picture that is not good')
  await gives(page, 0, good, 'image/jpeg')
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(1, { timeout: 20_000 })
  await gives(page, 1, good, 'image/jpeg')
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(2, { timeout: 20_000 })

  // Gone on with elsewhere: nothing of it is on the phone.
  await page.reload()
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(2, { timeout: 20_000 })
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('晓燕')
  await gives(page, 2, good, 'image/jpeg')
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(3, { timeout: 20_000 })
  await front(page).getByRole('radiogroup', { name: '发卡银行' }).getByRole('radio').first().click()
  await front(page).getByRole('radiogroup', { name: '选一个领卡网点' }).getByRole('radio').first().click()
  await expect(front(page).getByText(/^领卡网点:/)).toBeVisible()
  await press(page, '提交申领')
  await on(page, '办卡进度')
  await expect(front(page).getByText('申领已收到', { exact: true })).toBeVisible()
  await look(page, 'application')
  const [sheet] = await Promise.all([page.waitForEvent('download'), press(page, '打开受理凭证(PDF)')])
  expect(sheet.suggestedFilename()).toMatch(/^受理凭证\d{8}-\d+-\d\.pdf$/)

  await expect(front(page).getByRole('heading', { name: '已受理', exact: true })).toBeVisible({ timeout: 30_000 })
  await product.happens({ kind: 'send_back', citizen: 'li', defects: [{ code: 'PHOTO_UNCLEAR' }, { code: 'OUTLET_NOT_AVAILABLE' }] })
  await expect(async () => {
    await to(page, product, 'applications')
    await expect(front(page).getByText('已退回,等待您补正')).toBeVisible({ timeout: 2000 })
  }).toPass({ timeout: 30_000 })
  await press0(page, '看进度')
  await expect(front(page).getByText('需要补正2处')).toBeVisible()
  await press(page, '去补正')
  await on(page, '补正')
  await look(page, 'correct')
  await gives(page, 0, good, 'image/jpeg')
  await expect(front(page).getByText('✓ 已上传')).toHaveCount(1, { timeout: 20_000 })
  await front(page).getByRole('radiogroup', { name: '选一个领卡网点' }).getByRole('radio').nth(1).click()
  await press(page, '提交补正')
  await on(page, '办卡进度')
  await expect(front(page).getByText('需要补正2处')).toHaveCount(0)
  await press(page, '撤回申领')
  await page.getByRole('button', { name: '确定撤回' }).click()
  await expect(front(page).getByRole('heading', { name: '已撤回' })).toBeVisible({ timeout: 30_000 })
})

/** press0 presses a choice or a line by its name. */
async function press0(page: Page, name: string): Promise<void> {
  await front(page).getByRole('radio', { name }).or(front(page).getByRole('link', { name })).first().click()
}

/** gives the nth picture that the page asks for, from the album. */
async function gives(page: Page, nth: number, body: Buffer, type: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await front(page).getByRole('button', { name: /^从相册/ }).nth(nth).click()
  await (await chooser).setFiles({ name: 'picture', mimeType: type, buffer: body })
}

test('R32 R35 R67: who helps somebody reports her card lost, and cannot release it', async ({ page, product, browser }) => {
  test.slow()
  const helper = product.resident('zhao')
  const says = async (at: Page, path: string, body: unknown) => {
    const done = await at.evaluate(async ([p, b]) => {
      const r = await fetch(p!, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `e2e-${Date.now()}-helper` }, body: b! })
      return { status: r.status, body: (await r.json()) as Record<string, string> }
    }, [path, JSON.stringify(body)] as const)
    expect(done.status, JSON.stringify(done.body)).toBeLessThan(300)
    return done.body
  }
  const hers = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })).newPage()
  await comes(hers, product, 'zhao') // who is to help is bound first
  await comes(page, product, 'wang')
  await checked(page, product)
  const { relation_id: relation } = await says(page, '/v1/helpers', { name: helper.name, id_number: helper.id })

  await checked(hers, product)
  await says(hers, `/v1/helpers/${relation}/acceptance`, {})
  await to(hers, product, 'loss')
  await on(hers, '挂失')
  await press(hers, '替家人挂失')
  await press0(hers, '家人 王')
  await expect(front(hers).getByText('正在为家人办理。')).toBeVisible()
  await look(hers, 'loss for somebody')
  await press(hers, /^挂失$/)
  await hers.getByRole('button', { name: '确定挂失' }).click()
  await expect(front(hers).getByText(/社保账户已挂失。银行账户没有停用/)).toBeVisible()
  await press(hers, '看我的社保卡')
  await expect(front(hers).getByText('已停用(挂失)')).toBeVisible()
  await expect(front(hers).getByRole('button', { name: /去解挂/ })).toHaveCount(0)
  await press(hers, '看这次挂失')
  await expect(front(hers).getByText(/解挂要持卡人本人办理/)).toBeVisible()
  await hers.context().close()

  await to(page, product, 'card')
  await expect(front(page).getByText('已停用(挂失)')).toBeVisible()
})
