/** What a file says, record by record, and the row that a record makes. */
import { cellValue, TABLE_LIMITS } from '@hyper-store/client'
import type { ValueType } from '@hyper-store/client'
import { TABLES } from '../../words/tables.ts'
import { isFields, kindOf } from './cells.ts'

/** Formats of files with rows. */
export type FileFormat = 'csv' | 'ndjson' | 'json'

const BY_ENDING: ReadonlyMap<string, FileFormat> = new Map([
  ['csv', 'csv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['json', 'json'],
])

/** The format of a file by its name; null when that does not tell. */
export function formatOf(name: string): FileFormat | null {
  return BY_ENDING.get(/\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '') ?? null
}

/** A line that is no row. */
export class FileProblem extends Error {
  /** `line` counts from 1. */
  constructor(line: number, why: string) {
    super(TABLES.line(line, why))
    this.name = 'FileProblem'
  }
}

/** One record of a file. */
export interface FileRecord {
  /** Line where it ends, from 1 on. */
  readonly line: number
  /** What it says by name; null where it is a key with its value. */
  readonly fields: Readonly<Record<string, unknown>> | null
  /** A row that says itself what is key and value. */
  readonly row: { readonly key: unknown; readonly type: unknown; readonly value: unknown } | null
}

/** A row that can be put. */
export interface FileRow {
  readonly line: number
  readonly key: string
  readonly type: ValueType
  readonly value: unknown
}

/** Chooses no column: rows are numbered. */
export const NUMBERED = '\0numbered'

/** Names of which one is the key when a file says nothing else. */
const KEY_NAMES = ['key', 'id', '_id', 'uuid', 'isbn', 'email']

/** The likely column of the keys. */
export function likelyKey(columns: readonly string[]): string {
  return KEY_NAMES.flatMap((name) => columns.filter((column) => column.toLowerCase() === name))[0] ?? columns[0] ?? NUMBERED
}

const ROW_NAMES: ReadonlySet<string> = new Set(['key', 'value', 'type', 'version', 'at', 'device'])

/** The record of a JSON value. Throws FileProblem. */
export function recordOf(line: number, found: unknown): FileRecord {
  if (!isFields(found)) throw new FileProblem(line, TABLES.why.noObject)
  const isRow = Object.hasOwn(found, 'key') && Object.hasOwn(found, 'value') && Object.keys(found).every((name) => ROW_NAMES.has(name))
  return isRow
    ? { line, fields: null, row: { key: found['key'], type: found['type'] ?? 'json', value: found['value'] } }
    : { line, fields: found, row: null }
}

/** How lines of CSV below a header are read. Throws FileProblem. */
export function csvReader(header: readonly string[], line: number): (cells: readonly string[], line: number) => FileRecord {
  const twice = header.find((name, at) => header.indexOf(name) !== at)
  if (twice !== undefined) throw new FileProblem(line, TABLES.why.twice(twice))
  const isSingle =
    header.includes('key') && header.includes('value') && header.every((name) => ['key', 'value', 'value_type'].includes(name))
  return (cells, at) => {
    if (cells.length !== header.length) throw new FileProblem(at, TABLES.why.cells(cells.length, header.length))
    const named = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']))
    if (!isSingle) {
      const given = header.flatMap((name, index) => (cells[index] === '' ? [] : [[name, cellValue(cells[index] ?? '')] as const]))
      return { line: at, fields: Object.fromEntries(given), row: null }
    }
    const type = (named['value_type'] ?? '') === '' ? 'json' : named['value_type']
    const cell = named['value'] ?? ''
    return { line: at, fields: null, row: { key: named['key'], type, value: type === 'json' ? cellValue(cell) : cell } }
  }
}

const TYPES: readonly unknown[] = ['json', 'text', 'bytes'] satisfies ValueType[]
const sizes = new TextEncoder()

/** The row of a record; `keyColumn` names the field with the key, `number` is that of the record. Throws FileProblem. */
export function rowOf(record: FileRecord, keyColumn: string, number: number): FileRow {
  const { line, fields, row } = record
  if (fields === null) return checked(line, row?.key, row?.type, row?.value)
  if (keyColumn === NUMBERED) return checked(line, String(number).padStart(7, '0'), 'json', fields)
  const { [keyColumn]: key, ...rest } = fields
  return checked(line, typeof key === 'number' ? String(key) : key, 'json', rest)
}

function checked(line: number, key: unknown, type: unknown, value: unknown): FileRow {
  const { why } = TABLES
  if (typeof key !== 'string' || key === '') throw new FileProblem(line, why.noKey)
  if (sizes.encode(key).length > TABLE_LIMITS.keyBytes) throw new FileProblem(line, why.longKey)
  if (!isType(type) || (type !== 'json' && typeof value !== 'string')) throw new FileProblem(line, why.badType)
  if (kindOf(value) === 'none') throw new FileProblem(line, why.noValue)
  return { line, key, type, value }
}

function isType(type: unknown): type is ValueType {
  return TYPES.includes(type)
}

/** The line of NDJSON that the store takes for a row. Throws FileProblem. */
export function lineOf({ line, key, type, value }: FileRow): string {
  const text = JSON.stringify({ key, type, value })
  if (text.length > TABLE_LIMITS.valueBytes * 2) throw new FileProblem(line, TABLES.why.longValue)
  return text
}
