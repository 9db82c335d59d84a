/** Values of tables: bytes that are JSON, text or neither, told apart by what they are. */
import { AppError, TABLE_LIMITS, type ValueType } from '@hyper-store/client/contract'
import { isUtf8, textOf } from './utf8.ts'

/** JSON that is nested deeper is shown as the text that it is. */
const DEEPEST = 500

/** A value as it is told: `json` any JSON, `text` a string, `bytes` base64. */
export interface ShownValue {
  readonly type: ValueType
  readonly value: unknown
}

/** What stored bytes are. */
export function shownValue(bytes: Uint8Array): ShownValue {
  const text = textOf(bytes)
  if (text === null) return { type: 'bytes', value: base64Of(bytes) }
  const value = parsed(text)
  return value === undefined ? { type: 'text', value: text } : { type: 'json', value }
}

/** The bytes of a value as an API gives it. Throws BAD_VALUE for one that is not of its type, or too long. */
export function bytesOfValue({ type, value }: ShownValue): Uint8Array {
  if (type === 'json') {
    // Not a value of JSON at all: the field was left out.
    if (value === undefined) throw new AppError('BAD_VALUE', { reason: 'A value of JSON is missing' })
    return checked(new TextEncoder().encode(written(value)))
  }
  if (typeof value !== 'string') throw new AppError('BAD_VALUE', { reason: `A value of type ${type} is a string` })
  if (type === 'text') return checked(new TextEncoder().encode(value))
  const bytes = base64Bytes(value)
  if (bytes === null) throw new AppError('BAD_VALUE', { reason: 'A value of type bytes is base64' })
  return checked(bytes)
}

/**
 * What is stored for the raw bytes of one value: JSON as it stands, what is no JSON as a JSON string; text and bytes as they are. Throws
 * BAD_VALUE for JSON or text that is no UTF-8, and for too long ones.
 */
export function bytesOfRaw(type: ValueType, bytes: Uint8Array): Uint8Array {
  if (type === 'bytes') return checked(bytes)
  if (type === 'text') {
    if (!isUtf8(bytes)) throw new AppError('BAD_VALUE', { reason: 'The text is not UTF-8; put it as bytes' })
    return checked(bytes)
  }
  const text = textOf(bytes)
  if (text === null) throw new AppError('BAD_VALUE', { reason: 'The value is not UTF-8; put it as bytes' })
  return checked(parsed(text) === undefined ? new TextEncoder().encode(JSON.stringify(text)) : bytes)
}

/** The key of a row to be put. Throws BAD_VALUE for an empty one, and for a too long one. */
export function checkedKey(key: Uint8Array): Uint8Array {
  if (key.length === 0) throw new AppError('BAD_VALUE', { reason: 'The key is empty' })
  if (key.length > TABLE_LIMITS.keyBytes)
    throw new AppError('BAD_VALUE', { reason: `The key has ${key.length} bytes; a key has at most ${TABLE_LIMITS.keyBytes}` })
  return key
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= TABLE_LIMITS.valueBytes) return bytes
  throw new AppError('BAD_VALUE', { reason: `The value has ${bytes.length} bytes; a value has at most ${TABLE_LIMITS.valueBytes}` })
}

function written(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) return text
  } catch {
    // nested too deep
  }
  throw new AppError('BAD_VALUE', { reason: 'The value is no JSON' })
}

/** Undefined for what is no JSON, and for JSON that could not be written again. */
function parsed(text: string): unknown {
  if (isDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isDeep(text: string): boolean {
  if (text.length <= DEEPEST) return false
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === 0x5c) at++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > DEEPEST) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}

function base64Of(bytes: Uint8Array): string {
  const parts: string[] = []
  // In pieces of whole triples: a call has not room for all bytes as arguments.
  for (let at = 0; at < bytes.length; at += 0x6000) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 0x6000))))
  return parts.join('')
}

function base64Bytes(text: string): Uint8Array | null {
  if (!/^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/u.test(text)) return null
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
