/** QR codes for terminals, to be scanned from the screen. */
import { encode } from 'uqr'

const BLACK_ON_WHITE = '\u001B[30;107m'
const RESET = '\u001B[0m'
const HALVES = { both: '█', upper: '▀', lower: '▄', none: ' ' } as const

/** Lines that show `text` as a QR code in black on white, whatever the colours of the terminal; null when it is wider than `columns`. */
export function qrLines(text: string, columns: number): string[] | null {
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  if (size > columns) return null
  const lines: string[] = []
  for (let y = 0; y < size; y += 2) {
    const row = Array.from({ length: size }, (_, x) => half(data[y]?.[x] === true, data[y + 1]?.[x] === true))
    lines.push(`${BLACK_ON_WHITE}${row.join('')}${RESET}`)
  }
  return lines
}

function half(upper: boolean, lower: boolean): string {
  if (upper) return lower ? HALVES.both : HALVES.upper
  return lower ? HALVES.lower : HALVES.none
}
