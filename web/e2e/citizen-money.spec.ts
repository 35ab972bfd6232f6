// What a citizen sees of money, and what is open to everybody, at a phone's size.
import { readFile } from 'node:fs/promises'
import { inflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { becomes, binds, checked, expect, front, look, on, press, test } from './citizen'
import type { Product } from './product'

test.use({ city: 'money' })

test.describe.configure({ timeout: 240_000 })

/** known is somebody of the city, bound and checked just now. */
async function known(page: Page, product: Product, key: string): Promise<void> {
  const who = product.resident(key)
  await page.context().clearCookies()
  await becomes(page, product, who.name)
  const me = (await (await page.request.get(`${product.api}/v1/me`)).json()) as { bound: boolean }
  if (!me.bound) await binds(page, product, who)
  await checked(page, product)
}

async function open(page: Page, product: Product, at: string, title: string): Promise<void> {
  await page.goto(`${product.api}/m/${at}`)
  await on(page, title)
}

async function seen(page: Page, what: string): Promise<void> {
  await expect(front(page).getByText('正在打开,请稍候…')).toHaveCount(0)
  await look(page, what)
}

/** heard waits until the city's news have reached us: a fresh city is read for some seconds. */
async function heard(page: Page, product: Product, path: string, what: string): Promise<void> {
  await expect.poll(async () => (await (await page.request.get(product.api + path)).text()).includes(what), { timeout: 60_000 }).toBe(true)
}

const lastYear = new Date().getFullYear() - 1

/** printedCode reads the check code off a statement: each page's text by its fonts' tables, as a reader copies it. */
async function printedCode(file: string): Promise<string> {
  const pdf = (await readFile(file)).toString('latin1')
  const objects = new Map([...pdf.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)endobj/g)].map((m) => [m[1]!, m[2]!]))
  const fonts = new Map<string, Map<string, string>>()
  for (const body of objects.values()) {
    for (const [, name, at] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const table = /\/ToUnicode (\d+) 0 R/.exec(objects.get(at!) ?? '')?.[1]
      if (table) fonts.set(name!, new Map([...objects.get(table)!.matchAll(/<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4,8})>/g)].map((g) => [g[1]!, Buffer.from(g[2]!, 'hex').swap16().toString('utf16le')])))
    }
  }
  let text = '', font = ''
  for (const [, at] of pdf.matchAll(/\/Contents\s+(\d+) 0 R/g)) {
    const page = objects.get(at!)!
    const drawn = inflateSync(Buffer.from(page.slice(page.indexOf('stream\n') + 7), 'latin1')).toString('latin1')
    for (const [, chosen, words] of drawn.matchAll(/\/(F\d+) [\d.]+ Tf|\[(.*?)\] TJ/g)) {
      if (chosen) font = chosen
      else for (const [, codes] of words!.matchAll(/<([0-9A-F]+)>/g)) for (const code of codes!.match(/.{4}/g) ?? []) text += fonts.get(font)?.get(code) ?? ''
    }
  }
  return /核验码:?\s*((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})/.exec(text)?.[1] ?? ''
}

const row = (page: Page, name: string) => front(page).getByRole('link').filter({ hasText: name }).first()

