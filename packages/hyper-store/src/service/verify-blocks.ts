/** Verifies the stored blocks of a folder's drives, and brings damaged and missing ones back: from files on disk, else from peers. */
import { sentence } from '@hyper-store/client/contract'
import type { DriveId, FolderPath } from '../core/entries.ts'
import { blocksOf } from '../hyper/content-read.ts'
import type { LogCore } from '../hyper/log-core.ts'
import type { PlacedBlock } from '../hyper/parts-map.ts'
import { compareHistories } from '../hyper/compare-history.ts'
import { refetchBlocks, refillBlock, rewriteNode } from '../hyper/repair-log.ts'
import { isFrozen, verifyLog, type LogFault } from '../hyper/verify-log.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { ListedDrive } from './drive-set.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { Verifying } from './verifying.ts'

/** Blocks asked from peers at once, and how long they have for it. */
const FETCH_BLOCKS = 64
const FETCH_MS = 15_000
/** Each connected peer has so long to tell its state of a log. */
const COMPARE_MS = 5_000

/** Where on the disk a block's content should lie. */
interface DiskPlace {
  readonly path: FolderPath
  readonly offset: number
  readonly byteLength: number
}

/** A log that is read: the records or the content of a device's drive, or the boards beside it. */
interface CheckedLog {
  readonly log: LogCore
  readonly part: 'records' | 'content' | 'boards'
  readonly drive: DeviceDrive
  readonly own: boolean
  readonly listed: ListedDrive
}

/** Reads all logs; those of records first, since they tell where content belongs. Gives what was read. */
export async function checkLogs(verifying: Verifying): Promise<{ blocks: number; bytes: number }> {
  const { folder, signal } = verifying
  const total = { blocks: 0, bytes: 0 }
  for (const checked of logsOf(folder)) {
    const { log, part, listed } = checked
    // It was seen before, and its log is closed.
    if (isFrozen(log) || folder.record.forked.includes(listed.key)) {
      if (part === 'records') verifying.problems.push(forked(verifying, checked))
      continue
    }
    const report = await verifyLog(log, { signal })
    total.blocks += report.blocks
    total.bytes += report.bytes
    const faults = part === 'content' ? report.faults : [...report.faults, ...holesIn(log)]
    if (faults.length > 0) await new LogRepair(verifying, checked).take(faults)
    if (faults.length > 0 && verifying.repair && part === 'boards') folder.set.boards.mended(listed.key)
    const others = await compareHistories(log, COMPARE_MS)
    for (const { device } of others.filter(({ history }) => history === 'forked'))
      verifying.problems.push(forked(verifying, checked, device))
    if (report.more > 0)
      verifying.problems.push({
        kind: 'block',
        path: null,
        reason: `and ${report.more} more of ${nameOf(verifying, checked)}`,
        repaired: false,
      })
  }
  return total
}

function logsOf({ set }: KeptFolder): CheckedLog[] {
  const drives = set.all.map(({ drive, own, listed }) => ({ drive, own, listed }))
  return [
    ...drives.map((held) => ({ ...held, log: held.drive.db, part: 'records' as const })),
    ...drives.flatMap((held) => (held.drive.blobs === null ? [] : [{ ...held, log: held.drive.blobs, part: 'content' as const }])),
    ...set.boards.all.map(({ log, own, listed }) => ({ drive: log, own, listed, log: log.db, part: 'boards' as const })),
  ]
}

/** Every record is needed: without one the tree of names has a hole. */
function holesIn(log: LogCore): LogFault[] {
  const holes: LogFault[] = []
  // A log that is still on its way has its end open, which is no damage.
  for (let index = 0; index < log.length && log.contiguous < log.length && holes.length < 10_000; index++)
    if (!log.holds(index)) holes.push({ kind: 'block', index, gone: true })
  return holes
}

/** Content of the newest version that the store should hold: brought from peers, or told of. */
export async function fetchMissing(verifying: Verifying, path: FolderPath, blocks: readonly PlacedBlock[]): Promise<void> {
  const missing = blocks.filter(({ drive, index }) => !verifying.coreOf(drive).holds(index))
  if (missing.length === 0) return
  let repaired = verifying.repair
  for (const { drive, index } of missing) {
    if (!repaired) break
    repaired = await refetchBlocks(verifying.coreOf(drive), { start: index, end: index + 1 }, FETCH_MS)
  }
  const reason = `${missing.length} of its ${blocks.length} blocks are not here${repaired || !verifying.repair ? '' : ', and no device that is on has them'}`
  verifying.problems.push({ kind: 'block', path, reason, repaired })
}

/** `at`: key of the device that holds the other history, when it is known. */
function forked(verifying: Verifying, held: CheckedLog, at?: string): Verifying['problems'][number] {
  const reason = sentence('FORKED_LOG', { device: nameOf(verifying, held) })
  const where = at === undefined ? '' : ` (the other history is at ${verifying.folder.membership.nameOf(at) ?? at.slice(0, 8)})`
  return { kind: 'record', path: null, reason: `${reason}${where}`, repaired: false }
}

function nameOf({ folder }: Verifying, { own, listed }: CheckedLog): string {
  return own ? 'this device' : listed.device !== '' ? listed.device : folder.record.title
}

/** Puts the faults of one log right. */
class LogRepair {
  readonly #v: Verifying
  readonly #log: LogCore
  readonly #checked: CheckedLog

