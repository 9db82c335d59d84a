/** The tables that the conformance suite runs on: a plain one in a log of its own, a sub-database of it, and one in a shared folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TableSource } from '../../src/core/table-source.ts'
import { keyBytes } from '../../src/core/table-keys.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { TableLog } from '../../src/hyper/table-log.ts'
import { openState } from '../../src/state/state.ts'
import { subTable } from '../../src/tables/sub-table.ts'
import { openSharedTables } from './tables-shared-subjects.ts'

/** A table under test. */
export interface TableSubject extends AsyncDisposable {
  readonly table: TableSource
}

/** A plain table with its drive. */
export interface PlainSubject extends TableSubject {
  readonly table: TableLog
  readonly drive: DeviceDrive
  readonly storage: CoreStorage
  /** A drive that another program could have written, and the table that it is. */
  hostile(blocks: readonly Uint8Array[]): Promise<TableLog>
}

/** A plain table; `encryptionKey` is 32 bytes, or null. */
export async function openPlainTable(encryptionKey: Uint8Array | null = null): Promise<PlainSubject> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-table-'))
  const state = await openState(path.join(dir, 'state'))
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  const opened: DeviceDrive[] = []
  const open = async (name: string, key: Uint8Array | null): Promise<TableLog> => {
    const drive = await storage.openOwnTable(name, key)
    await drive.start(0)
    opened.push(drive)
    return new TableLog(drive, { sparse: false, title: () => 'birds' })
  }
  await storage.makeTable('birds', encryptionKey, 'birds')
  const table = await open('birds', encryptionKey)
  const [drive] = opened
  if (drive === undefined) throw new Error('it was opened')
  return {
    table,
    drive,
    storage,
    async hostile(blocks) {
      const name = `hostile-${opened.length}`
      await storage.makeTable(name, null, 'hostile')
      const made = await open(name, null)
      await opened.at(-1)?.db.append(blocks)
      return made
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close()
      await storage.close()
      await state[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Each kind of table, by name. */
export const TABLES: readonly (readonly [string, () => Promise<TableSubject>])[] = [
  ['plain', async () => openPlainTable()],
  ['private', async () => openPlainTable(Buffer.alloc(32, 7))],
  [
    'sub-database',
    async () => {
      const whole = await openPlainTable()
      await whole.table.write([row('before', 'x'), row('some/within', 'x'), row('zoo', 'x')])
      await whole.table.write([row('some/within', null)])
      const dispose = async () => whole[Symbol.asyncDispose]()
      return { table: subTable(whole.table, keyBytes('some/')), [Symbol.asyncDispose]: dispose }
    },
  ],
  [
    'shared',
    async () => {
      const world = await openSharedTables(1)
      return { table: world.table(0), [Symbol.asyncDispose]: async () => world[Symbol.asyncDispose]() }
    },
  ],
]

/** A row to be put, or deleted with null. */
export function row(key: string, value: string | null): { key: Uint8Array; value: Uint8Array | null } {
  return { key: keyBytes(key), value: value === null ? null : Buffer.from(value) }
}
