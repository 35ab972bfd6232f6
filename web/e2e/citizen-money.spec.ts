// What a citizen sees of money, and what is open to everybody, at a phone's size.
import type { Page } from '@playwright/test'
import { expect, fits, sound, test } from './rig'
import type { Product } from './product'

test.use({ viewport: { width: 390, height: 844 } })
test.describe.configure({ timeout: 150_000 })

const people = { wang: ['王建国', '410303198001010015'], zhao: ['赵铁柱', '410325197211230570'], chen: ['陈玉兰', '410327198409100488'] } as const
type Key = keyof typeof people

/** becomes logs this browser in as somebody of the city, bound and checked just now; the pretend platform's pages are asked beside the page. */
async function becomes(page: Page, product: Product, who: Key): Promise<void> {
  const [name, id] = people[who]
  const say = async (path: string, data?: unknown): Promise<Record<string, unknown>> => {
    const res = await page.request.post(product.api + path, { headers: { 'Idempotency-Key': `e2e-${Date.now()}-${Math.random()}`, Origin: product.api }, ...(data === undefined ? {} : { data }) })
    expect(res.ok(), `${path}: ${res.status()} ${await res.text()}`).toBe(true)
    return (await res.json()) as Record<string, unknown>
  }
  const { url } = await say('/v1/authorizations', { platform: 'alipay_life' })
  const doors = await (await page.request.get(String(url))).text()
  const door = new RegExp(`href="([^"]+)">${name}`).exec(doors)?.[1]?.replaceAll('&amp;', '&')
  expect(door, 'a door for the citizen').toBeTruthy()
  await page.request.get(new URL(door!, String(url)).href)
  const texts = (await (await page.request.get(`${product.api}/v1/me/consents`)).json()) as { items: { purpose: string; version: string }[] }
  for (const t of texts.items.filter((x) => x.purpose === 'privacy_notice' || x.purpose === 'face')) await say('/v1/me/consents', { purpose: t.purpose, version: t.version })
  const me = (await (await page.request.get(`${product.api}/v1/me`)).json()) as { bound: boolean }
  const check = me.bound ? await say('/v1/me/checks') : await say('/v1/me/binding/checks', { name, id_number: id })
  const face = await fetch(`${product.desk}/desk/face`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ citizen: who, passed: true }) })
  expect(face.ok).toBe(true)
  await say(`/v1/me/checks/${String(check['check_id'])}/finish`)
}

async function open(page: Page, product: Product, at: string, title: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(`${product.api}/m/#/pages/${at}`)
  await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible()
}

/** fine looks at a page in both sizes of type. */
async function fine(page: Page, what: string): Promise<void> {
  await expect(page.getByText('正在打开,请稍候…')).toHaveCount(0)
  await sound(page, what)
  await fits(page, what)
  await page.getByRole('switch', { name: '大字长辈版' }).click()
  await sound(page, `${what}, large`)
  await fits(page, `${what}, large`)
  await page.getByRole('switch', { name: '大字长辈版' }).click()
}

const top = (page: Page) => page.locator('uni-page').last()
const row = (page: Page, name: string) => top(page).getByRole('link').filter({ hasText: name }).first()
const press = (page: Page, name: string) => top(page).getByRole('button', { name }).first().click()

