/** Searching rows: which have a text in key or value, and how many are looked at before a walk pauses. */
import type { TableRow } from '@hyper-store/client/contract'
import { caseKey } from '../core/paths.ts'
import type { RowRange } from '../core/store-api.ts'

/** Says of a row whether its key, or its value as text or JSON text, contains `text` in any case; bytes are not searched. */
export function matcher(text: string): (row: Pick<TableRow, 'key' | 'type' | 'value'>) => boolean {
  const wanted = caseKey(text)
  return ({ key, type, value }) => {
    if (caseKey(key).includes(wanted)) return true
    if (type === 'bytes') return false
    return caseKey(type === 'text' ? String(value) : JSON.stringify(value)).includes(wanted)
  }
}

/** Counts what a walk looks at: true once that is as much as `looks` allows, after one row at least. */
export function lookCounter(looks: RowRange['looks']): (bytes: number) => boolean {
  if (looks === undefined) return () => false
  const until = performance.now() + looks.ms
  let { rows, bytes } = looks
  return (size) => {
    rows--
    bytes -= size
    return rows <= 0 || bytes <= 0 || performance.now() >= until
  }
}
