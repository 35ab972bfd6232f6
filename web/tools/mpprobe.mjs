// Runs the built WeChat and Alipay mini-programs against a real `onecard dev`: log-in, consent, binding by a texted code, the
// card, arrivals after a real-person check, a loss; what is typed and tapped goes through the templates, what is read is what
// stands on the page. `node mpprobe.mjs BINARY FOLDER_WEIXIN FOLDER_ALIPAY`. No dependencies.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Host } from './host.mjs'

const built = 'https://api.onecard.invalid' // what the builds were made for; here it is answered by the process below

const [binary, weixin, alipay] = process.argv.slice(2)
if (!binary || !weixin || !alipay) { console.error('usage: node mpprobe.mjs BINARY FOLDER_WEIXIN FOLDER_ALIPAY'); process.exit(2) }

const people = {
  weixin: { key: 'wang', name: '王建国', id: '410303198001010015', phone: '13803790101' },
  alipay: { key: 'zhao' },
}

async function start() {
  const dir = await mkdtemp(join(tmpdir(), 'onecard-probe-'))
  const env = { PATH: process.env.PATH, HOME: dir, ONECARD_MODE: 'dev', ONECARD_DATA_DIR: dir, ONECARD_HTTP_ADDR: '127.0.0.1:0', ONECARD_SANDBOX_ADDR: '127.0.0.1:0', ONECARD_LOG_LEVEL: 'warn' }
  const child = spawn(binary, ['dev'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (t) => { printed += t })
  for (const until = Date.now() + 90_000; !printed.includes('Stop with Ctrl-C.');) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`onecard dev did not start:\n${printed}`)
    await new Promise((r) => setTimeout(r, 100))
  }
  for (const [, key, name, id, phone] of printed.matchAll(/^ {4}(\w+)\s+(\S+)\s+(\d{17}[\dX])\s+(\d{11})$/gm)) for (const p of Object.values(people)) if (p.key === key) Object.assign(p, { name, id, phone })
  const stop = async () => {
    child.kill('SIGTERM')
    await new Promise((r) => child.once('exit', r))
    await rm(dir, { recursive: true, force: true })
  }
  return { api: /API\s+(http:\S+)/.exec(printed)[1], desk: /The desk\s+(http:\S+)/.exec(printed)[1], stop }
}

const waited = async (what, ask) => {
  for (let n = 0; n < 200; n++) {
    const got = await ask()
    if (got) return got
    await new Promise((r) => setTimeout(r, 200))
  }
  throw new Error(`${what} never came`)
}
const must = (is, what, page) => { if (!is) throw new Error(`${what}; the page says: ${page}`) }

// calls is what the platform does for the mini-program.
function calls(platform, product, who, asked) {
  const kept = new Map()
  let host
  const answer = (o, result, ok = true) => { host.awaited = (host.awaited ?? 0) - 1; (ok ? o.success : o.fail)?.(result); o.complete?.(result) }
  const later = () => { host.awaited = (host.awaited ?? 0) + 1 }
  const send = async (o) => {
    later()
    const alipayStyle = platform === 'alipay'
    must(o.url.startsWith(`${built}/v1/`), 'it asked somebody else', o.url)
    must(['GET', 'POST', 'PUT', 'DELETE'].includes(o.method ?? 'GET'), 'no mini-program can send that method', o.method)
    asked.push(`${o.method ?? 'GET'} ${o.url.slice(built.length).replace(/\?.*/, '')}`)
    try {
      const res = await fetch(o.url.replace(built, product.api), { method: o.method ?? 'GET', headers: o.header ?? o.headers ?? {}, body: o.data && (o.method ?? 'GET') !== 'GET' ? o.data : undefined })
      const text = await res.text()
      const headers = Object.fromEntries(res.headers)
      if (!alipayStyle) return answer(o, { statusCode: res.status, data: text, header: headers, errMsg: 'request:ok' })
      return res.ok ? answer(o, { status: res.status, data: text, headers }) : answer(o, { error: 19, errorMessage: 'http status error', status: res.status, data: text, headers }, false)
    } catch (e) {
      return answer(o, { errMsg: `request:fail ${e.message}`, error: 12, errorMessage: e.message }, false)
    }
  }
  const enter = async (o) => {
    later()
    const name = platform === 'weixin' ? 'wechat_mini' : 'alipay_mini'
    const { code } = await (await fetch(`${product.desk}/desk/codes?platform=${name}&citizen=${who.key}`)).json()
    answer(o, platform === 'weixin' ? { code, errMsg: 'login:ok' } : { authCode: code })
  }
  const face = async (o) => {
    later()
    await fetch(`${product.desk}/desk/face`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ citizen: who.key, passed: true }) })
    answer(o, { errMsg: 'ok', errCode: 0, resultStatus: '9000' })
  }
  const info = { platform: 'ios', model: 'probe', system: 'iOS 16', version: '8.0.50', SDKVersion: '3.5.0', language: 'zh_CN', windowWidth: 390, windowHeight: 844, screenWidth: 390, screenHeight: 844, pixelRatio: 3, statusBarHeight: 44, safeArea: { top: 0, left: 0, right: 390, bottom: 844, width: 390, height: 844 }, theme: 'light', brand: 'probe', app: 'alipay', fontSizeSetting: 16, appName: 'probe' }
  const sync = platform === 'weixin'
    ? { getStorageSync: (k) => kept.get(k) ?? '', setStorageSync: (k, v) => { kept.set(k, v) }, removeStorageSync: (k) => { kept.delete(k) }, login: enter, requestFacialVerify: face }
    : { getStorageSync: ({ key }) => ({ data: kept.get(key) ?? null }), setStorageSync: ({ key, data }) => { kept.set(key, data) }, removeStorageSync: ({ key }) => { kept.delete(key) }, getAuthCode: enter, startAPVerify: face }
  return {
    kept, attach: (h) => { host = h },
    api: {
      ...sync, request: (o) => { void send(o); return { abort: () => undefined } }, canIUse: () => true, getStorageInfoSync: () => ({ keys: [...kept.keys()], currentSize: 1, limitSize: 10240 }),
      getSystemInfoSync: () => info, getSystemInfo: (o) => o.success?.(info), getWindowInfo: () => info, getDeviceInfo: () => info, getAppBaseInfo: () => info, getSystemSetting: () => ({}), getAppAuthorizeSetting: () => ({}),
      getLaunchOptionsSync: () => ({ path: 'pages/home', query: {}, scene: 1001 }), getEnterOptionsSync: () => ({ path: 'pages/home', query: {}, scene: 1001 }), getAccountInfoSync: () => ({ miniProgram: { appId: 'probe', envVersion: 'release' } }),
      onNetworkStatusChange: () => undefined, offNetworkStatusChange: () => undefined, getNetworkType: (o) => o.success?.({ networkType: 'wifi', errMsg: 'ok' }), onAppShow: () => undefined, onAppHide: () => undefined, onError: () => undefined, onUnhandledRejection: () => undefined, onPageNotFound: () => undefined, onThemeChange: () => undefined,
      makePhoneCall: (o) => o.success?.({}), nextTick: (f) => setTimeout(f), env: {},
    },
  }
}