test('R3: arrivals of late, by year and by programme, one payment with its way, the statement that a stranger verifies', async ({ page, product }) => {
  await known(page, product, 'wang')
  await product.happens({ kind: 'credit', citizen: 'wang', programme: '41', period: '本月一期', state: 'credited' })
  await heard(page, product, '/v1/arrivals', '本月一期')
  const asked: string[] = []
  page.on('request', (r) => { if (r.url().includes('/v1/arrivals')) asked.push(r.url().replace(product.api, '')) })
  await open(page, product, 'arrivals', '补贴到账')
  await expect(row(page, '本月一期')).toContainText('就业补助')
  await expect(row(page, '本月一期')).toContainText('已到账')
  expect(asked).toEqual(['/v1/arrivals']) // the first view is one question
  await seen(page, 'arrivals')
  await press(page, '按年看')
  await press(page, `${lastYear}年`)
  await expect(front(page).getByText(`${lastYear}年已到账`)).toBeVisible()
  await expect(front(page).getByText(/^\d+,\d{3}\.\d{2}元$/).first()).toBeVisible()
  await row(page, '只看这一项').click()
  await expect(front(page).getByText('只看:就业补助')).toBeVisible()
  await seen(page, 'arrivals of a year')
  await press(page, '最近两个月')
  await row(page, '本月一期').click()
  await on(page, '补贴详情')
  await expect(front(page).getByText(/尾号\d{4}/)).toBeVisible()
  await expect(front(page).getByRole('listitem').last()).toContainText('已到账')
  await seen(page, 'one arrival')
  await press(page, /^收到了$/)
  await expect(front(page).getByText('您的回答:收到了')).toBeVisible()

  await open(page, product, 'statement', '年度对账单')
  const [file] = await Promise.all([page.waitForEvent('download'), press(page, `下载${lastYear}年对账单`)])
  expect(file.suggestedFilename()).toBe(`补贴对账单-${lastYear}.pdf`)
  await expect(front(page).getByText(`${lastYear}年对账单已下载`)).toBeVisible()
  await seen(page, 'statement')
  const code = await printedCode(await file.path())
  expect(code).not.toBe('')
  await page.context().clearCookies() // whoever is shown the sheet has no login
  await open(page, product, 'statement-check', '核验对账单')
  await front(page).getByLabel('核验码').fill(code.toLowerCase().replaceAll('-', ' '))
  await press(page, /^核验$/)
  await expect(front(page).getByText('这份对账单是我们开出的')).toBeVisible()
  await expect(front(page).getByText(code)).toBeVisible()
  await seen(page, 'a statement that is ours')
  await front(page).getByLabel('核验码').fill('AAAA-BBBB-CCCC-DDDD')
  await expect(front(page).getByText('这份对账单是我们开出的')).toHaveCount(0)
  await press(page, /^核验$/)
  await expect(front(page).getByRole('alert')).toBeVisible()
  await seen(page, 'a statement that is not ours')
})

test('R15: a payment that came back says why and what to do; "it did not arrive" becomes an enquiry; a report is confidential', async ({ page, product }) => {
  await known(page, product, 'wang')
  await product.happens({ kind: 'return', citizen: 'wang', programme: '41', period: '2026-11', reason: 'NAME_MISMATCH' })
  await heard(page, product, '/v1/arrivals', '"returned"')
  await open(page, product, 'arrivals', '补贴到账')
  await row(page, '2026-11').click()
  await expect(front(page).getByText('退回原因')).toBeVisible()
  await seen(page, 'a returned payment')
  await row(page, '为什么还没到').click()
  await expect(front(page).getByText('下一步', { exact: true })).toBeVisible()
  await expect(front(page).getByText('被银行退回').first()).toBeVisible()
  await seen(page, 'why a payment came back')
  await press(page, '返回上一页')
  await press(page, /^没收到$/)
  await press(page, '登记:没收到')
  await expect(front(page).getByText(/已登记查询,编号 \S+/)).toBeVisible()
  await row(page, '举报').click()
  await front(page).getByRole('radio', { name: '钱被截留、克扣' }).click()
  await front(page).getByLabel('请说说经过').fill('十一月的补贴说发了,村里说先替我保管。')
  await seen(page, 'a report')
  await press(page, '提交举报')
  await expect(front(page).getByText('查询密码', { exact: true })).toBeVisible()
})

