/** Range headers (RFC 9110, section 14): pure. */

/** Bytes `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a Range header asks of a file: all of it, one part, or nothing that it has. */
export type RangeWish =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' }

const WHOLE: RangeWish = { kind: 'whole' }

/**
 * Reads a Range header for a file of `size` bytes. A header that is not valid, or counts in another unit, is as good as
 * absent. Several ranges are answered as the one that covers all of them.
 */
export function readRange(header: string | undefined, size: number): RangeWish {
  const found = header === undefined ? null : /^[ \t]*bytes=(.*)$/i.exec(header)
  if (found === null) return WHOLE
  const specs = (found[1] ?? '')
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  if (specs.length === 0) return WHOLE
  let start = Infinity
  let end = 0
  for (const spec of specs) {
    const range = readSpec(spec, size)
    if (range === 'invalid') return WHOLE
    if (range === null) continue
    start = Math.min(start, range.start)
    end = Math.max(end, range.end)
  }
  return end === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', range: { start, end } }
}

/** One range; null when the file has nothing of it. */
function readSpec(spec: string, size: number): ByteRange | null | 'invalid' {
  const found = /^(\d*)-(\d*)$/.exec(spec)
  const [first = '', last = ''] = found?.slice(1) ?? []
  if (found === null || (first === '' && last === '')) return 'invalid'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? null : { start: size - length, end: size }
  }
  const start = Number(first)
  const lastByte = last === '' ? Infinity : Number(last)
  if (lastByte < start) return 'invalid'
  return start >= size ? null : { start, end: Math.min(lastByte + 1, size) }
}
