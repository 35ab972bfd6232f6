// The budget of the first load: what the browser fetches before the log-in can be typed into, and then the call page.
// `node tools/size.mjs` prints the figures and fails above 200 KB of gzipped JavaScript.
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 200 * 1024
const dist = new URL('../../dist/console/', import.meta.url)
const size = (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length
const scripts = readdirSync(new URL('assets/', dist)).filter((n) => n.endsWith('.js'))
const html = readFileSync(new URL('index.html', dist), 'utf8')
const first = new Set([...html.matchAll(/\/console\/(assets\/[^"]+\.js)/g)].map((m) => m[1]))
if (first.size === 0) throw new Error('index.html names no script')
// A page brings its own file and what that imports; all of them together bound every page.
const all = scripts.map((n) => `assets/${n}`)
const sum = (names) => [...names].reduce((n, name) => n + size(name), 0)
const kb = (n) => `${(n / 1024).toFixed(1)} KB`
console.log(`first load ${kb(sum(first))}, all pages together ${kb(sum(all))} of gzipped JavaScript; budget ${kb(budget)}`)
if (sum(first) > budget) {
  console.error('size: the first load is over its budget')
  process.exit(1)
}
