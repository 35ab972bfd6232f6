// A QR code (ISO/IEC 18004) of a short text: bytes, level M, versions 1 to 20. It is drawn here because its text is a secret that
// was sent to this page and goes nowhere else.

/** Of each version: bytes of correction in a block, and blocks, at level M. */
const correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]
const blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]

// The field of 256 elements over x⁸+x⁴+x³+x²+1.
const exp = new Uint8Array(512)
const log = new Uint8Array(256)
for (let i = 0, x = 1; i < 255; i++, x = x & 128 ? (x << 1) ^ 0x11d : x << 1) {
  exp[i] = exp[i + 255] = x
  log[x] = i
}

/** check gives n bytes of correction for data: the rest of its division by (x−α⁰)…(x−αⁿ⁻¹). */
function check(data: Uint8Array, n: number): Uint8Array {
  let divisor = [1]
  for (let i = 0; i < n; i++) divisor = [...divisor, 0].map((d, k) => d ^ (k ? times(divisor[k - 1]!, exp[i]!) : 0))
  const rest = new Uint8Array(data.length + n)
  rest.set(data)
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i]!
    if (lead) divisor.forEach((d, k) => { rest[i + k]! ^= times(d, lead) })
  }
  return rest.slice(data.length)
}
const times = (a: number, b: number): number => (a && b ? exp[log[a]! + log[b]!]! : 0)

/** modulesFor counts what a version has for data and correction, in bits. */
function modulesFor(version: number): number {
  const rows = version < 2 ? 0 : Math.floor(version / 7) + 2
  return (16 * version + 128) * version + 64 - (rows ? (25 * rows - 10) * rows - 55 : 0) - (version > 6 ? 36 : 0)
}

/** qr is the picture, row by row, true for dark; null for a text that is too long. */
export function qr(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text)
  for (let version = 1; version <= correction.length; version++) {
    const all = Math.floor(modulesFor(version) / 8)
    const room = all - correction[version - 1]! * blocks[version - 1]!
    const counter = version < 10 ? 8 : 16
    if (bytes.length * 8 + 4 + counter <= room * 8) return draw(version, spread(frame(bytes, counter, room), version, all))
  }
  return null
}

/** frame is mode, length, text and filling. */
function frame(bytes: Uint8Array, counter: number, room: number): Uint8Array {
  const bits: number[] = []
  const push = (value: number, n: number): void => { for (let i = n - 1; i >= 0; i--) bits.push((value >> i) & 1) }
  push(4, 4)
  push(bytes.length, counter)
  bytes.forEach((b) => push(b, 8))
  push(0, Math.min(4, room * 8 - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  for (let fill = 0xec; bits.length < room * 8; fill ^= 0xec ^ 0x11) push(fill, 8)
  return Uint8Array.from({ length: room }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2))
}

/** spread cuts data into blocks, and lays their bytes in turns: first the data, then the correction. */
function spread(data: Uint8Array, version: number, all: number): number[] {
  const n = blocks[version - 1]!
  const each = correction[version - 1]!
  const short = Math.floor(all / n) - each
  const longer = all % n // so many of the last blocks have one byte more
  const parts: Uint8Array[] = []
  for (let i = 0, at = 0; i < n; i++) {
    const size = short + (i >= n - longer ? 1 : 0)
    parts.push(data.slice(at, at += size))
  }
  const checks = parts.map((p) => check(p, each))
  const out: number[] = []
  for (let k = 0; k <= short; k++) for (const p of parts) if (k < p.length) out.push(p[k]!)
  for (let k = 0; k < each; k++) for (const c of checks) out.push(c[k]!)
  return out
}

const masks: Array<(r: number, c: number) => boolean> = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

function draw(version: number, bytes: number[]): boolean[][] {
  const size = version * 4 + 17
  const fixed = Array.from({ length: size }, () => new Array<boolean | null>(size).fill(null))
  const set = (r: number, c: number, dark: boolean): void => { if (fixed[r] && c >= 0 && c < size) fixed[r]![c] = dark }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  for (const [r, c] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) {
    for (let y = -4; y <= 4; y++) for (let x = -4; x <= 4; x++) { const far = Math.max(Math.abs(y), Math.abs(x)); set(r + y, c + x, far !== 2 && far !== 4) }
  }
  const at = alignment(version, size)
  for (const r of at) for (const c of at) {
    if ((r === 6 && (c === 6 || c === size - 7)) || (c === 6 && r === size - 7)) continue
    for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) set(r + y, c + x, Math.max(Math.abs(y), Math.abs(x)) !== 1)
  }
  if (version > 6) {
    const code = (version << 12) | rest(version, 12, 0x1f25)
    for (let i = 0; i < 18; i++) {
      const dark = ((code >> i) & 1) === 1
      set(Math.floor(i / 3), size - 11 + (i % 3), dark)
      set(size - 11 + (i % 3), Math.floor(i / 3), dark)
    }
  }
  format(set, size, 0) // keeps the place
  let best: boolean[][] = []
  let least = Infinity
  for (let mask = 0; mask < 8; mask++) {
    format(set, size, mask)
    const picture = fill(fixed, bytes, masks[mask]!)
    const cost = penalty(picture)
    if (cost < least) [least, best] = [cost, picture]
  }
  return best
}

