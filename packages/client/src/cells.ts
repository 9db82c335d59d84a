/** JSON values as texts that people type and CSV files hold: what a text means, and the text that means a value. Each value comes back as it was. */

const NUMBER = /^-?\d/

/**
 * The value of a cell: null, true, false, numbers in their shortest form, and JSON that begins with `{`, `[` or `"`. All else is
 * text, so that `007`, `1.10` and numbers too long for a number stay as they are.
 */
export function cellValue(cell: string): unknown {
  if (cell === 'null') return null
  if (cell === 'true') return true
  if (cell === 'false') return false
  if (NUMBER.test(cell)) return String(Number(cell)) === cell ? Number(cell) : cell
  if (!/^["{[]/.test(cell)) return cell
  try {
    return JSON.parse(cell) as unknown
  } catch {
    return cell
  }
}

/** The cell of a JSON value; text that would be taken for something else is written as a JSON string. */
export function cellOf(value: unknown): string {
  if (typeof value === 'string' && value !== '' && cellValue(value) === value) return value
  return JSON.stringify(value)
}
