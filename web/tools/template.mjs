// Reads the templates of a built mini-program and evaluates what stands in double braces.

const single = new Set(['input', 'image', 'import', 'include'])

/** parse makes a tree of {tag, attrs, children} and of texts. */
export function parse(source) {
  const root = { tag: 'root', attrs: {}, children: [] }
  const open = [root]
  const form = /<!--[\s\S]*?-->|<\/([\w-]+)\s*>|<([\w-]+)((?:\s+[^\s=>/]+(?:="[^"]*"|='[^']*')?)*)\s*(\/?)>|([^<]+)/g
  for (const [, closes, opens, attributes, ends, text] of source.matchAll(form)) {
    const at = open.at(-1)
    if (text !== undefined) {
      if (text.trim()) at.children.push({ text })
    } else if (closes) {
      if (at.tag !== closes) throw new Error(`</${closes}> closes <${at.tag}>`)
      open.pop()
    } else if (opens) {
      const node = { tag: opens, attrs: {}, children: [] }
      for (const [, name, a, b] of attributes.matchAll(/([^\s=]+)(?:="([^"]*)"|='([^']*)')?/g)) node.attrs[name] = a ?? b ?? true
      at.children.push(node)
      if (!ends && !single.has(opens)) open.push(node)
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1).tag}> is not closed`)
  return root.children
}

const compiled = new Map()
/** value of an attribute or a text: what stands in braces by itself keeps its kind, all else is text. */
export function value(text, scope) {
  if (typeof text !== 'string' || !text.includes('{{')) return text
  const whole = /^\{\{([\s\S]*)\}\}$/.exec(text)
  if (whole && !whole[1].includes('}}')) return run(whole[1], scope)
  return text.replace(/\{\{([\s\S]*?)\}\}/g, (_, expression) => { const v = run(expression, scope); return v === undefined || v === null ? '' : String(v) })
}

function run(expression, scope) {
  let f = compiled.get(expression)
  if (!f) compiled.set(expression, f = new Function('scope', `with (scope) { return (${expression}) }`))
  return f(new Proxy(scope, { has: () => true, get: (o, k) => (k === Symbol.unscopables ? undefined : o[k]) }))
}

/** camel of u-p is uP. */
export const camel = (name) => name.replace(/-(\w)/g, (_, c) => c.toUpperCase())
