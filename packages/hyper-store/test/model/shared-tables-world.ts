/** A small world of devices that write one table of a shared folder: logs, partitions, wrong clocks, joins and removals, without disks. */
import type { DriveId } from '../../src/core/entries.ts'
import { decodeRow, encodeRow } from '../../src/core/table-clock.ts'
import {
  type DriveRow,
  eachWriteOnce,
  newestRow,
  planTakeOver,
  planWrites,
  RowVersions,
  type RowToWrite,
} from '../../src/core/table-merge.ts'
import { buildTimeline } from '../../src/core/timeline.ts'

const LETTERS = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const YEAR_MS = 365 * 24 * 3600 * 1000
const START_MS = 1_800_000_000_000

/** What decides; planted defects replace one of them. */
export interface TableRules {
  readonly plan: typeof planWrites
  readonly newest: (rows: readonly DriveRow[]) => DriveRow | null
  readonly takeOver: typeof planTakeOver
}
export const RULES: TableRules = { plan: planWrites, newest: newestRow, takeOver: planTakeOver }

/** One write as the world saw it. */
export interface Deed {
  /** Names the write: key, first writer and clock. */
  readonly write: string
  readonly key: string
  /** Null for a deletion. */
  readonly value: string | null
  readonly drive: DriveId
  readonly seq: number
  /** What stood at the key for the device that wrote. */
  readonly over: Deed | null
}

interface Block {
  readonly key: string
  /** Null for the mark that ends a step. */
  readonly bytes: Uint8Array | null
  readonly at: number
}
/** The db log of one drive. */
export interface Log {
  readonly id: DriveId
  readonly writer: DriveId
  readonly blocks: Block[]
}