test('R3: arrivals of late, by year and by programme, one payment with its way, the statement that a stranger verifies', async ({ page, product }) => {
  await becomes(page, product, 'wang')
  const asked: string[] = []
  page.on('request', (r) => { if (r.url().includes('/v1/arrivals')) asked.push(r.url().replace(product.api, '')) })
  await open(page, product, 'arrivals', '补贴到账')
  await expect(row(page, '就业补助')).toContainText('1,130.00元')
  await expect(row(page, '就业补助')).toContainText('已到账')
  expect(asked).toEqual(['/v1/arrivals']) // the first view is one question
  await fine(page, 'arrivals')
  await press(page, '按年看')
  await expect(top(page).getByText('11,300.00元').first()).toBeVisible()
  await expect(top(page).getByText('退回后重新发放').first()).toBeVisible() // beside the sum, not in it
  await press(page, '2025年')
  await expect(top(page).getByText('共12笔')).toBeVisible()
  await row(page, '只看这一项').click()
  await expect(top(page).getByText('只看:就业补助')).toBeVisible()
  await fine(page, 'arrivals of a year')
  await press(page, '最近两个月')
  await row(page, '1,130.00元').click()
  await expect(page.getByRole('heading', { level: 1, name: '补贴详情' })).toBeVisible()
  await expect(top(page).getByText('尾号8755')).toBeVisible()
  await expect(top(page).getByRole('listitem').last()).toContainText('已到账')
  await fine(page, 'one arrival')
  await press(page, '收到了')
  await expect(top(page).getByText('您的回答:收到了')).toBeVisible()

  await open(page, product, 'statement', '年度对账单')
  const [file] = await Promise.all([page.waitForEvent('download'), press(page, '下载2025年对账单')])
  expect(file.suggestedFilename()).toBe('补贴对账单-2025.pdf')
  await expect(top(page).getByText('2025年对账单已下载')).toBeVisible()
  await fine(page, 'statement')
  await open(page, product, 'statement-check', '核验对账单')
  await page.getByLabel('核验码').fill('AAAA-BBBB-CCCC-DDDD')
  await press(page, '核验')
  await expect(top(page).getByRole('alert')).toBeVisible()
  await fine(page, 'a statement that is not ours')
})

test('R15: a payment that came back says why and what to do; "it did not arrive" becomes an enquiry; a report is confidential', async ({ page, product }) => {
  await becomes(page, product, 'wang')
  await product.happens({ kind: 'return', citizen: 'wang', programme: '41', period: '2026-11', reason: 'NAME_MISMATCH' })
  await expect.poll(async () => (await (await page.request.get(`${product.api}/v1/arrivals`)).text()).includes('"returned"'), { timeout: 20_000 }).toBe(true)
  await open(page, product, 'arrivals', '补贴到账')
  await row(page, '2026-11').click()
  await expect(top(page).getByText('退回原因')).toBeVisible()
  await fine(page, 'a returned payment')
  await row(page, '为什么还没到').click()
  await expect(top(page).getByText('下一步', { exact: true })).toBeVisible()
  await expect(top(page).getByText('被银行退回').first()).toBeVisible()
  await fine(page, 'why a payment came back')
  await top(page).getByRole('button', { name: '返回上一页' }).click()
  await press(page, '没收到')
  await press(page, '登记:没收到')
  await expect(top(page).getByText(/已登记查询,编号 \S+/)).toBeVisible()
  await row(page, '举报').click()
  await top(page).getByRole('radio', { name: '钱被截留、克扣' }).click()
  await page.getByLabel('请说说经过').fill('十一月的补贴说发了,村里说先替我保管。')
  await fine(page, 'a report')
  await press(page, '提交举报')
  await expect(top(page).getByText('查询密码', { exact: true })).toBeVisible()
})

test('R4 R5: the household as its head and as a member sees it; what keeps money from coming, and why', async ({ page, product }) => {
  await becomes(page, product, 'zhao')
  await open(page, product, 'household', '一家人的补贴')
  await expect(top(page).getByText('您是户主')).toBeVisible()
  await expect(row(page, '耕地补贴')).toContainText('650.00元')
  await fine(page, 'household of its head')
  await open(page, product, 'readiness', '能不能收到补贴')
  await expect(top(page).getByText('可以收到补贴')).toBeVisible()
  await product.happens({ kind: 'financial', citizen: 'zhao', financial: 'opened_inactive' })
  await expect(async () => {
    await open(page, product, 'readiness', '能不能收到补贴')
    await expect(top(page).getByText('还差一步')).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 20_000 })
  await fine(page, 'readiness')
  await row(page, '激活银行账户').click()
  await expect(top(page).getByText('要激活或解挂的这张卡').first()).toBeVisible()
  await open(page, product, 'explain', '为什么没到账')
  await page.getByLabel('补贴项目', { exact: true }).selectOption({ label: '41. 就业补助' })
  await press(page, '查原因')
  await expect(top(page).getByText('银行账户还没有激活').first()).toBeVisible()
  await fine(page, 'why not')

  await page.context().clearCookies()
  await becomes(page, product, 'chen')
  await open(page, product, 'household', '一家人的补贴')
  await expect(top(page).getByText('您是家庭成员')).toBeVisible()
  await expect(top(page).getByText('已发给户主').first()).toBeVisible()
  await expect(row(page, '耕地补贴')).toHaveCount(0) // the head's to open
  await fine(page, 'household of a member')
})

