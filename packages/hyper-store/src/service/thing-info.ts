/** What a link names, with its logs and what of them is here. */
import { type Thing } from '@hyper-store/client/contract'
import { encodeZ32 } from '../core/links.ts'
import type { LogCore } from '../hyper/log-core.ts'
import { heldOf } from './held-bytes.ts'
import { kindOf } from './thing-kinds.ts'
import { mayWrite } from './thing-writing.ts'
import { bounded } from './past-reading.ts'
import type { OpenThing } from './visits.ts'

/** All that is known of a thing. Throws NO_PEER. */
export async function infoOf(thing: OpenThing): Promise<Thing> {
  const { folder, kept } = thing
  const kind = kindOf(thing)
  const logs: { name: string; log: LogCore }[] = []
  for (const { drive, device, own } of folder.set.all) {
    const of = folder.set.all.length === 1 ? '' : ` of ${device === '' ? (own ? 'this device' : drive.id) : device}`
    logs.push({ name: `db${of}`, log: drive.db })
    if (drive.blobs !== null) logs.push({ name: `blobs${of}`, log: drive.blobs })
  }
  const cores: Thing['cores'] = []
  let heldBytes = 0
  for (const { name, log } of logs) {
    const held = await heldOf(log)
    heldBytes += held.bytes
    cores.push({ name, key: encodeZ32(log.key), discoveryKey: encodeZ32(log.plain.discoveryKey), length: log.length, held: held.blocks })
  }
  const told = kind === 'folder' ? await toldOf(thing) : { title: folder.drive.tableTitle, entries: null }
  return {
    kind,
    link: folder.link,
    key: folder.key,
    title: kept ? folder.record.title : told.title,
    version: kept && kind === 'folder' ? folder.version : folder.drive.db.length,
    bytes: logs.reduce((sum, { log }) => sum + log.raw.byteLength, 0),
    heldBytes,
    fork: folder.drive.db.fork,
    entries: told.entries,
    private: folder.record.private || kind === 'unknown',
    writable: mayWrite(thing),
    kept,
    peers: Math.max(kept ? (await folder.item()).peers : 0, folder.drive.db.raw.peers.length),
    cores,
  }
}

/** Title and number of files as the folder's writer told them. */
async function toldOf({ folder, kept }: OpenThing): Promise<{ title: string | null; entries: number | null }> {
  if (kept) return { title: folder.record.title, entries: (await folder.item()).files }
  const view = folder.drive.viewOf(folder.drive.db.length)
  try {
    return await bounded((async () => ({ title: await view.title(), entries: (await view.totals())?.files ?? null }))())
  } finally {
    await view.close()
  }
}
