/** Says which devices hold the newest version of one file, from receipts and from what connected devices tell of their logs. */
import { AppError } from '@hyper-store/client/contract'
import type { Holders, ItemDevice } from '@hyper-store/client/contract'
import { sameBytes, sameContent } from '../core/content.ts'
import type { DriveId, Entry, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { parseRemotePath } from '../core/paths.ts'
import { blocksOf } from '../hyper/content-read.ts'
import { historyOf } from '../hyper/folder-history.ts'
import type { LogCore } from '../hyper/log-core.ts'
import type { PlacedBlock } from '../hyper/parts-map.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { decodeDeviceKey } from '../hyper/transports/identity.ts'
import type { HeldDrive } from './drive-set.ts'
import type { KeptFolder } from './kept-folder.ts'
import { bounded, pastOf, refuseUnreadable } from './past-reading.ts'

/** Versions of a file that are looked at for the one in which it got its content. */
const LOOKED_AT = 100

/** What somebody who holds the file has of the folder's logs. */
interface Need {
  /** Version of the folder. */
  readonly version: number
  /** Drive whose db log tells of the content, and its length then; null where that is not known. */
  readonly told: { readonly drive: DriveId; readonly db: number } | null
  /** Lengths of blobs logs up to which all of the content lies; none for what has no content. */
  readonly blobs: ReadonlyMap<DriveId, number>
  /** Its blocks one by one; null where it is not known here which. */
  readonly blocks: readonly PlacedBlock[] | null
}

/** Lengths of a drive's logs that a device holds from their start. */
type Lengths = (drive: HeldDrive) => { readonly db: number; readonly blobs: number } | null
type Said = Pick<Holders['devices'][number], 'holds' | 'at'>

/** Who holds the file or link at `path`. Throws NOT_FOUND, and FORBIDDEN where this store can't read the folder. */
export async function holdersOf(folder: KeptFolder, path: string, { replication }: { replication: Replication }): Promise<Holders> {
  refuseUnreadable(folder)
  const at = parseRemotePath(path.replace(/^\/|\/$/gu, ''))
  const past = await pastOf(folder, historyOf(folder.drives).newest())
  const shown = at === null ? null : await bounded(past.get(at))
  if (at === null || shown === null || shown.entry.kind === 'folder') throw new AppError('NOT_FOUND', { what: `"${path}"` })
  const need = await needOf(folder, shown.conflictOf ?? at, shown.entry)
  const { devices } = await folder.item()
  return { path: at, version: need.version, devices: devices.map((device) => holderOf(folder, { device, need, replication })) }
}

async function needOf(folder: KeptFolder, path: FolderPath, entry: Entry): Promise<Need> {
  const content = entry.kind === 'file' ? entry.content : null
  const blobs = new Map<DriveId, number>()
  for (const [drive, length] of Object.entries(content?.needs ?? {})) blobs.set(drive as DriveId, length)
  if (content !== null) blobs.set(content.drive, Math.max(blobs.get(content.drive) ?? 0, content.blockOffset + content.blockLength))
  return { ...(await stepOf(folder, path, entry)), blobs, blocks: content === null ? [] : await blocksIn(folder, content) }
}

/** The step in which a path got the content that it has. */
async function stepOf(folder: KeptFolder, path: FolderPath, entry: Entry): Promise<Pick<Need, 'version' | 'told'>> {
  const history = historyOf(folder.drives)
  const line = await history.timeline()
  let found: { readonly version: number; readonly told: { readonly drive: DriveId; readonly db: number } } | null = null
  let looked = 0
  for await (const index of history.touching(line, line.steps.length - 1, path)) {
    const step = line.steps[index]
    const drive = folder.set.all.find((held) => held.drive.id === step?.drive)?.drive
    if (step === undefined || drive === undefined) continue
    const view = drive.viewOf(step.to)
    const was = await bounded(view.get(path)).finally(() => void view.close().catch(() => undefined))
    if (was !== null && isSame(was, entry)) found = { version: step.version, told: { drive: step.drive, db: step.to } }
    // What another device wrote beside it says nothing of where this content began.
    else if (found?.told.drive === step.drive) break
    if (++looked === LOOKED_AT) break
  }
  return found ?? { version: folder.version, told: null }
}

/** The same bytes or target; the execute bit is no content. */
function isSame(a: EntryOrTombstone, b: Entry): boolean {
  return a.kind === 'file' && b.kind === 'file' ? sameBytes(a, b) : sameContent(a, b)
}

async function blocksIn(folder: KeptFolder, content: Parameters<typeof blocksOf>[1]): Promise<readonly PlacedBlock[] | null> {
  const coreOf = (id: DriveId): LogCore => {
    const log = folder.set.all.find(({ drive }) => drive.id === id)?.drive.blobs ?? null
    if (log === null) throw new AppError('NO_PEER')
    return log
  }
  try {
    return await blocksOf(coreOf, content)
  } catch {
    return null
  }
}

interface Asked {
  readonly device: ItemDevice
  readonly need: Need
  readonly replication: Replication
}

function holderOf(folder: KeptFolder, asked: Asked): Holders['devices'][number] {
  const { name, key, person, live, role } = asked.device
  const said = role === 'this' ? ownWord(folder, asked.need) : wordOf(folder, asked)
  return { name, key, ...(person === undefined ? {} : { person }), you: role === 'this', live, ...said }
}

/** This device knows of each block whether it is here. */
function ownWord(folder: KeptFolder, { blocks }: Need): Said {
  const at = new Date().toISOString()
  if (blocks === null) return { holds: 'unknown', at: null }
  const held = blocks.filter(({ drive, index }) => blobsOf(folder, drive)?.holds(index) === true).length
  return { holds: held === blocks.length ? 'all' : held > 0 ? 'part' : 'none', at }
}

/** What a receipt proves, else what the device says now of its logs. Nothing is concluded from silence. */
function wordOf(folder: KeptFolder, { device, need, replication }: Asked): Said {
  const known = folder.receipts().find((receipt) => receipt.device === device.key)?.receipt
  const { root } = folder.set
  if (known !== undefined && known.fork === root.drive.db.fork && known.blobsFork === (root.drive.blobs?.fork ?? 0)) {
    const drives = known.drives ?? { [root.shared.id]: [known.version, known.blobs] as const }
    const has: Lengths = ({ shared }) => {
      const [db, blobs] = drives[shared.id] ?? [0, 0]
      return { db, blobs }
    }
    if (covers(folder, need, has)) return { holds: 'all', at: new Date(known.at).toISOString() }
  }
  const has: Lengths = ({ drive, shared }) => {
    const status = replication
      .peersOf(shared)
      .find(({ deviceKey }) => deviceKey === device.key)
      ?.statusOf(shared)
    if (status === undefined || status.fork !== drive.db.fork) return null
    // A device that has no content log yet counts in no fork of it.
    return { db: status.db, blobs: status.blobsFork === (drive.blobs?.fork ?? 0) ? status.blobs : 0 }
  }
  const holds = covers(folder, need, has) ? 'all' : liveWord(folder, { device, need, has })
  return { holds, at: holds === 'unknown' ? null : new Date().toISOString() }
}

/** All that is needed lies before the ends of what somebody holds. */
function covers(folder: KeptFolder, need: Need, has: Lengths): boolean {
  const reaches = (id: DriveId, log: 'db' | 'blobs', length: number): boolean => {
    const held = folder.set.all.find(({ drive }) => drive.id === id)
    return held !== undefined && (has(held)?.[log] ?? -1) >= length
  }
  return (
    need.told !== null &&
    reaches(need.told.drive, 'db', need.told.db) &&
    [...need.blobs].every(([id, length]) => reaches(id, 'blobs', length))
  )
}

function liveWord(folder: KeptFolder, { device, need, has }: { device: ItemDevice; need: Need; has: Lengths }): Said['holds'] {
  const teller = folder.set.all.find(({ drive }) => drive.id === need.told?.drive)
  const lengths = teller === undefined ? null : has(teller)
  if (need.told === null || lengths === null || need.blocks === null) return 'unknown'
  const publicKey = decodeDeviceKey(device.key)
  const isHeld = new Map<DriveId, (index: number) => boolean>()
  for (const held of folder.set.all) {
    const from = has(held)?.blobs ?? 0
    // Blocks that came out of order, for one who has told of them.
    const peer = held.drive.blobs?.raw.peers.find(
      ({ remotePublicKey }) => publicKey !== null && Buffer.compare(remotePublicKey, publicKey) === 0,
    )
    const { remoteBitfield } = (peer ?? {}) as { remoteBitfield?: { get(index: number): boolean } }
    isHeld.set(held.drive.id, (index) => index < from || remoteBitfield?.get(index) === true)
  }
  const count = need.blocks.filter(({ drive, index }) => isHeld.get(drive)?.(index) === true).length
  const knowsOf = lengths.db >= need.told.db
  if (count === need.blocks.length && knowsOf) return 'all'
  if (count > 0) return 'part'
  // Who does not know of the content yet can't have fetched it; who knows may have it out of order.
  return knowsOf ? 'unknown' : 'none'
}

function blobsOf(folder: KeptFolder, id: DriveId): LogCore | null {
  return folder.set.all.find(({ drive }) => drive.id === id)?.drive.blobs ?? null
}
