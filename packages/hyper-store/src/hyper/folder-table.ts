/** A table in a shared folder: rows in the db log of every device's drive, merged per key. */
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { FolderVersion } from '../core/ports.ts'
import { encodeRow } from '../core/table-clock.ts'
import {
  type DriveRow,
  eachWriteOnce,
  mergeRows,
  newestRow,
  planTakeOver,
  planWrites,
  type RowToWrite,
  type RowVersions,
  versionAt,
} from '../core/table-merge.ts'
import type { ByteRange, RowWrite, StoredChange, StoredRow, TableSource } from '../core/table-source.ts'
import type { DeviceDrive } from './device-drive.ts'
import type { MergedDrives } from './folder-drives.ts'
import { type FolderRows, rowsOf } from './folder-rows.ts'
import type { MemberDrive } from './merged-feed.ts'
import { RowTree } from './row-tree.ts'
import { nameIn, prefixOf, RowBlocks, rowOf, ROWS_PREFIX, rowsByTable } from './table-blocks.ts'

/** Keys looked up side by side. */
const LOOK_UPS = 256
/** Longest name of a table, in UTF-8. */
const NAME_BYTES = 600

/** The table of a folder by its name. Throws BAD_REQUEST for what can't be a name. */
export function folderTable(drives: MergedDrives, name: string): FolderTable {
  if (!isTableName(name)) throw new AppError('BAD_REQUEST', { reason: `the name of a table has 1 to ${NAME_BYTES} bytes, and no slash` })
  return new FolderTable(drives, name)
}

/** The name is the path in the table's link: `/` ends it. */
function isTableName(name: string): boolean {
  return name !== '' && !/[\0/]/.test(name) && Buffer.byteLength(name) <= NAME_BYTES && Buffer.from(name).toString('utf8') === name
}

/** Names of the tables of which any drive of the folder has a row, or that were made, in order. */
export async function tableNames(drives: MergedDrives): Promise<string[]> {
  const names = new Set<string>()
  const end = afterAll(Buffer.from(ROWS_PREFIX))
  const rows = rowsOf(drives)
  const lengths = rows.newest()
  for (const { drive } of rows.members) {
    const tree = new RowTree(drive.db, lengths[drive.id] ?? 0)
    for (let from: Buffer | null = Buffer.from(ROWS_PREFIX); from !== null;) {
      let next: Buffer | null = null
      for await (const { key } of tree.range({ gte: from, lt: end })) {
        const name = nameIn(key)
        if (name !== null && isTableName(name)) names.add(name)
        next = name === null ? Buffer.concat([key, Buffer.alloc(1)]) : afterAll(prefixOf(name))
        break
      }
      from = next
    }
  }
  return [...names].sort()
}

/**
 * Takes over what a drive tells of tables from a length of its log on, as that stops counting: same clock, same first writer, in the own
 * drive. Gives how many rows were written. Throws NOT_WRITER.
 */
export async function takeOverRows(drives: MergedDrives, drive: DeviceDrive, from: number): Promise<number> {
  const leaving = drives.members.find((member) => member.drive === drive)
  if (leaving === undefined) return 0
  const tables = await rowsByTable(leaving, from, rowsOf(drives).signedLength(drive))
  let count = 0
  for (const [name, keys] of tables) count += await new FolderTable(drives, name).takeOver(leaving, { from, keys })
  return count
}

/** The first raw key after all that begin with these bytes, the last of which is 0. */
function afterAll(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1] = 1
  return end
}

/** Rows of one table of a folder. Versions are those of the folder. */
export class FolderTable implements TableSource {
  readonly name: string
  readonly #drives: MergedDrives
  readonly #rows: FolderRows
  readonly #prefix: Buffer

  /** By `folderTable`, which looks at the name. */
  constructor(drives: MergedDrives, name: string) {
    this.name = name
    this.#drives = drives
    this.#rows = rowsOf(drives)
    this.#prefix = prefixOf(name)
  }

  get writable(): boolean {
    return this.#own() !== null
  }

  version(): number {
    return this.#rows.version()
  }

  async get(key: Uint8Array, version: number | null): Promise<StoredRow | null> {
    const state = await this.#rows.stateOf(version)
    const row = await this.#row(state, key)
    return row?.value == null ? null : this.#told(row, row.value, await this.#rows.versions())
  }

  async *range(range: ByteRange, version: number | null): AsyncGenerator<StoredRow> {
    const state = await this.#rows.stateOf(version)
    const versions = await this.#rows.versions()
    for await (const row of this.#merged(state, range)) if (row.value !== null) yield this.#told(row, row.value, versions)
  }

  async count(version: number | null): Promise<number> {
    const state = await this.#rows.stateOf(version)
    return this.#rows.countOf(this.name, state, async () => {
      let rows = 0
      for await (const row of this.#merged(state, {})) if (row.value !== null) rows++
      return rows
    })
  }

