/** Removes folders from the store: the user's files stay, what the store holds of them goes when that is wished. */
import type { FolderPath, Synced } from '../core/entries.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { State } from '../state/state.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { Network } from './network.ts'
import type { ReceiptBook } from './receipt-book.ts'

/** What removing needs from the store around it. */
export interface RemovingOptions {
  readonly state: State
  readonly cores: CoreStorage
  readonly folders: KeptFolders
  readonly network: Network
  readonly receipts: ReceiptBook
}

/** Stops keeping a folder. Without `deleteData` its blocks stay, so that adding it again goes on with them. */
export async function removeFolder(folder: KeptFolder, options: { deleteData: boolean }, around: RemovingOptions): Promise<void> {
  const { state, cores, folders, network, receipts } = around
  folders.release(folder)
  network.leave(folder.shared.discoveryKey)
  if (options.deleteData) {
    await folder.dropData()
    await state.lent(folder.key).clear()
  }
  await folder.close()
  // Kept again, it has to say so anew: others count its old word no more.
  await receipts.drop(folder.key, Date.now())
  await state.folders.put({ ...folder.record, removedAtMs: Date.now(), safetyStop: null })
  if (folder.record.ownDrive === null) {
    await state.synced(folder.key).clear()
    if (options.deleteData) await state.folders.remove(folder.key)
  } else if (options.deleteData) await forgetContent(state, folder.key)
  if (options.deleteData) await cores.compact()
}

/** The stored content is gone, the user's files are not: added again, each is read and stored anew. */
async function forgetContent(state: State, key: string): Promise<void> {
  await state.chunks(key).clear()
  const synced = state.synced(key)
  const put: [FolderPath, Synced][] = []
  for await (const [at, record] of synced.entries()) {
    if (record.local?.kind === 'file') put.push([at, { ...record, local: { ...record.local, mtimeMs: 0, ctimeMs: 0, ino: 0 } }])
  }
  await synced.apply({ put })
}
