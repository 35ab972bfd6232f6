import { expect, keyed, logIn, logOut, look, next, openCall, ring, test, verify, type Member } from './rig'
import type { Page } from '@playwright/test'

test.describe.configure({ timeout: 120_000 })

test('the log-in and the call workspace: nothing serious for axe, nothing lost at 200 %', async ({ page, product, agent }) => {
  await page.goto(`${product.api}/console/`)
  await expect(page.getByLabel('账号')).toBeFocused()
  await look(page, 'log-in')
  await logIn(page, product, agent)
  await look(page, 'no call')
  await ring(page, product, agent, 'zhao')
  await verify(page, '赵铁柱', '230570')
  await expect(page.locator('.verdict')).toHaveText('一致')
  await page.keyboard.press('Alt+p')
  await expect(page.locator('.private')).toBeVisible()
  await look(page, 'a caller')
  for (const key of ['l', 'g', 'h', 'c', 'y', 'o', 't', 'w']) {
    await page.keyboard.press(`Alt+${key}`)
    await expect(page.locator('.act h3')).toBeVisible()
    await look(page, `act Alt+${key}`, '.act')
  }
  await page.keyboard.press('Alt+/')
  await expect(page.getByRole('dialog', { name: '快捷键一览' })).toBeVisible()
  await look(page, 'shortcuts', '.el-dialog') // what lies below it is dimmed
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Alt+2')
  await expect(page.getByRole('heading', { name: '咨询件', level: 1 })).toBeVisible()
  await look(page, 'enquiries')
})

