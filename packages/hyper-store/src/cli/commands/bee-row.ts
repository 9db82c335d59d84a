/** `bee get`, `bee put`, `bee del`: one row. */
import { Buffer } from 'node:buffer'
import type { TableRow, ValueType } from '@hyper-store/client'
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import type { Output } from '../output.ts'
import { required } from '../references.ts'
import { checkedKey, tableRef } from '../table-ref.ts'

/** Prints the value: JSON on a line, text, or bytes as they are. */
export const runBeeGet: Run = async (context, { args: [table, name], options }) => {
  const { output, signal } = context
  const { ref, version } = tableRef(required(table), options['version'])
  const key = checkedKey(required(name))
  const client = await context.connect()
  const row = await client.getRow(ref, { key, ...(version === null ? {} : { version: String(version) }) }, { signal })
  if (output.json) output.show(row, () => [])
  else await print(output, row, options['as'] as ValueType | undefined)
  return 0
}

/** Puts the value that was given, or that comes on stdin. */
export const runBeePut: Run = async (context, { args: [table, name, given], options }) => {
  const { output, signal } = context
  const { ref } = writable(required(table))
  const key = checkedKey(required(name))
  const as = options['as'] as ValueType | undefined
  const bytes = given === undefined || given === '-' ? await readStdin(given) : Buffer.from(given)
  if (bytes.byteLength > TABLE_LIMITS.valueBytes)
    throw new AppError('BAD_VALUE', { reason: `The value is too long; a value has at most ${TABLE_LIMITS.valueBytes} bytes` })
  const value = valueOf(bytes, as)
  const client = await context.connect()
  const row = await client.putRow(ref, { key, ...(as === undefined ? {} : { as }) }, value, { signal })
  output.show(row, () => [])
  output.talk(`${plain(row.key)} is put, as ${row.type}; the table is at version ${row.version}`)
  return 0
}

/** Deletes a row. Throws NOT_FOUND for one that is not there. */
export const runBeeDel: Run = async (context, { args: [table, name] }) => {
  const { output, signal } = context
  const { ref } = writable(required(table))
  const key = checkedKey(required(name))
  const client = await context.connect()
  output.show(await client.deleteRow(ref, { key }, { signal }), () => [])
  return 0
}

/** A table as it is now. Throws USAGE for a link with a version, which nobody can write. */
function writable(text: string): { readonly ref: string } {
  const { ref, version } = tableRef(text)
  if (version === null) return { ref }
  throw new AppError('USAGE', { reason: 'the link names a version, and what was can not be changed; leave it out' })
}

async function readStdin(given: string | undefined): Promise<Buffer> {
  const missing = new AppError('USAGE', { reason: 'The value is missing; give it, or - and the value on stdin' })
  if (given === undefined && process.stdin.isTTY) throw missing
  const parts: Buffer[] = []
  let size = 0
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.byteLength
    // One byte too many is enough to know.
    if (size > TABLE_LIMITS.valueBytes) break
  }
  if (given === undefined && size === 0) throw missing
  return Buffer.concat(parts)
}

/** The bytes to be stored. Without `as`, what parses as JSON is that, and other text is a JSON string, without the newline of `echo`. */
function valueOf(bytes: Buffer, as: ValueType | undefined): Buffer {
  if (as === 'bytes') return bytes
  const text = textOf(bytes)
  if (as === 'text') return bytes
  try {
    JSON.parse(text)
    return Buffer.from(text.trim())
  } catch {
    if (as === 'json') throw new AppError('BAD_VALUE', { reason: 'The value is not JSON; --as text or --as bytes takes it as it is' })
    return Buffer.from(JSON.stringify(text.replace(/\r?\n$/, '')))
  }
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new AppError('BAD_VALUE', { reason: 'The value is not UTF-8; --as bytes takes it as it is' })
  }
}

async function print(output: Output, { key, type, value }: TableRow, as: ValueType = type): Promise<void> {
  if (as === 'bytes') {
    const bytes =
      type === 'bytes' ? Buffer.from(String(value), 'base64') : Buffer.from(type === 'text' ? String(value) : JSON.stringify(value))
    if (output.terminal)
      throw new AppError('BAD_VALUE', {
        reason: `The value of ${plain(key)} is ${bytes.byteLength} bytes, which a terminal can't show; send them to a file, or see them with --json`,
      })
    await new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())))
  } else if (as === 'json') {
    const text = output.terminal ? JSON.stringify(value, null, 2) : JSON.stringify(value)
    for (const line of text.split('\n')) output.line(output.terminal ? plain(line) : line)
  } else {
    if (type === 'bytes')
      throw new AppError('BAD_VALUE', { reason: `The value of ${plain(key)} is bytes and no text; see it with --as bytes or --as json` })
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    // A terminal takes commands out of what it shows.
    output.line(output.terminal ? text.split('\n').map(plain).join('\n') : text)
  }
}
