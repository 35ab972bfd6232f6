// A phone's side of a mini-program, as far as one can be had without a phone: it runs the *built* code of WeChat's or
// Alipay's target, draws its templates into a tree, and lets one tap and type. No dependencies; it is not the platform, and
// does not pretend to know how anything looks.
import { readFileSync, existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import vm from 'node:vm'
import { camel, parse, value } from './template.mjs'

const kinds = {
  weixin: { global: 'wx', view: 'wxml', if: 'wx:if', elif: 'wx:elif', else: 'wx:else', for: 'wx:for', item: 'wx:for-item', index: 'wx:for-index', key: 'wx:key' },
  alipay: { global: 'my', view: 'axml', if: 'a:if', elif: 'a:elif', else: 'a:else', for: 'a:for', item: 'a:for-item', index: 'a:for-index', key: 'a:key' },
}

export class Host {
  constructor(platform, folder, calls) {
    this.kind = kinds[platform]
    this.platform = platform
    this.folder = folder
    this.modules = new Map()
    this.parts = new Map() // path → what it registered, with its template
    this.pages = []
    this.unknown = new Set()
    this.made = 0
    const api = new Proxy({ ...this.own(), ...calls }, {
      get: (o, name) => { if (!(name in o) && typeof name === 'string' && !name.startsWith('$')) this.unknown.add(name); return o[name] },
    })
    this.context = vm.createContext({
      console, setTimeout, clearTimeout, setInterval, clearInterval, Promise, [this.kind.global]: api,
      App: (o) => { this.app = o }, Page: (o) => this.register(o, true), Component: (o) => this.register(o, false), Behavior: (o) => o,
      getApp: () => this.app, getCurrentPages: () => this.pages.map((p) => p.self),
    })
    this.context.global = this.context.globalThis = this.context
  }

  /** launch runs the app and opens its first page. */
  async launch() {
    this.config = JSON.parse(readFileSync(join(this.folder, 'app.json'), 'utf8'))
    this.load('app.js')
    const how = { path: this.config.pages[0], query: {}, scene: 1001, referrerInfo: {} }
    this.app.onLaunch?.call(this.app, how)
    this.app.onShow?.call(this.app, how)
    this.openPage(`/${this.config.pages[0]}`)
    await this.quiet()
  }

  // What turns pages is the same for both.
  own() {
    const turns = (then) => (o = {}) => { then(o); const ok = { errMsg: 'ok' }; o.success?.(ok); o.complete?.(ok); return Promise.resolve(ok) }
    return {
      navigateTo: turns((o) => { if (this.pages.length >= 10) throw new Error('more than ten pages'); this.openPage(o.url) }),
      redirectTo: turns((o) => { this.closePage(); this.openPage(o.url) }),
      reLaunch: turns((o) => { while (this.pages.length) this.closePage(); this.openPage(o.url) }),
      navigateBack: turns(() => { if (this.pages.length > 1) { this.closePage(); this.show(this.pages.at(-1)) } }),
    }
  }

  load(name) {
    if (this.modules.has(name)) return this.modules.get(name).exports
    const module = { exports: {} }
    this.modules.set(name, module)
    const before = this.running
    this.running = name
    const code = readFileSync(join(this.folder, name), 'utf8')
    const wrapped = vm.runInContext(`(function (exports, require, module) {${code}\n})`, this.context, { filename: name })
    wrapped(module.exports, (path) => this.load(relative(this.folder, resolve(this.folder, dirname(name), path.endsWith('.js') ? path : `${path}.js`))), module)
    this.running = before
    return module.exports
  }

  register(options, isPage) { this.parts.get(this.running.replace(/\.js$/, '')).options = { ...options, isPage } }

  part(path) {
    if (!this.parts.has(path)) {
      const json = JSON.parse(readFileSync(join(this.folder, `${path}.json`), 'utf8'))
      const uses = {}
      for (const [name, at] of Object.entries({ ...this.config.usingComponents, ...json.usingComponents })) uses[name] = at.startsWith('/') ? at.slice(1) : relative(this.folder, resolve(this.folder, dirname(path), at))
      this.parts.set(path, { path, uses, tree: parse(readFileSync(join(this.folder, `${path}.${this.kind.view}`), 'utf8')), title: json.navigationBarTitleText ?? json.defaultTitle ?? '' })
      if (!existsSync(join(this.folder, `${path}.js`))) throw new Error(`${path}.js is missing`)
      this.load(`${path}.js`)
    }
    return this.parts.get(path)
  }

  openPage(url) {
    const [path, search = ''] = url.replace(/^\//, '').split('?')
    if (!this.config.pages.includes(path)) throw new Error(`no page ${path}`)
    const query = Object.fromEntries(search.split('&').filter(Boolean).map((p) => p.split('=').map(decodeURIComponent)))
    const page = new Instance(this, this.part(path), null, { route: path, options: query })
    this.pages.push(page)
    page.begin(query)
    this.show(page)
    page.ready()
  }

  /** visit opens a page as a link from outside does: in place of all that is open. */
  async visit(url) {
    while (this.pages.length) this.closePage()
    this.openPage(url)
    await this.quiet()
  }

  show(page) {
    const { options } = page.part
    options.pageLifetimes?.show?.call(page.self)
    ;(page.self.onShow ?? options.onShow)?.call(page.self)
  }

  closePage() { this.pages.pop()?.end() }

  /** front is the page one sees. */
  get front() { return this.pages.at(-1) }

  /** quiet waits until nothing moves: no answer is awaited and nothing was drawn for a moment. */
  async quiet(most = 30_000) {
    const until = Date.now() + most
    for (let still = 0; still < 4;) {
      const before = `${this.made} ${this.awaited ?? 0}`
      await new Promise((r) => setTimeout(r, 25))
      still = before === `${this.made} ${this.awaited ?? 0}` && !this.awaited ? still + 1 : 0
      if (Date.now() > until) throw new Error(`nothing came to rest: ${this.awaited} answers are awaited`)
    }
  }

  /** text is what stands on the page one sees. */
  text() { return words(this.front.tree()).replace(/\s+/g, ' ') }

  find(match) { return walk(this.front.tree()).filter(match) }

  /** tap presses the last thing of that name, as a finger does. */
  async tap(name) {
    const hit = this.find((n) => n.on?.tap && (named(n) === name || words([n]).trim() === name)).at(-1)
    if (!hit) throw new Error(`nothing called ${name} can be tapped on: ${this.text()}`)
    hit.on.tap({ type: 'tap', detail: {}, target: { dataset: {} }, currentTarget: { dataset: {} }, timeStamp: Date.now() })
    await this.quiet()
  }

  async type(name, text) {
    const hit = this.find((n) => (n.tag === 'input' || n.tag === 'textarea') && named(n) === name).at(-1)
    if (!hit) throw new Error(`no field ${name} on: ${this.text()}`)
    hit.on.input({ type: 'input', detail: { value: text, cursor: text.length }, target: { dataset: {} }, currentTarget: { dataset: {} } })
    await this.quiet()
  }
}

const named = (n) => n.attrs['aria-label'] ?? ''
const walk = (nodes) => nodes.flatMap((n) => (n.text === undefined ? [n, ...walk(n.children)] : []))
const words = (nodes) => nodes.map((n) => n.text ?? words(n.children)).join(' ')

let ids = 0
// Instance is one page or component, alive.
class Instance {
  constructor(host, part, owner, self, attrs = {}) {
    Object.assign(this, { host, part, owner, attrs, children: new Map() })
    const { options } = part
    const weixin = host.platform === 'weixin'
    this.self = Object.assign(self, {
      data: structuredClone(options.data ?? {}), is: part.path, $id: ++ids, dataset: {},
      setData: (change, then) => { this.change(change); if (then) setTimeout(then) },
      triggerEvent: (name, detail) => this.trigger(name, detail),
      selectComponent: () => null, selectAllComponents: () => [], createSelectorQuery: () => { throw new Error('no layout here') },
      getPageId: () => `p${ids}`, $spliceData: () => { throw new Error('not expected') },
    })
    for (const [name, f] of Object.entries(weixin || !options.isPage ? options.methods ?? {} : options)) if (typeof f === 'function') this.self[name] = f
    if (weixin) {
      for (const [name, p] of Object.entries(options.properties ?? {})) this.self.data[name] = p?.value
      Object.assign(this.self.data, attrs)
      this.self.properties = this.self.data
    } else {
      this.self.props = { ...options.props, ...attrs }
    }
  }

  begin(query) {
    const { options } = this.part
    options.created?.call(this.self)
    options.lifetimes?.created?.call(this.self)
    options.onInit?.call(this.self)
    options.lifetimes?.attached?.call(this.self)
    if (this.host.platform === 'weixin') this.self.onLoad?.(query)
    else options.onLoad?.call(this.self, query)
  }

  // ready draws once, so that the children begin to live, and then says so.
  ready() {
    this.drawn = true
    this.tree()
    const { options } = this.part
    options.lifetimes?.ready?.call(this.self)
    if (this.owner) options.didMount?.call(this.self)
    else options.onReady?.call(this.self)
    if (this.host.platform === 'weixin' && !this.owner) this.self.onReady?.()
    this.host.made++
  }

  end() {
    for (const child of this.children.values()) child.end()
    const { options } = this.part
    if (!this.owner) (this.self.onUnload ?? options.onUnload)?.call(this.self)
    options.lifetimes?.detached?.call(this.self)
    options.didUnmount?.call(this.self)
  }

  change(change) {
    for (const [path, v] of Object.entries(change)) assign(this.self.data, path, v)
    this.host.made++
    if (this.drawn && !this.host.redraws) {
      this.host.redraws = true
      setTimeout(() => { this.host.redraws = false; this.host.front?.tree() })
    }
  }

  trigger(name, detail) {
    const event = { type: name, detail, target: { dataset: {} }, currentTarget: { dataset: {} } }
    this.heard?.[name.toLowerCase()]?.(event)
  }

  // given takes what its owner hands it now. A platform tells of a value that was handed over again, also where it is the same
  // one: the framework hands over the place where the values are, not the values.
  given(attrs) {
    const { options } = this.part
    this.attrs = attrs
    if (this.host.platform === 'weixin') {
      for (const [k, v] of Object.entries(attrs)) if (typeof v !== 'function') this.self.data[k] = v
      for (const k of Object.keys(options.observers ?? {})) if (k in attrs) options.observers[k].call(this.self, attrs[k])
    } else {
      const next = { ...options.props, ...attrs }
      options.deriveDataFromProps?.call(this.self, next)
      this.self.props = next
    }
  }

  /** tree draws the instance as it is now. */
  tree(slots = this.slots) {
    this.slots = slots
    const seen = new Set()
    const out = this.draw(this.part.tree, this.self.data, '', seen, slots)
    for (const [key, child] of this.children) if (!seen.has(key)) { child.end(); this.children.delete(key) }
    return out
  }

  draw(nodes, scope, at, seen, slots) {
    const { kind } = this.host
    let met = false // whether a branch before it was taken
    return nodes.flatMap((n, i) => {
      if (n.text !== undefined) return [{ text: String(value(n.text, scope) ?? '') }]
      const a = n.attrs
      if (kind.for in a) {
        const all = value(a[kind.for], scope) ?? []
        const list = typeof all === 'number' ? Array.from({ length: all }, (_, k) => k) : Object.values(all)
        const inner = { ...n, attrs: Object.fromEntries(Object.entries(a).filter(([k]) => ![kind.for, kind.item, kind.index, kind.key].includes(k))) }
        return list.flatMap((item, k) => {
          const named = a[kind.key] && item && typeof item === 'object' ? item[a[kind.key]] ?? k : k
          return this.draw([inner], { ...scope, [a[kind.item] ?? 'item']: item, [a[kind.index] ?? 'index']: k }, `${at}/${i}:${named}`, seen, slots)
        })
      }
      if (kind.if in a) { met = Boolean(value(a[kind.if], scope)); if (!met) return [] }
      else if (kind.elif in a) { if (met) return []; met = Boolean(value(a[kind.elif], scope)); if (!met) return [] }
      else if (kind.else in a) { if (met) return []; met = true }
      return this.one(n, scope, `${at}/${i}`, seen, slots)
    })
  }

  one(n, scope, at, seen, slots) {
    if (n.tag === 'block' || n.tag === 'template') return this.draw(n.children, scope, at, seen, slots)
    if (n.tag === 'slot') return slots?.(value(n.attrs.name, scope) || 'd') ?? []
    const path = this.part.uses[n.tag]
    const on = {}
    const attrs = {}
    for (const [name, raw] of Object.entries(n.attrs)) {
      const event = /^(?:bind|catch|on|catch):?(?=[A-Za-z_])/.exec(name)
      if (event && (this.host.platform === 'weixin' ? name.startsWith('bind') || name.startsWith('catch') : /^(on|catch)[A-Z]/.test(name))) {
        const method = value(raw, scope)
        const hears = (e) => this.self[method]?.call(this.self, e)
        on[name.slice(event[0].length).replace(/^:/, '').toLowerCase()] = hears
        if (this.host.platform === 'alipay') attrs[name] = hears
      } else if (!name.includes(':')) attrs[path ? camel(name) : name] = value(raw, scope)
    }
    if (!path) return [{ tag: n.tag, attrs, on, children: this.draw(n.children, scope, at, seen, slots) }]
    seen.add(at)
    let child = this.children.get(at)
    const given = (name) => this.draw(n.children.filter((c) => (c.attrs?.slot ?? 'd') === name || (name === 'd' && c.text !== undefined)), scope, `${at}#`, seen, slots)
    if (!child) {
      child = new Instance(this.host, this.host.part(path), this, {}, attrs)
      child.heard = on
      this.children.set(at, child)
      child.slots = given
      child.begin()
      child.ready()
    } else {
      child.heard = on
      child.given(attrs)
    }
    return [{ tag: n.tag, attrs, on: {}, children: child.tree(given) }]
  }
}

// assign follows a path as setData takes it: a.b[0].c.
function assign(data, path, v) {
  const steps = path.replace(/\[(\d+)\]/g, '.$1').split('.')
  const last = steps.pop()
  let at = data
  for (const [i, s] of steps.entries()) at = at[s] ??= /^\d+$/.test(steps[i + 1] ?? last) ? [] : {}
  at[last] = v
}
