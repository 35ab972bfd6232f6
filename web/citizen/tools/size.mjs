// The budget of the first load: what a browser fetches before the first page can be read, and before arrivals can.
// `node tools/size.mjs` prints the figures and fails above 150 KB of gzipped JavaScript.
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 150 * 1024
const dist = new URL('../../dist/h5/', import.meta.url)
const read = (name) => readFileSync(new URL(name, dist))
const size = (name) => gzipSync(read(name), { level: 9 }).length
const scripts = readdirSync(new URL('assets/', dist)).filter((n) => n.endsWith('.js'))

// with is a script and everything it imports at once.
const follow = (name, seen = new Set()) => {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, next] of read(`assets/${name}`).toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) follow(next, seen)
  return seen
}
const html = read('index.html').toString()
const first = [...html.matchAll(/assets\/([^"]+\.js)/g)].map((m) => m[1])
if (first.length === 0) throw new Error('index.html names no script')
const page = (name) => {
  const file = scripts.find((n) => n.startsWith(`pages-${name}.`))
  if (!file) throw new Error(`no script of the page ${name}`)
  return new Set([...first, file].flatMap((n) => [...follow(n)]))
}
const sum = (names) => [...names].reduce((n, name) => n + size(`assets/${name}`), 0)
const kb = (n) => `${(n / 1024).toFixed(1)} KB`
const loads = { home: sum(page('home')), arrivals: sum(page('arrivals')) }
console.log(`first load of the citizens' pages ${kb(loads.home)}, of arrivals ${kb(loads.arrivals)}, all pages together ${kb(sum(scripts))} of gzipped JavaScript; budget ${kb(budget)}`)
if (Math.max(...Object.values(loads)) > budget) {
  console.error('size: the first load is over its budget')
  process.exit(1)
}