function alignment(version: number, size: number): number[] {
  if (version < 2) return []
  const n = Math.floor(version / 7) + 2
  const step = Math.ceil((size - 13) / (2 * n - 2)) * 2
  return [6, ...Array.from({ length: n - 1 }, (_, i) => size - 7 - step * (n - 2 - i))]
}

/** rest is the remainder of value·xⁿ by a generator of degree n, over two elements. */
function rest(value: number, n: number, generator: number): number {
  let r = value << n
  for (let i = 31; i >= n; i--) if ((r >>> i) & 1) r ^= generator << (i - n)
  return r
}

function format(set: (r: number, c: number, dark: boolean) => void, size: number, mask: number): void {
  const code = ((mask << 10) | rest(mask, 10, 0x537)) ^ 0x5412 // level M is 00
  for (let i = 0; i < 15; i++) {
    const dark = ((code >> i) & 1) === 1
    set(i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, dark)
    set(8, i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, dark)
  }
  set(size - 8, 8, true)
}

/** fill lays the bits in pairs of columns, up and down from the right, past what is fixed. */
function fill(fixed: Array<Array<boolean | null>>, bytes: number[], mask: (r: number, c: number) => boolean): boolean[][] {
  const size = fixed.length
  const out = fixed.map((row) => row.map((d) => d === true))
  let i = 0
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let k = 0; k < size; k++) {
      const r = up ? size - 1 - k : k
      for (const c of [right, right - 1]) {
        if (fixed[r]![c] !== null) continue
        const bit = i < bytes.length * 8 && ((bytes[i >> 3]! >> (7 - (i & 7))) & 1) === 1
        out[r]![c] = bit !== mask(r, c)
        i++
      }
    }
  }
  return out
}

/** penalty is how hard a picture is to read: long runs, squares, what looks like a finder, and too much of one colour. */
function penalty(picture: boolean[][]): number {
  const size = picture.length
  let cost = 0
  let dark = 0
  for (const lines of [picture, picture.map((_, c) => picture.map((row) => row[c]!))]) {
    for (const line of lines) {
      for (let i = 0, run = 1; i < size; i++, run++) {
        if (line[i] === line[i + 1]) continue
        if (run >= 5) cost += run - 2
        run = 0
      }
      const text = line.map(Number).join('')
      for (let i = 0; i + 11 <= size; i++) if (['10111010000', '00001011101'].includes(text.slice(i, i + 11))) cost += 40
    }
  }
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) {
    if (picture[r]![c]) dark++
    if (r && c && picture[r]![c] === picture[r - 1]![c] && picture[r]![c] === picture[r]![c - 1] && picture[r]![c] === picture[r - 1]![c - 1]) cost += 3
  }
  return cost + 10 * Math.floor(Math.abs((dark * 100) / (size * size) - 50) / 5)
}