  async write(changes: readonly RowWrite[]): Promise<number> {
    for (const { key, value } of changes) refuseSize(key, value)
    return this.#rows.writes.run(async () => {
      this.#writer()
      // Of one key the last change of a step counts.
      const last = new Map(changes.map((change) => [Buffer.from(change.key).toString('hex'), change]))
      const sorted = [...last.values()].sort((a, b) => Buffer.compare(a.key, b.key))
      const seen = await this.#seen(sorted.map(({ key }) => key))
      await this.#put(
        planWrites(
          sorted.map(({ key, value }, i) => ({ key, value, seen: seen[i] ?? null })),
          this.#drives.nowMs,
        ),
      )
      return this.version()
    })
  }

  /** Makes the table known to all devices of the folder before it has a row. Throws NOT_WRITER. */
  async make(): Promise<void> {
    await this.#rows.writes.run(async () => {
      const own = this.#writer()
      if ((await tableNames(this.#drives)).includes(this.name)) return
      await own.drive.writeRows([{ key: this.#prefix, value: new Uint8Array() }], { at: this.#drives.nowMs })
    })
  }

  async *history({ key, before }: { key: Uint8Array | null; before: number | null }): AsyncGenerator<StoredChange> {
    const versions = await this.#rows.versions()
    const blocks = new RowBlocks(this.#rows.members, this.#prefix)
    const isNew = eachWriteOnce((row) => this.#isFirst(row))
    for (const step of versions.back(before)) {
      for await (const row of blocks.rows(step, true)) {
        const version = versionAt(step, row.seq)
        if (before !== null && version >= before) continue
        if (isNew(row) && (key === null || Buffer.compare(row.key, key) === 0)) yield this.#told(row, row.value, versions)
      }
    }
  }

  async *changesSince(version: number): AsyncGenerator<StoredChange> {
    const from = this.#rows.toldState(version)
    const to = this.#rows.newest()
    const versions = await this.#rows.versions()
    const blocks = new RowBlocks(this.#rows.members, this.#prefix)
    const isNew = eachWriteOnce((row) => this.#isFirst(row))
    for (const step of from === undefined ? versions.onward(version) : versions.steps) {
      const start = Math.max(step.from, from?.[step.drive] ?? 0)
      const end = Math.min(step.to, to[step.drive] ?? 0)
      if (start >= end) continue
      for await (const row of blocks.rows({ drive: step.drive, from: start, to: end })) {
        if (from === undefined && versionAt(step, row.seq) <= version) continue
        if (isNew(row)) yield this.#told(row, row.value, versions)
      }
    }
  }

  onVersion(listener: () => void): () => void {
    const stops = new Map<DeviceDrive, () => void>()
    let last = this.version()
    const look = () => {
      const version = this.version()
      if (version === last) return
      last = version
      listener()
    }
    // A drive's rows are read as soon as its db log is here, and its whole versions may wait for content of files.
    const follow = () => {
      const drives = new Set(this.#drives.drives)
      for (const [drive, stop] of stops) {
        if (drives.has(drive)) continue
        stop()
        stops.delete(drive)
      }
      for (const drive of drives) if (!stops.has(drive)) stops.set(drive, drive.db.onGrown(look))
    }
    follow()
    const stop = this.#drives.onVersion(() => {
      follow()
      look()
    })
    return () => {
      stop()
      for (const end of stops.values()) end()
      stops.clear()
    }
  }

  /** Writes what a drive told of these keys beyond its end to the own drive; by `takeOverRows`. */
  async takeOver(
    leaving: MemberDrive,
    told: { readonly from: number; readonly keys: ReadonlyMap<string, readonly DriveRow[]> },
  ): Promise<number> {
    return this.#rows.writes.run(async () => {
      const own = this.#writer()
      const state = { ...this.#rows.newest(), [leaving.drive.id]: told.from }
      const rows: RowToWrite[] = []
      for (const [hex, list] of told.keys) {
        const all = await this.#rowsAt(state, Buffer.from(hex, 'hex'))
        rows.push(...planTakeOver({ told: list, standing: all, own: all.find(({ drive }) => drive === own.drive.id) ?? null }))
      }
      await this.#put(rows)
      return rows.length
    })
  }

  async #put(rows: readonly RowToWrite[]): Promise<void> {
    if (rows.length === 0) return
    const { drive, writer } = this.#writer()
    const raw = rows.map((row) => ({
      key: Buffer.concat([this.#prefix, row.key]),
      value: encodeRow({ ...row, writer: row.writer === writer ? null : row.writer }),
    }))
    await drive.writeRows(raw, { at: this.#drives.nowMs })
  }

  #own(): MemberDrive | null {
    const { ownId } = this.#drives
    return ownId === null ? null : (this.#drives.members.find(({ drive, frozenAt }) => drive.id === ownId && frozenAt === null) ?? null)
  }
  #writer(): MemberDrive {
    const own = this.#own()
    if (own === null) throw new AppError('NOT_WRITER', { title: this.name })
    return own
  }

  async #rowsAt(state: FolderVersion, key: Uint8Array): Promise<DriveRow[]> {
    const raw = Buffer.concat([this.#prefix, key])
    const found = await Promise.all(
      this.#rows.members.map(async (member) => {
        const row = await new RowTree(member.drive.db, state[member.drive.id] ?? 0).get(raw)
        return row === null ? null : rowOf(row, { prefix: this.#prefix, member })
      }),
    )
    return found.filter((row) => row !== null)
  }

  async #row(state: FolderVersion, key: Uint8Array): Promise<DriveRow | null> {
    return newestRow(await this.#rowsAt(state, key))
  }

  /** What counts at each of these keys, which are in order. */
  async #seen(keys: readonly Uint8Array[]): Promise<(DriveRow | null)[]> {
    const [only] = keys
    if (keys.length === 1 && only !== undefined) return [await this.#row(this.#rows.newest(), only)]
    const seen = keys.map((): DriveRow | null => null)
    const state = this.#rows.newest()
    for (const member of this.#rows.members) {
      const tree = new RowTree(member.drive.db, state[member.drive.id] ?? 0, { many: true })
      for await (const [i, row] of this.#found(tree, { member, keys })) seen[i] = newestRow([seen[i] ?? null, row])
    }
    return seen
  }

  /** Rows of one drive at keys that are in order; a look at the whole span first tells most drives that they have none. */
  async *#found(
    tree: RowTree,
    { member, keys }: { readonly member: MemberDrive; readonly keys: readonly Uint8Array[] },
  ): AsyncGenerator<readonly [number, DriveRow]> {
    const raw = keys.map((key) => Buffer.concat([this.#prefix, key]))
    if (!(await hasAny(tree, { gte: raw[0], lte: raw.at(-1) }))) return
    for (let start = 0; start < raw.length; start += LOOK_UPS) {
      const rows = await Promise.all(raw.slice(start, start + LOOK_UPS).map(async (key) => tree.get(key)))
      for (const [i, row] of rows.entries()) {
        const found = row === null ? null : rowOf(row, { prefix: this.#prefix, member })
        if (found !== null) yield [start + i, found]
      }
    }
  }

  /** What counts at each key, deletions too. */
  async *#merged(state: FolderVersion, range: ByteRange): AsyncGenerator<DriveRow> {
    const within: ByteRange = {
      ...(range.gte === undefined ? { gt: this.#raw(range.gt) } : { gte: this.#raw(range.gte) }),
      ...(range.lte === undefined
        ? { lt: range.lt === undefined ? afterAll(this.#prefix) : this.#raw(range.lt) }
        : { lte: this.#raw(range.lte) }),
      reverse: range.reverse === true,
    }
    const streams = this.#rows.members.map((member) =>
      this.#rowsIn(new RowTree(member.drive.db, state[member.drive.id] ?? 0, { many: true }), { member, within }),
    )
    yield* mergeRows(streams, { reverse: range.reverse === true })
  }

  async *#rowsIn(tree: RowTree, { member, within }: { member: MemberDrive; within: ByteRange }): AsyncGenerator<DriveRow> {
    for await (const raw of tree.range(within)) {
      const row = rowOf(raw, { prefix: this.#prefix, member })
      if (row !== null) yield row
    }
  }

  /** Without a key: before all rows. */
  #raw(key: Uint8Array | undefined): Uint8Array {
    return key === undefined ? this.#prefix : Buffer.concat([this.#prefix, key])
  }

  /** True for a row that lies in a log of the device that wrote it first. */
  #isFirst(row: DriveRow): boolean {
    return this.#drives.members.some(({ drive, writer }) => drive.id === row.drive && writer === row.writer)
  }

  #told<Value>(row: DriveRow, value: Value, versions: RowVersions): Omit<StoredRow, 'value'> & { readonly value: Value } {
    const device = this.#drives.deviceOf(row.writer)
    return {
      key: row.key,
      value,
      version: versions.versionOf(row),
      atMs: row.at,
      device: device === null ? row.writer : device === '' ? null : device,
    }
  }
}

async function hasAny(tree: RowTree, range: ByteRange): Promise<boolean> {
  for await (const row of tree.range(range)) return row.seq > 0
  return false
}

function refuseSize(key: Uint8Array, value: Uint8Array | null): void {
  if (key.length === 0 || key.length > TABLE_LIMITS.keyBytes)
    throw new AppError('BAD_VALUE', { reason: `A key has 1 to ${TABLE_LIMITS.keyBytes} bytes` })
  if (value !== null && value.length > TABLE_LIMITS.valueBytes)
    throw new AppError('BAD_VALUE', { reason: `A value has at most ${TABLE_LIMITS.valueBytes} bytes` })
}