  constructor(verifying: Verifying, checked: CheckedLog) {
    this.#v = verifying
    this.#log = checked.log
    this.#checked = checked
  }

  /** Puts right what can be, and tells of each. */
  async take(faults: readonly LogFault[]): Promise<void> {
    const blocks = faults.flatMap((fault) => (fault.kind === 'block' ? [fault] : []))
    const wanted = new Set(blocks.map(({ index }) => index))
    for (const fault of faults) {
      if (fault.kind === 'branch') for (let index = fault.start; index < fault.end; index++) wanted.add(index)
    }
    const places = this.#checked.part === 'content' && !this.#v.folder.blind ? await this.#placesOf(wanted) : new Map<number, DiskPlace[]>()
    for (const fault of faults) {
      this.#v.signal?.throwIfAborted()
      if (fault.kind === 'node') await this.#node(fault.right)
      else if (fault.kind === 'branch') await this.#branch(fault, places)
      else if (fault.kind === 'signature')
        this.#tell(
          null,
          `the drive of ${nameOf(this.#v, this.#checked)} is not what its writer signed; remove the folder with its data and add it again`,
          false,
        )
    }
    for (let at = 0; at < blocks.length; at += FETCH_BLOCKS) await this.#blocks(blocks.slice(at, at + FETCH_BLOCKS), places)
    // An index of chunks beside damaged ones is not worth believing; it is made anew as files are read.
    if (this.#v.repair && this.#checked.own && this.#checked.part === 'content' && blocks.length > 0)
      await this.#v.state.chunks(this.#checked.listed.key).clear()
  }

  async #node(right: Parameters<typeof rewriteNode>[1]): Promise<void> {
    if (this.#v.repair) await rewriteNode(this.#log, right)
    this.#tell(null, `a proof of the blocks of ${nameOf(this.#v, this.#checked)} was damaged`, this.#v.repair)
  }

  async #branch(fault: Extract<LogFault, { kind: 'branch' }>, places: ReadonlyMap<number, DiskPlace[]>): Promise<void> {
    const repaired = this.#v.repair && (await refetchBlocks(this.#log, fault, FETCH_MS))
    const path = places.get(fault.start)?.[0]?.path ?? null
    this.#tell(path, `${fault.end - fault.start} stored blocks and their proof are damaged${this.#why(repaired)}`, repaired)
  }

  async #blocks(
    faults: readonly { readonly index: number; readonly gone: boolean }[],
    places: ReadonlyMap<number, DiskPlace[]>,
  ): Promise<void> {
    const left: (typeof faults)[number][] = []
    for (const fault of faults) {
      if (this.#v.repair && (await this.#fromDisk(fault.index, places.get(fault.index) ?? []))) this.#block(fault, places, true)
      else left.push(fault)
    }
    // One after the other they would each wait for their time.
    const fetched = await Promise.all(
      left.map(async ({ index }) => this.#v.repair && (await refetchBlocks(this.#log, { start: index, end: index + 1 }, FETCH_MS))),
    )
    for (const [i, fault] of left.entries()) this.#block(fault, places, fetched[i] === true)
  }

  #block(fault: { readonly index: number; readonly gone: boolean }, places: ReadonlyMap<number, DiskPlace[]>, repaired: boolean): void {
    const whose = nameOf(this.#v, this.#checked)
    const what = { records: `a record of ${whose}`, content: 'a stored block of it', boards: `an edit of boards by ${whose}` }[
      this.#checked.part
    ]
    this.#tell(places.get(fault.index)?.[0]?.path ?? null, `${what} is ${fault.gone ? 'gone' : 'damaged'}${this.#why(repaired)}`, repaired)
  }

  #why(repaired: boolean): string {
    return repaired || !this.#v.repair ? '' : '; no file here has it, and no device that is on'
  }

  #tell(path: string | null, reason: string, repaired: boolean): void {
    this.#v.problems.push({ kind: 'block', path, reason, repaired })
  }

  async #fromDisk(index: number, places: readonly DiskPlace[]): Promise<boolean> {
    const { disk } = this.#v.folder
    if (disk === null) return false
    for (const { path, offset, byteLength } of places) {
      try {
        await using file = await disk.openFile(path)
        const bytes = Buffer.alloc(byteLength)
        let at = 0
        for (let n = -1; n !== 0 && at < byteLength; at += n) n = await file.read(bytes.subarray(at), offset + at)
        // Other bytes than the log has its leaf for are refused there.
        if (at === byteLength && (await refillBlock(this.#log, index, bytes))) return true
      } catch {
        // Gone or changed meanwhile: the next place, or a peer.
      }
    }
    return false
  }

  /** Which files of the newest version these blocks belong to, and where in them they lie. */
  async #placesOf(wanted: ReadonlySet<number>): Promise<Map<number, DiskPlace[]>> {
    const places = new Map<number, DiskPlace[]>()
    const id: DriveId = this.#checked.drive.id
    try {
      for await (const { path, entry } of this.#v.folder.drives.entries()) {
        if (entry?.kind !== 'file' || entry.content === null) continue
        let offset = 0
        for (const block of await blocksOf(this.#v.coreOf, entry.content).catch(() => [])) {
          const known = places.get(block.index) ?? []
          if (block.drive === id && wanted.has(block.index) && known.length < 4)
            places.set(block.index, [...known, { path, offset, byteLength: block.byteLength }])
          offset += block.byteLength
        }
      }
    } catch {
      // Names that can't be read now give no places; peers may have the blocks all the same.
    }
    return places
  }
}