test('R4 R5: the household as its head and as a member sees it; what keeps money from coming, and why', async ({ page, product }) => {
  await known(page, product, 'zhao')
  await heard(page, product, `/v1/arrivals/household?year=${lastYear}`, '耕地补贴')
  await open(page, product, 'household', '一家人的补贴')
  await expect(front(page).getByText('您是户主')).toBeVisible()
  await press(page, `${lastYear}年`)
  await expect(row(page, '耕地补贴')).toContainText('650.00元')
  await seen(page, 'household of its head')
  await open(page, product, 'readiness', '能不能收到补贴')
  await expect(front(page).getByText('可以收到补贴')).toBeVisible()
  await product.happens({ kind: 'financial', citizen: 'zhao', financial: 'opened_inactive' })
  await expect(async () => {
    await open(page, product, 'readiness', '能不能收到补贴')
    await expect(front(page).getByText('还差一步')).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 20_000 })
  await seen(page, 'readiness')
  await row(page, '激活银行账户').click()
  await expect(front(page).getByText('要激活或解挂的这张卡').first()).toBeVisible()
  await open(page, product, 'explain', '为什么没到账')
  await front(page).getByLabel('补贴项目', { exact: true }).selectOption({ label: '41. 就业补助' })
  await press(page, '查原因')
  await expect(front(page).getByText('银行账户还没有激活').first()).toBeVisible()
  await seen(page, 'why not')

  await known(page, product, 'chen')
  await heard(page, product, `/v1/arrivals/household?year=${lastYear}`, '耕地补贴')
  await open(page, product, 'household', '一家人的补贴')
  await expect(front(page).getByText('您是家庭成员')).toBeVisible()
  await press(page, `${lastYear}年`)
  await expect(front(page).getByText('已发给户主').first()).toBeVisible()
  await expect(row(page, '耕地补贴')).toHaveCount(0) // the head's to open
  await seen(page, 'household of a member')
})

test('nobody can tell: an enquiry with a number', async ({ page, product }) => {
  await known(page, product, 'wang')
  await open(page, product, 'explain', '为什么没到账')
  await front(page).getByLabel('补贴项目', { exact: true }).selectOption({ label: '41. 就业补助' })
  await front(page).getByLabel('哪一期').fill('2022-01')
  await press(page, '查原因')
  await expect(front(page).getByText('说不清')).toBeVisible()
  await press(page, '登记查询')
  await expect(front(page).getByText(/已登记,编号 \S+/)).toBeVisible()
})

test('R6 R8 R19 R68 R69: programmes, postings, totals, outlets and guides without a login', async ({ page, product, context }) => {
  await open(page, product, 'programmes', '补贴项目')
  await expect(front(page).getByText('统一清单:45项')).toBeVisible()
  await front(page).getByLabel('找补贴').fill('耕地')
  await expect(front(page).getByText('统一清单:1项')).toBeVisible()
  await seen(page, 'programmes')
  await row(page, '耕地').click()
  await press(page, '看历次变化')
  await expect(front(page).getByText('第1版').first()).toBeVisible()
  await seen(page, 'one programme')

  await open(page, product, 'postings', '名单公示')
  const days = front(page).getByLabel('哪一天', { exact: true }) // the city's lists are posted from the second to the eleventh of a month
  const posted = await days.locator('option').evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value).filter((d) => d.endsWith('-05')).at(-1) ?? '')
  await days.selectOption(posted)
  await expect(front(page).getByText('政务公开栏').first()).toBeVisible()
  await seen(page, 'postings')
  await open(page, product, 'public-totals', '发放总额公开')
  await front(page).getByLabel('年份', { exact: true }).selectOption(String(lastYear))
  await seen(page, 'public totals')

  await open(page, product, 'outlets', '服务网点')
  await front(page).getByLabel('县区', { exact: true }).selectOption({ label: '西工区' })
  await expect(front(page).getByText('西工区人社局社会保障卡服务大厅')).toBeVisible()
  await seen(page, 'outlets')
  await context.grantPermissions(['geolocation'], { origin: product.api })
  await context.setGeolocation({ latitude: 34.66, longitude: 112.43 })
  await press(page, '找离我近的')
  await expect(front(page).getByText(/^\d+米$|^\d+\.\d公里$/).first()).toBeVisible()
  await row(page, '支行').click()
  await on(page, /^网点$/)
  await seen(page, 'one outlet')
  await row(page, '带什么、多少钱').click()
  await expect(front(page).getByText('带什么', { exact: true })).toBeVisible()
  await seen(page, 'a guide')
  const [slip] = await Promise.all([page.waitForEvent('download'), press(page, '下载告知单(PDF)')])
  expect(slip.suggestedFilename()).toMatch(/^办事告知单-.*\.pdf$/)
  await open(page, product, 'guide', '办事指南')
  await row(page, '社保账户解挂').click()
  await press(page, '代办人')
  await expect(front(page).getByText('代办人').first()).toBeVisible()
  await seen(page, 'guide of a release')
})
