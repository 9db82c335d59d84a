/** A table of small JSON records in the state: parsed when read, durable when written, changed without lost updates. */
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Durability, Level } from './level.ts'
import { createSerial } from '../lib/serial.ts'

/** Records by key. Writes wait for the disk unless `sync: false` is given. */
export interface RecordTable<Row> {
  get(key: string): Promise<Row | null>
  /** All records in the order of their keys. */
  list(): Promise<Row[]>
  put(row: Row, durability?: Durability): Promise<void>
  /** Changes one record from what it is now; null when there is none (then nothing is written). */
  update(key: string, change: (row: Row) => Row, durability?: Durability): Promise<Row | null>
  /** False when there was none. */
  remove(key: string): Promise<boolean>
}

/** How a table is called, what its rows are, and which field is the key. */
export interface RecordTableOptions<Row> {
  readonly name: string
  readonly schema: v.GenericSchema<unknown, Row>
  readonly keyOf: (row: Row) => string
}

/** Makes the table `name`; `keyOf` may give any text, it is escaped. */
export function createRecordTable<Row>(level: Level, options: RecordTableOptions<Row>): RecordTable<Row> {
  const { name, schema, keyOf } = options
  const prefix = tablePrefix(name)
  const serial = createSerial()
  const keyFor = (key: string) => prefix + encodeURIComponent(key)
  const parse = (text: string): Row => {
    const parsed = v.safeParse(schema, safeJson(text))
    if (!parsed.success) throw damaged(name, parsed.issues[0].message)
    return parsed.output
  }
  const read = async (key: string): Promise<Row | null> => {
    const text = await level.get(keyFor(key))
    return text === undefined ? null : parse(text)
  }
  const write = (row: Row, durability: Durability) => {
    const checked = v.safeParse(schema, row)
    if (!checked.success) throw new AppError('DEFECT', { reason: `a record of ${name} is not valid: ${checked.issues[0].message}` })
    return writeBatch(level, [{ type: 'put', key: keyFor(keyOf(row)), value: JSON.stringify(checked.output) }], durability)
  }
  return {
    get: read,
    async list() {
      const rows: Row[] = []
      for await (const text of level.values(rangeOf(prefix))) rows.push(parse(text))
      return rows
    },
    put: (row, durability = { sync: true }) => serial.run(() => write(row, durability)),
    update: (key, change, durability = { sync: true }) =>
      serial.run(async () => {
        const row = await read(key)
        if (row === null) return null
        const changed = change(row)
        await write(changed, durability)
        return changed
      }),
    remove: (key) =>
      serial.run(async () => {
        if ((await level.get(keyFor(key))) === undefined) return false
        await writeBatch(level, [{ type: 'del', key: keyFor(key) }], { sync: true })
        return true
      }),
  }
}

/** Named settings: any JSON value. */
export interface Settings {
  /** Undefined when it was never set. The caller parses: a setting's shape belongs to the room that uses it. */
  get(name: string): Promise<unknown>
  /** Undefined removes it. @throws DEFECT for what JSON can't hold */
  set(name: string, value: unknown, durability?: Durability): Promise<void>
}

/** Makes the settings table. */
export function createSettings(level: Level): Settings {
  const prefix = tablePrefix('setting')
  return {
    async get(name) {
      const text = await level.get(prefix + encodeURIComponent(name))
      return text === undefined ? undefined : safeJson(text)
    },
    async set(name, value, durability = { sync: true }) {
      const key = prefix + encodeURIComponent(name)
      const text = JSON.stringify(value) as string | undefined
      if (text === undefined && value !== undefined) throw new AppError('DEFECT', { reason: `the setting ${name} is not JSON` })
      await writeBatch(level, [text === undefined ? { type: 'del', key } : { type: 'put', key, value: text }], durability)
    },
  }
}

/** JSON of the database. @throws STATE_DAMAGED */
export function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw damaged('a record', error instanceof Error ? error.message : String(error))
  }
}

function damaged(what: string, reason: string): AppError {
  return new AppError('STATE_DAMAGED', { path: `the state (${what})`, reason })
}
