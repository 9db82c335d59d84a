/** Values as people read and edit them in a grid. */
import { cellValue } from '@hyper-store/client'
import type { ValueType } from '@hyper-store/client'

/** What a value is, in a word. `none`: there is nothing. */
export type CellKind = 'none' | 'text' | 'number' | 'yes-no' | 'null' | 'list' | 'object' | 'bytes'

/** The kind of a JSON value; undefined is `none`. */
export function kindOf(value: unknown): CellKind {
  if (value === undefined) return 'none'
  if (value === null) return 'null'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'yes-no'
  return Array.isArray(value) ? 'list' : 'object'
}

/** The text in which a value is edited: a string as it is, so that it stays one. */
export function editedText(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What an edited text makes of a value: what was text stays text; where nothing was, nothing typed leaves it so. */
export function editedValue(before: unknown, text: string): unknown {
  if (typeof before === 'string') return text
  if (before === undefined && text === '') return undefined
  return cellValue(text)
}

/** A value as one line of a grid, at most 300 characters of it. */
export function shownText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** True for an object with fields. */
export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The bytes that a value is put as. */
export function bytesOf(type: ValueType, value: unknown): Uint8Array<ArrayBuffer> {
  if (type === 'bytes') return Uint8Array.from(atob(String(value)), (sign) => sign.charCodeAt(0))
  return new TextEncoder().encode(type === 'text' ? String(value) : JSON.stringify(value))
}

/** Bytes of what base64 stands for. */
export function base64Size(text: string): number {
  return Math.max(0, (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0))
}
