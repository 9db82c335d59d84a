/** Tables, rows and their changes as words and cells for people. */
import type { RowEvent, Table, TableRow } from '@hyper-store/client'
import { formatBytes, formatMoment } from './format.ts'
import { plain } from './output.ts'
import type { Output } from './output.ts'

/** Characters of a value that a line on a terminal shows. */
const TERMINAL_CHARS = 120

/** The block of `bee info`. */
export function tableLines(table: Table, output: Output): string[] {
  const { title, link, rows, version, bytes, peers } = table
  const marks = [
    table.private ? 'private' : 'public',
    ...(table.shared ? ['shared'] : []),
    table.writable ? 'written here' : 'read only',
    table.kept ? 'kept here' : 'not kept here',
    `${peers} ${peers === 1 ? 'peer' : 'peers'}`,
  ]
  return [
    `${output.paint('strong', plain(title))}  ${link}`,
    `  ${rows} ${rows === 1 ? 'row' : 'rows'} · ${formatBytes(bytes)} · version ${version}`,
    `  ${marks.join(' · ')}`,
  ]
}

/** The value of a row in one line: JSON, the text, or bytes as base 64. */
export function valueText({ type, value }: Pick<TableRow, 'type' | 'value'>): string {
  return type === 'json' ? JSON.stringify(value) : String(value)
}

/** Cells of a row: key and value. On a terminal a long value is cut. */
export function rowCells(row: TableRow, output: Output): string[] {
  return [plain(row.key), shown(row, output)]
}

/** Cells of a change: version, time, device where it is told, `put` or `delete`, key, value. */
export function changeCells({ version, at, device, op, key, type, value }: RowEvent, output: Output): string[] {
  const when = at === null ? '-' : output.terminal ? formatMoment(at) : at
  const text = type === undefined ? '' : shown({ type, value }, output)
  return [String(version), when, device === undefined ? '-' : plain(device), op, plain(key), text]
}

function shown(row: Pick<TableRow, 'type' | 'value'>, output: Output): string {
  if (output.terminal && row.type === 'bytes')
    return output.paint('dim', `${formatBytes(Buffer.byteLength(String(row.value), 'base64'))} of bytes`)
  const safe = plain(valueText(row))
  return output.terminal && safe.length > TERMINAL_CHARS ? `${safe.slice(0, TERMINAL_CHARS - 1)}…` : safe
}
