/** One row on its way from a file into a table: what it must be, and what is said when it is not. */
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { ValueType } from '@hyper-store/client/contract'

/** A row of a file. */
export interface FileRow {
  /** Line of the file where it ends, from 1 on. */
  readonly line: number
  readonly key: string
  readonly type: ValueType
  /** Any JSON, a string, or bytes as base 64, by `type`. */
  readonly value: unknown
}

/** Characters of one row in a file: a value of the greatest length in base 64, with its key and braces. */
export const ROW_CHARS = TABLE_LIMITS.valueBytes * 2 + TABLE_LIMITS.keyBytes * 4

const TYPES: readonly unknown[] = ['json', 'text', 'bytes'] satisfies ValueType[]
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The error of a line that is no row. `which` names the row where several stand in one line. */
export function badRow(line: number, reason: string, which = 'it'): AppError {
  return new AppError('BAD_ROW', { line, reason: `${which} ${reason}` })
}

/** A row from what a file says: an object with key, value and, where the value is no JSON, type. What else is in it is passed over. Throws BAD_ROW. */
export function rowOf(found: unknown, line: number, which?: string): FileRow {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw badRow(line, 'is no object with key and value', which)
  if (!Object.hasOwn(found, 'value')) throw badRow(line, 'has no value', which)
  const { key, type = 'json', value } = found as { key?: unknown; type?: unknown; value?: unknown }
  return checkedRow({ line, key, type, value }, which)
}

/** The row itself, once it is known to fit into a table. Throws BAD_ROW. */
export function checkedRow(
  { line, key, type, value }: { readonly line: number; readonly key: unknown; readonly type: unknown; readonly value: unknown },
  which?: string,
): FileRow {
  if (typeof key !== 'string' || key === '') throw badRow(line, 'has no key', which)
  if (keyBytes(key) > TABLE_LIMITS.keyBytes) throw badRow(line, `has a key of more than ${TABLE_LIMITS.keyBytes} bytes`, which)
  if (!isType(type)) throw badRow(line, 'has a type that is none of json, text, bytes', which)
  if (type === 'text' && typeof value !== 'string') throw badRow(line, 'has a text that is no string', which)
  if (type === 'bytes' && !(typeof value === 'string' && BASE64.test(value))) throw badRow(line, 'has bytes that are no base 64', which)
  if (valueBytes(type, value) > TABLE_LIMITS.valueBytes)
    throw badRow(line, `has a value of more than ${TABLE_LIMITS.valueBytes} bytes`, which)
  return { line, key, type, value }
}

/** Bytes of a key in a table: what is percent-encoded in its text is one byte there. */
export function keyBytes(key: string): number {
  return Buffer.byteLength(key.replace(/%[0-9a-f]{2}/gi, '.'))
}

function isType(type: unknown): type is ValueType {
  return TYPES.includes(type)
}

function valueBytes(type: ValueType, value: unknown): number {
  if (type === 'bytes') return Buffer.byteLength(value as string, 'base64')
  return Buffer.byteLength(type === 'text' ? (value as string) : JSON.stringify(value))
}