async function probe(platform, folder, product) {
  const who = people[platform]
  const asked = []
  const phone = calls(platform, product, who, asked)
  const host = new Host(platform, folder, phone.api)
  phone.attach(host)
  // What is read may need a moment: a machine that does other things draws late.
  const reads = async (what) => {
    for (let n = 0; n < 40 && !host.text().includes(what); n++) await host.quiet()
    if (!host.text().includes(what) && process.env.PROBE_DEBUG) { const show = (i, d = 0) => { console.error(' '.repeat(d) + i.part.path, JSON.stringify(i.self.data), JSON.stringify(i.attrs)); for (const c of i.children.values()) show(c, d + 1) }; show(host.front); console.error(asked.slice(-4), host.awaited) }
    must(host.text().includes(what), `“${what}” is not there`, host.text())
  }
  await host.launch()
  await reads('登录后办理')

  await host.tap('登录')
  await host.tap('登录')
  await reads('下一步:实名绑定')
  must([...phone.kept.values()].filter((v) => typeof v === 'string' && v.length > 20).length === 1, 'the session is not kept', '')

  await host.tap('去实名绑定')
  await host.tap('阅读告知')
  await reads('个人信息处理告知')
  await host.tap('我已读过')
  await host.type('姓名', who.name)
  await host.type('身份证号码', who.id)
  await host.type('社保登记的手机号', who.phone)
  await host.tap('发送验证码')
  const code = await waited('the text message', async () => /"code":"(\d{6})"/.exec(await (await fetch(`${product.desk}/desk/messages?citizen=${who.key}`)).text())?.[1])
  await host.type('短信验证码', code)
  await host.tap('完成绑定')
  await reads('下一步')
  must(!JSON.stringify([...phone.kept]).includes(who.id) && !JSON.stringify([...phone.kept]).includes(who.name), 'the phone keeps who she is', '')

  await host.visit('/pages/arrivals')
  await reads('去核验本人')
  await host.tap('去核验本人')
  await host.tap('开始人脸核验')
  if (host.text().includes('去阅读告知')) {
    await host.tap('去阅读告知')
    await host.tap('我已读过并单独同意')
    await host.tap('开始人脸核验')
  }
  await waited('the end of the check', async () => { await host.quiet(); return host.text().includes('核验通过') })
  const paid = await fetch(`${product.desk}/desk/events`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ kind: 'credit', citizen: who.key, programme: '41', amount_fen: 66600 }) })
  must(paid.ok, 'the desk credits nothing', '')
  await waited('the arrival', async () => {
    await host.visit('/pages/arrivals')
    return /666\.00元/.test(host.text())
  })
  await reads('已到账')

  await host.visit('/pages/loss')
  await reads('银行账户不会停')
  await host.tap('挂失')
  await host.tap('确定挂失')
  await reads('社保账户已挂失。银行账户没有停用')
  await reads('受理编号')
  must(asked.filter((a) => a === 'POST /v1/loss-reports').length === 1, 'one report was to be sent', asked.join(' '))
  await host.tap('看我的社保卡')
  await reads('已停用')
  must(!host.text().includes('冻结'), 'a word of courts', host.text())
  console.log(`${platform}: log-in, consent, binding, arrivals, loss: as they should be (${asked.length} requests; asked of the platform and not known here: ${[...host.unknown].sort().join(' ') || 'nothing'})`)
}

const product = await start()
try {
  for (const [platform, folder] of [['weixin', weixin], ['alipay', alipay]]) await probe(platform, folder, product)
} catch (e) {
  console.error(e)
  process.exitCode = 1
} finally {
  await product.stop()
}
process.exit()