test('nobody can tell: an enquiry with a number', async ({ page, product }) => {
  await becomes(page, product, 'wang')
  await open(page, product, 'explain', '为什么没到账')
  await page.getByLabel('补贴项目', { exact: true }).selectOption({ label: '41. 就业补助' })
  await page.getByLabel('哪一期').fill('2022-01')
  await press(page, '查原因')
  await expect(top(page).getByText('说不清')).toBeVisible()
  await press(page, '登记查询')
  await expect(top(page).getByText(/已登记,编号 \S+/)).toBeVisible()
})

test('R6 R8 R19 R68 R69: programmes, postings, totals, outlets and guides without a login', async ({ page, product, context }) => {
  await open(page, product, 'programmes', '补贴项目')
  await expect(top(page).getByText('统一清单:45项')).toBeVisible()
  await page.getByLabel('找补贴').fill('耕地')
  await expect(top(page).getByText('统一清单:1项')).toBeVisible()
  await fine(page, 'programmes')
  await row(page, '耕地').click()
  await press(page, '看历次变化')
  await expect(top(page).getByText('第1版').first()).toBeVisible()
  await fine(page, 'one programme')

  await open(page, product, 'postings', '名单公示')
  const days = top(page).getByLabel('哪一天', { exact: true }) // the city's lists are posted from the second to the eleventh of a month
  const posted = await days.locator('option').evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value).filter((d) => d.endsWith('-05')).at(-1) ?? '')
  await days.selectOption(posted)
  await expect(top(page).getByText('政务公开栏').first()).toBeVisible()
  await fine(page, 'postings')
  await open(page, product, 'public-totals', '发放总额公开')
  await top(page).getByLabel('年份', { exact: true }).selectOption('2025')
  await fine(page, 'public totals')

  await open(page, product, 'outlets', '服务网点')
  await top(page).getByLabel('县区', { exact: true }).selectOption({ label: '西工区' })
  await expect(top(page).getByText('西工区人社局社会保障卡服务大厅')).toBeVisible()
  await fine(page, 'outlets')
  await context.grantPermissions(['geolocation'], { origin: product.api })
  await context.setGeolocation({ latitude: 34.66, longitude: 112.43 })
  await press(page, '找离我近的')
  await expect(top(page).getByText(/^\d+米$|^\d+\.\d公里$/).first()).toBeVisible()
  await row(page, '支行').click()
  await expect(page.getByRole('heading', { level: 1, name: '网点', exact: true })).toBeVisible()
  await fine(page, 'one outlet')
  await row(page, '带什么、多少钱').click()
  await expect(top(page).getByText('带什么', { exact: true })).toBeVisible()
  await fine(page, 'a guide')
  const [slip] = await Promise.all([page.waitForEvent('download'), press(page, '下载告知单(PDF)')])
  expect(slip.suggestedFilename()).toMatch(/^办事告知单-.*\.pdf$/)
  await open(page, product, 'guide', '办事指南')
  await row(page, '社保账户解挂').click()
  await press(page, '代办人')
  await expect(top(page).getByText('代办人').first()).toBeVisible()
  await fine(page, 'guide of a release')
})