test('every button of the workspace shows its shortcut, and each shortcut is one button\'s', async ({ page, product, agent }) => {
  await logIn(page, product, agent)
  await openCall(page, '13803790104')
  const keys = await page.locator('[aria-keyshortcuts]').evaluateAll((all) => all.map((e) => e.getAttribute('aria-keyshortcuts')!))
  const acts = await page.locator('.acts button').all()
  expect(acts.length).toBeGreaterThanOrEqual(8)
  for (const act of acts) expect(await act.innerText()).toMatch(/Alt\+[A-Z`]/)
  await keyed(page, 'the workspace') // rows of the knowledge share theirs
  expect(keys).toEqual(expect.arrayContaining(['Alt+1', 'Alt+2', 'Alt+L', 'Alt+V', 'Alt+X', 'Alt+S']))
})

test('every button of every page shows its shortcut, whoever is logged in', async ({ page, product }) => {
  test.setTimeout(240_000)
  const walkers: Array<[string, Member]> = [
    ['supervisor', await product.enrol(await product.hire('e2e-walker', 'supervisor'))],
    ['reviewer', product.demo('demo-reviewer-2')], ['auditor', product.demo('demo-auditor')], ['administrator', product.demo('demo-admin')],
    ['policy manager and editor', await product.enrol(await product.hire('e2e-walker-2', 'policy_manager,knowledge_editor'))],
    ['liaison', await product.enrol(await product.hire('e2e-walker-3', 'liaison', '--department', '民政局'))],
  ]
  const opens = ['新建账号', '写新的', '起草', '紧急停办']
  for (const [role, who] of walkers) {
    await logIn(page, product, who, next())
    const pages = page.getByRole('navigation', { name: '页面' }).getByRole('link')
    const titles = await pages.allInnerTexts()
    expect(titles.length, role).toBeGreaterThan(0)
    for (let n = 0; n < titles.length; n++) {
      const what = `${role}, ${titles[n]}`
      await pages.nth(n).click()
      await expect(page.locator('main h1')).toHaveCount(1)
      await expect(page.getByText('正在读取')).toHaveCount(0)
      await keyed(page, what)
      for (const name of opens) {
        const button = page.getByRole('button', { name, exact: true })
        if (!(await button.isVisible())) continue
        await button.click()
        await keyed(page, `${what}, ${name}`)
      }
      const row = page.getByRole('button', { name: /^(打开|查看|提议修改|更改)/ }).first()
      if (await row.isVisible()) {
        await row.click()
        await expect(page.getByText('正在读取')).toHaveCount(0)
        await keyed(page, `${what}, a row`)
      }
    }
    await page.getByRole('link', { name: who.login }).click()
    await expect(page.getByRole('heading', { name: '我的账号', level: 1 })).toBeVisible()
    await keyed(page, `${role}, the own account`)
    await logOut(page)
  }
  await keyed(page, 'log-in')
})

test('a reviewer\'s pages: what is held takes two people, and an agent has no door to it', async ({ page, product, agent }) => {
  const first = product.demo('demo-reviewer-1')
  const second = product.demo('demo-reviewer-2')
  await product.happens({ kind: 'payday', programme: '41', district: '410303', amount_fen: 77700, state: 'credited', figures: 'total' })
  await logIn(page, product, first)
  for (const [key, title] of [['4', '暂缓发布'], ['3', '举报件'], ['5', '核对差异'], ['6', '监护人材料'], ['7', '群发提醒']] as const) {
    await page.keyboard.press(`Alt+${key}`)
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible()
    await expect(page.getByText('正在读取')).toHaveCount(0)
    await look(page, title)
  }
  await page.getByRole('button', { name: '起草' }).first().click()
  await look(page, 'draft of a campaign')
  await expect(async () => {
    await page.keyboard.press('Alt+6')
    await page.keyboard.press('Alt+4')
    await expect(page.getByRole('row').filter({ hasText: '整批' })).toHaveCount(1, { timeout: 1500 })
  }).toPass({ timeout: 45_000 })
  await page.getByRole('button', { name: /^查看/ }).first().click()
  await page.getByLabel('理由').selectOption('WRONG_AMOUNT')
  await page.getByLabel('依据').fill('财政科来电:金额有误,重新公布')
  await page.getByRole('button', { name: '提出', exact: true }).click()
  await expect(page.getByText('等复核')).toBeVisible()
  await look(page, 'a proposal')
  await page.getByRole('button', { name: '同意退回' }).click()
  await expect(page.getByRole('alert')).toContainText('SECOND_PERSON_REQUIRED')
  await logOut(page)
  await logIn(page, product, second)
  await page.keyboard.press('Alt+4')
  await page.getByRole('button', { name: /^查看/ }).first().click()
  await page.getByRole('button', { name: '同意退回' }).click()
  await expect(page.getByRole('heading', { name: /已退回/ })).toBeVisible()
  await logOut(page)
  await hasNoDoor(page, product.api, agent, () => logIn(page, product, agent))
})

async function hasNoDoor(page: Page, api: string, who: Member, logInAs: () => Promise<void>): Promise<void> {
  await logInAs()
  await expect(page.getByRole('link', { name: '暂缓发布' })).toHaveCount(0)
  await page.goto(`${api}/console/held`)
  await expect(page).toHaveURL(/\/console\/call$/)
  await expect(page.getByText(who.login)).toBeVisible()
}

test('who looked and when stands over the page, and what is masked is not copied', async ({ page, product, agent }) => {
  await logIn(page, product, agent)
  const mark = decodeURIComponent(await page.locator('.watermark').evaluate((e) => getComputedStyle(e).backgroundImage))
  expect(mark).toContain(agent.login)
  expect(mark).toMatch(/\d{4}\/\d\d\/\d\d \d\d:\d\d/)
  await openCall(page, '13803790104')
  await verify(page, '赵铁柱', '230570')
  await expect(page.locator('.verdict')).toHaveText('一致')
  await page.keyboard.press('Alt+p')
  const person = page.locator('.private').first()
  await expect(person).toBeVisible()
  expect(await person.evaluate((e) => getComputedStyle(e).userSelect)).toBe('none')
  expect(await person.evaluate((e) => e.dispatchEvent(new ClipboardEvent('copy', { cancelable: true, bubbles: true })))).toBe(false)
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(/\*|赵|230570|1380379/)
})
