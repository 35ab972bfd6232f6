// Looks at a built mini-program as its platform's review would: `node mpcheck.mjs weixin|alipay FOLDER`. It prints what is
// wrong, a line each, and fails. No dependencies.
import { readFileSync, readdirSync, statSync, existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Files a page or a component is made of. A style may be missing. */
const parts = { weixin: { view: 'wxml', style: 'wxss', global: 'wx' }, alipay: { view: 'axml', style: 'acss', global: 'my' } }
const mostWhole = 2 * 1024 * 1024
const mostMain = 500 * 1024

/** What is called of each platform: what the framework and we use. A new name is added here after a look at whether the
 *  platform knows it and whether it has to be declared for privacy (docs/clients.md). */
export const known = {
  weixin: new Set((
    'addInterceptor canIUse createSelectorQuery createIntersectionObserver createMediaQueryObserver getAccountInfoSync getAppAuthorizeSetting getAppBaseInfo ' +
    'getDeviceInfo getEnterOptionsSync getExtConfigSync getFileSystemManager getLaunchOptionsSync getNetworkType getStorageInfoSync getStorageSync getSystemInfo getSystemInfoSync ' +
    'getSystemSetting getWindowInfo login makePhoneCall navigateBack navigateTo offNetworkStatusChange onAppShow onNetworkStatusChange onError onHostEventReceive onPageNotFound ' +
    'onUnhandledRejection onAppHide onSocketMessage openDocument openLocation getLocation chooseImage chooseMedia downloadFile uploadFile reLaunch redirectTo removeStorageSync request ' +
    'requestFacialVerify requestPayment requestSubscribeMessage setClipboardData setNavigationBarTitle setStorageSync showModal showToast hideToast switchTab ' +
    'canvasToTempFilePath createCanvasContext createOffscreenCanvas compressImage getImageInfo getSetting openSetting pageScrollTo nextTick previewImage onThemeChange getPrivacySetting requirePrivacyAuthorize openPrivacyContract setPageMeta getUpdateManager'
  ).split(' ')),
  alipay: new Set((
    'canIUse createIntersectionObserver createSelectorQuery getAppIdSync getAuthCode getEnterOptionsSync getFileSystemManager getLaunchOptionsSync getNetworkType getStorageInfoSync getStorageSync ' +
    'getSystemInfo getSystemInfoSync makePhoneCall navigateBack navigateTo offNetworkStatusChange onNetworkStatusChange openDocument openLocation getLocation chooseImage downloadFile uploadFile ' +
    'reLaunch redirectTo removeStorageSync request requestSubscribeMessage setClipboard setNavigationBar setStorageSync confirm alert showToast hideToast startAPVerify switchTab tradePay ' +
    'getAppBaseInfo getDeviceBaseInfo getWindowInfo getSystemSetting onAppShow onAppHide onError onUnhandledRejection onPageNotFound pageScrollTo getSetting openSetting compressImage getImageInfo previewImage nextTick createCanvasContext getRunScene onThemeChange setOptionMenu getUpdateManager getExtConfigSync'
  ).split(' ')),
}
const forbidden = [
  [/\beval\s*\(/, 'eval'], [/\bnew\s+Function\s*\(/, 'code made of text'], [/\b(?:wx|my|uni)\.getUser(?:Info|Profile)\b/, 'the name and picture of an account'],
  [/冻结/, 'a word of courts and banks (冻结)'], [/\blocalhost\b|127\.0\.0\.1/, 'an address of one\'s own machine'],
]
/** Addresses that only name a language, or where the framework explains a mistake: nothing asks for them. */
const names = ['http://www.w3.org/', 'https://www.w3.org/', 'https://uniapp.dcloud.net.cn/tutorial/', 'https://vuejs.org/error-reference/']
/** What the framework itself hangs on the platform's object, or only asks for. */
const framework = new Set('$on $off $once $emit $onErrorHandlers createApp createPage createComponent createPluginApp createSubpackageApp specialMethods EventChannel getEventChannel dd tb env router cloud serviceMarket canvas ap SDKVersion isIDE setStorage getPhoneNumber'.split(' '))

/** check lists what is wrong with a build. own is the API's address, the only one it may ask. */
export function check(platform, folder, own) {
  const { view, style, global } = parts[platform]
  const wrong = []
  const files = list(folder)
  const read = (name) => readFileSync(join(folder, name), 'utf8')
  const json = (name) => { try { return JSON.parse(read(name)) } catch (e) { wrong.push(`${name}: not JSON: ${e.message}`); return {} } }
  if (!existsSync(join(folder, 'app.json')) || !existsSync(join(folder, 'app.js'))) return { wrong: [`${folder} holds no mini-program`], sum: 0, main: 0, pages: 0 }
  const app = json('app.json')
  const sub = (app.subPackages ?? app.subpackages ?? []).flatMap((p) => p.pages.map((page) => `${p.root}/${page}`.replace('//', '/')))
  const pages = [...(app.pages ?? []), ...sub]
  if (pages.length === 0) wrong.push('app.json names no page')
  const components = (owner, uses = {}) => {
    for (const [name, path] of Object.entries(uses)) {
      const at = path.startsWith('/') ? path.slice(1) : relative(folder, resolve(folder, dirname(owner), path))
      whole(at, `component ${name} of ${owner}`)
    }
  }
  const seen = new Set()
  function whole(at, what) {
    if (seen.has(at)) return
    seen.add(at)
    for (const kind of [view, 'js', 'json']) if (!existsSync(join(folder, `${at}.${kind}`))) wrong.push(`${what}: ${at}.${kind} is missing`)
    if (existsSync(join(folder, `${at}.json`))) components(`${at}.json`, json(`${at}.json`).usingComponents)
  }
  components('app.json', app.usingComponents)
  for (const page of pages) whole(page, 'page')

  const size = (f) => statSync(join(folder, f)).size
  const roots = (app.subPackages ?? app.subpackages ?? []).map((p) => `${p.root.replace(/\/$/, '')}/`)
  const sum = files.reduce((n, f) => n + size(f), 0)
  const main = files.filter((f) => !roots.some((r) => f.startsWith(r))).reduce((n, f) => n + size(f), 0)
  if (sum > mostWhole) wrong.push(`all together ${kb(sum)}; ${kb(mostWhole)} is the most`)
  if (main > mostMain) wrong.push(`main package ${kb(main)}; ${kb(mostMain)} is the most`)

  for (const f of files) {
    if (!/\.(js|json|wxml|axml|wxss|acss|sjs|wxs)$/.test(f)) { if (!/\.(png|svg|jpg)$/.test(f)) wrong.push(`${f}: what is it?`); continue }
    const text = read(f)
    for (const [form, what] of forbidden) if (form.test(own && f.endsWith('.js') ? text.replaceAll(own, '') : text)) wrong.push(`${f}: ${what}`)
    for (const [address] of text.matchAll(/(?:https?:)?\/\/[\w-]+(?:\.[\w-]+)+[^\s"'`)]*/g)) {
      if (address !== own && !names.some((n) => address.startsWith(n)) && !(own && address.startsWith(`${own}/`))) wrong.push(`${f}: an address of somebody else: ${address.slice(0, 80)}`)
    }
    if (f.endsWith('.js')) for (const [, name] of text.matchAll(new RegExp(`(?<![\\w$.])${global}\\.([A-Za-z$]\\w*)`, 'g'))) if (!known[platform].has(name) && !framework.has(name)) wrong.push(`${f}: ${global}.${name} is not on the list of what we call`)
  }
  return { wrong: [...new Set(wrong)], sum, main, pages: pages.length }
}

const kb = (n) => `${(n / 1024).toFixed(1)} KB`
function list(folder, under = '') {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? list(folder, join(under, e.name)) : [join(under, e.name)]))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [platform, folder, own = ''] = process.argv.slice(2)
  if (!parts[platform] || !folder) { console.error('usage: node mpcheck.mjs weixin|alipay FOLDER [API]'); process.exit(2) }
  const found = check(platform, folder, own)
  const { wrong } = found
  for (const line of wrong) console.error(`${platform}: ${line}`)
  if (wrong.length) process.exit(1)
  console.log(`${platform}: ${found.pages} pages, main package ${kb(found.main)}, all together ${kb(found.sum)}: nothing wrong`)
}
