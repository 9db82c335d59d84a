/** Reads rows from a body of JSON lines: one object a line, within the limits of a row. */
import { AppError, TABLE_LIMITS, ValueType } from '@hyper-store/client/contract'
import * as v from 'valibot'
import type { RowPut } from '../../core/store-api.ts'

const RowLine = v.strictObject({
  key: v.pipe(v.string(), v.minLength(1), v.maxLength(TABLE_LIMITS.keyBytes * 3)),
  type: v.optional(ValueType, 'json'),
  value: v.unknown(),
})
/** A value of the greatest length in base64, with its key and braces. */
const LINE_BYTES = TABLE_LIMITS.valueBytes * 2 + TABLE_LIMITS.keyBytes * 4

/** Rows line by line; empty lines are passed over. Throws BAD_ROW with the number of the line. */
export async function* readRowLines(body: AsyncIterable<Uint8Array>): AsyncIterable<RowPut> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let line = 0
  const decode = (part?: Uint8Array): string => {
    try {
      return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })
    } catch {
      throw new AppError('BAD_ROW', { line: line + 1, reason: 'it is not UTF-8' })
    }
  }
  for await (const part of body) {
    const lines = (rest + decode(part)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_BYTES) throw new AppError('BAD_ROW', { line: line + lines.length + 1, reason: 'it is too long' })
    for (const text of lines) {
      line++
      if (text.trim() !== '') yield parseLine(text, line)
    }
  }
  rest += decode()
  if (rest.trim() !== '') yield parseLine(rest, line + 1)
}

function parseLine(text: string, line: number): RowPut {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AppError('BAD_ROW', { line, reason: 'it is not JSON' })
  }
  const parsed = v.safeParse(RowLine, value)
  if (parsed.success) return { ...parsed.output, line }
  throw new AppError('BAD_ROW', { line, reason: parsed.issues[0].message })
}