/** Numbers from 0 to 1 that a seed gives. */
function chance(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

/** One device: how much of each log is here, and which logs it knows to have ended. */
export class TableDevice {
  readonly name: string
  readonly writer: DriveId
  readonly lengths = new Map<Log, number>()
  readonly ends = new Map<Log, number>()
  own: Log
  skewMs: number
  heard = 0

  constructor(name: string, own: Log, skewMs: number) {
    this.name = name
    this.writer = own.writer
    this.own = own
    this.skewMs = skewMs
    this.lengths.set(own, 0)
  }

  /** Length of a log that counts here. */
  counted(log: Log): number {
    return Math.min(this.lengths.get(log) ?? 0, this.ends.get(log) ?? Infinity)
  }

  /** What each log says last of a key; `limits` makes a log shorter. */
  rowsAt(key: string, limits: ReadonlyMap<Log, number> = new Map()): DriveRow[] {
    const rows: DriveRow[] = []
    for (const log of this.lengths.keys()) {
      for (let seq = Math.min(this.counted(log), limits.get(log) ?? Infinity) - 1; seq >= 0; seq--) {
        const row = log.blocks[seq]?.key === key ? rowIn(log, seq) : null
        if (row === null) continue
        rows.push(row)
        break
      }
    }
    return rows
  }

  keys(): string[] {
    const keys = new Set<string>()
    for (const log of this.lengths.keys())
      for (const { key, bytes } of log.blocks.slice(0, this.counted(log))) if (bytes !== null) keys.add(key)
    return [...keys].sort()
  }

  /** The versions of the folder as this device counts them. */
  versions(): RowVersions {
    const drives = [...this.lengths.keys()].map((log) => ({
      drive: log.id,
      marks: log.blocks.slice(0, this.counted(log)).flatMap(({ bytes, at }, seq) => (bytes === null ? [{ length: seq + 1, at }] : [])),
    }))
    return new RowVersions(buildTimeline(drives))
  }

  /** All writes that history tells, newest version first. */
  history(): { readonly version: number; readonly write: string; readonly value: string | null }[] {
    const versions = this.versions()
    const logs = new Map([...this.lengths.keys()].map((log) => [log.id, log]))
    const isNew = eachWriteOnce((row) => logs.get(row.drive)?.writer === row.writer)
    const told: { version: number; write: string; value: string | null }[] = []
    for (const step of versions.back(null)) {
      const log = logs.get(step.drive)
      if (log === undefined) continue
      for (let seq = step.to - 1; seq >= step.from; seq--) {
        const row = rowIn(log, seq)
        if (row !== null && isNew(row)) told.push({ version: versions.versionOf(row), write: writeOf(row), value: valueOf(row) })
      }
    }
    return told
  }
}

/** The row of a block; null for none. */
export function rowIn(log: Log, seq: number): DriveRow | null {
  const block = log.blocks[seq]
  const read = block === undefined || block.bytes === null ? null : decodeRow(block.bytes)
  return block === undefined || read === null
    ? null
    : { ...read, key: Buffer.from(block.key), drive: log.id, seq, writer: read.writer ?? log.writer }
}
export const keyOf = ({ key }: DriveRow): string => Buffer.from(key).toString()
const writeOf = (row: Pick<DriveRow, 'key' | 'writer' | 'clock'>): string =>
  `${Buffer.from(row.key).toString()} ${row.writer} ${row.clock.ms} ${row.clock.counter}`
export const valueOf = ({ value }: DriveRow): string | null => (value === null ? null : Buffer.from(value).toString())

/** The devices of a folder, and all that they ever did. */
export class TableWorld {
  readonly random: () => number
  readonly devices: TableDevice[] = []
  readonly gone: TableDevice[] = []
  readonly deeds: Deed[] = []
  readonly #byWrite = new Map<string, Deed>()
  readonly #rules: TableRules
  readonly #removals: { readonly ends: ReadonlyMap<Log, number>; readonly writer: DriveId }[] = []
  /** Of logs of removed devices: how far each device had shown them when it heard of that. */
  readonly #shownTo = new Map<Log, Map<TableDevice, number>>()
  #now = START_MS
  #logs = 0
  #values = 0

  constructor(seed: number, count: number, rules: TableRules) {
    this.random = chance(seed)
    this.#rules = rules
    for (let i = 0; i < count; i++) this.join()
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }
  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)]
  }

  /** A new device, with nothing of the others yet. */
  join(): void {
    const n = this.devices.length + this.gone.length
    const writer = this.#name(n * 11)
    const skewMs = this.random() < 0.5 ? 0 : this.below(21) * YEAR_MS - 10 * YEAR_MS
    this.devices.push(new TableDevice(`d${n}`, { id: writer, writer, blocks: [] }, skewMs))
  }

  /** Time goes on, mostly by less than a clock can tell. */
  tick(): void {
    this.#now += this.random() < 0.6 ? 0 : this.below(5)
  }

  /** A device puts and deletes rows in one step. */
  write(device: TableDevice, keys: readonly string[]): void {
    const changes = [...new Set(keys)].map((key) => ({
      key: Buffer.from(key),
      value: this.random() < 0.25 ? null : Buffer.from(`v${this.#values++}`),
      seen: this.#rules.newest(device.rowsAt(key)),
    }))
    const over = new Map(changes.map(({ key, seen }) => [key.toString(), seen === null ? null : { write: writeOf(seen) }]))
    const planned = this.#rules.plan(changes, this.#now + device.skewMs)
    for (const [i, row] of planned.entries()) {
      const key = Buffer.from(row.key).toString()
      const deed = {
        write: writeOf({ ...row, writer: device.writer }),
        key,
        value: row.value === null ? null : Buffer.from(row.value).toString(),
        drive: device.own.id,
        seq: device.own.blocks.length + i,
        over: this.#byWrite.get(over.get(key)?.write ?? '') ?? null,
      }
      this.deeds.push(deed)
      this.#byWrite.set(deed.write, deed)
    }
    this.#append(device, planned)
  }

  #append(device: TableDevice, rows: readonly RowToWrite[]): void {
    if (rows.length === 0) return
    const at = this.#now + device.skewMs
    for (const row of rows) {
      const writer = row.writer === device.writer ? null : row.writer
      device.own.blocks.push({ key: Buffer.from(row.key).toString(), bytes: encodeRow({ ...row, writer }), at })
    }
    device.own.blocks.push({ key: '', bytes: null, at })
    device.lengths.set(device.own, device.own.blocks.length)
  }

  /** Some of what `from` has comes to `to`: any log, up to the end of any step, as often as it likes. */
  bring(from: TableDevice, to: TableDevice, share: number): void {
    if (this.random() < share) this.hear(to, from.heard)
    const logs = [...from.lengths.keys()]
    for (let i = logs.length - 1; i > 0; i--) {
      const other = this.below(i + 1)
      ;[logs[i], logs[other]] = [logs[other] as Log, logs[i] as Log]
    }
    for (const log of logs) {
      if (this.random() >= share || (to.ends.has(log) && share < 1)) continue
      const have = from.lengths.get(log) ?? 0
      let length = share < 1 ? this.below(have + 1) : have
      while (length > 0 && log.blocks[length - 1]?.bytes !== null) length--
      if (length > (to.lengths.get(log) ?? 0) || !to.lengths.has(log)) to.lengths.set(log, Math.max(length, to.lengths.get(log) ?? 0))
    }
  }

  /** The first device removes another: its logs count as far as the first one has them. */
  remove(device: TableDevice): void {
    const [owner] = this.devices
    if (owner === undefined || device === owner) return
    this.devices.splice(this.devices.indexOf(device), 1)
    this.gone.push(device)
    const logs = new Set([...this.devices, device].flatMap(({ lengths }) => [...lengths.keys()]))
    const ends = new Map([...logs].filter(({ writer }) => writer === device.writer).map((log) => [log, owner.lengths.get(log) ?? 0]))
    for (const [log, end] of ends) this.#shownTo.set(log, new Map([[owner, end]]))
    this.#removals.push({ ends, writer: device.writer })
    this.hear(owner, this.#removals.length)
  }

  /** A device hears of removals: it takes over what it showed beyond an end, and writes to a new log from then on. */
  hear(device: TableDevice, count: number): void {
    for (; device.heard < count; device.heard++) {
      const removal = this.#removals[device.heard]
      if (removal === undefined) return
      device.own = { id: this.#name(7 + 5 * this.#logs++, 'n'), writer: device.writer, blocks: [] }
      device.lengths.set(device.own, 0)
      // What it is to take over counts whole for it until then.
      if (this.random() < 0.3)
        this.write(
          device,
          this.deeds.slice(-2).map(({ key }) => key),
        )
      for (const [log, end] of removal.ends) this.#takeOver(device, log, end)
      for (const [log, end] of removal.ends) device.ends.set(log, end)
    }
  }

  #takeOver(device: TableDevice, log: Log, end: number): void {
    const shown = device.lengths.get(log) ?? 0
    if (shown <= end) return
    this.#shownTo.get(log)?.set(device, shown)
    const told = new Map<string, DriveRow[]>()
    for (let seq = end; seq < shown; seq++) {
      const row = rowIn(log, seq)
      if (row !== null) told.set(keyOf(row), [...(told.get(keyOf(row)) ?? []), row])
    }
    const rows: RowToWrite[] = []
    for (const [key, list] of told) {
      const standing = device.rowsAt(key, new Map([[log, end]]))
      rows.push(...this.#rules.takeOver({ told: list, standing, own: standing.find(({ drive }) => drive === device.own.id) ?? null }))
    }
    this.#append(device, rows)
  }

  /** Everything comes to everybody who is left. */
  settle(): void {
    for (const device of this.devices) this.hear(device, this.#removals.length)
    for (let round = 0; round < 2; round++)
      for (const from of this.devices) for (const to of this.devices) if (from !== to) this.bring(from, to, 1)
  }

  /** What a device shows: key → value. */
  table(device: TableDevice): Record<string, string> {
    const rows: Record<string, string> = {}
    for (const key of device.keys()) {
      const row = this.#rules.newest(device.rowsAt(key))
      const value = row === null ? null : valueOf(row)
      if (value !== null) rows[key] = value
    }
    return rows
  }

  /** Writes that must not be lost: of those who stayed, and of removed devices what somebody who stayed had. */
  counted(): Deed[] {
    const ends = new Map<DriveId, number>()
    for (const [log, shown] of this.#shownTo) ends.set(log.id, Math.max(0, ...this.devices.map((device) => shown.get(device) ?? 0)))
    return this.deeds.filter(({ drive, seq }) => seq < (ends.get(drive) ?? Infinity))
  }

  #name(n: number, first = 'y'): DriveId {
    const digits = [0, 1, 2].map((place) => LETTERS[Math.floor(n / 32 ** place) % 32] ?? 'y')
    return `${digits.join('')}${first.repeat(7)}` as DriveId
  }
}
