// Reads back what a drawn QR code says, as a camera would that sees every square: no correction, bytes only.
import type { Locator } from '@playwright/test'

/** read gives the text of an SVG whose path has one square for each dark module. */
export async function read(picture: Locator): Promise<string> {
  const size = Number((await picture.getAttribute('viewBox'))!.split(' ')[2]) - 8
  const dark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  for (const [, c, r] of (await picture.locator('path').getAttribute('d'))!.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) dark[Number(r)]![Number(c)] = true
  const version = (size - 17) / 4
  let format = 0
  for (let i = 14; i >= 0; i--) format = (format << 1) | Number(dark[i < 6 ? i : i < 8 ? i + 1 : size - 15 + i]![8])
  const mask = ((format ^ 0x5412) >> 10) & 7
  if (((format ^ 0x5412) >> 13) !== 0) throw new Error('not level M')
  const turned = (r: number, c: number): boolean => [
    (r + c) % 2, r % 2, c % 3, (r + c) % 3, (Math.floor(r / 2) + Math.floor(c / 3)) % 2, ((r * c) % 2) + ((r * c) % 3), (((r * c) % 2) + ((r * c) % 3)) % 2, (((r + c) % 2) + ((r * c) % 3)) % 2,
  ][mask] === 0
  const marks = Math.floor(version / 7) + 2
  const step = Math.ceil((size - 13) / (2 * marks - 2)) * 2
  const at = version < 2 ? [] : [6, ...Array.from({ length: marks - 1 }, (_, i) => size - 7 - step * (marks - 2 - i))]
  const corner = (r: number, c: number): boolean => (r < 9 && c < 9) || (r < 9 && c >= size - 8) || (r >= size - 8 && c < 9)
  const inMark = (r: number, c: number): boolean => at.some((y) => at.some((x) => !corner(y, x) && Math.abs(r - y) < 3 && Math.abs(c - x) < 3))
  const inVersion = (r: number, c: number): boolean => version > 6 && ((r < 6 && c >= size - 11) || (c < 6 && r >= size - 11))
  const bits: number[] = []
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let k = 0; k < size; k++) for (const c of [right, right - 1]) {
      const r = up ? size - 1 - k : k
      if (r === 6 || c === 6 || corner(r, c) || inMark(r, c) || inVersion(r, c)) continue
      bits.push(Number(dark[r]![c] !== turned(r, c)))
    }
  }
  const bytes = Array.from({ length: Math.floor(bits.length / 8) }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2))
  const n = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9][version - 1]!
  const each = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22][version - 1]!
  const short = Math.floor(bytes.length / n) - each
  const longer = bytes.length % n
  const parts: number[][] = Array.from({ length: n }, () => [])
  let i = 0
  for (let k = 0; k <= short; k++) for (let p = 0; p < n; p++) if (k < short || p >= n - longer) parts[p]!.push(bytes[i++]!)
  const data = parts.flat().map((b) => b.toString(2).padStart(8, '0')).join('')
  if (data.slice(0, 4) !== '0100') throw new Error('not bytes')
  const counter = version < 10 ? 8 : 16
  const length = parseInt(data.slice(4, 4 + counter), 2)
  return Buffer.from(Array.from({ length }, (_, k) => parseInt(data.slice(4 + counter + k * 8, 12 + counter + k * 8), 2))).toString('utf8')
}
