/** What callers do with one thing that is kept: remove it, have it stand still or go on, change it, look again. */
import { AppError, type ChangeFolder, type Item } from '@hyper-store/client/contract'
import type { Caller } from '../core/store-api.ts'
import type { KeptFolder } from './kept-folder.ts'
import { askersWithout, refuseForeign } from './own-things.ts'
import type { Quotas } from './quotas.ts'
import { removeFolder, type RemovingOptions } from './removing.ts'

/** What the calls need from the store around them. */
export interface FolderCallsOptions extends RemovingOptions {
  readonly quotas: Pick<Quotas, 'isLimited'>
  /** It is kept no more. */
  readonly onRemoved: (folder: KeptFolder) => void
}

/** Calls on one thing, by its `ref`. All throw UNKNOWN_FOLDER, AMBIGUOUS, BAD_LINK, and FORBIDDEN for a member that did not have it added. */
export class FolderCalls {
  readonly #o: FolderCallsOptions

  constructor(options: FolderCallsOptions) {
    this.#o = options
  }

  /** Keeps it no more; what other devices asked for too stays when a member removes it. */
  async remove(caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void> {
    const folder = this.#ownOf(caller, ref)
    const { record } = folder
    const askedBy = askersWithout(record, caller)
    if (askedBy !== null) {
      await folder.remember({ askedBy })
      return
    }
    // What is left lying would count for nobody.
    const deleteData = options.deleteData || (record.ownDrive === null && record.path === null && this.#o.quotas.isLimited(caller))
    await removeFolder(folder, { deleteData }, this.#o)
    this.#o.onRemoved(folder)
  }

  async pause(caller: Caller, ref: string): Promise<Item> {
    return this.#with(caller, ref, async (folder) => folder.pause())
  }

  async resume(caller: Caller, ref: string, options: { confirm: boolean; bringBack: boolean }): Promise<Item> {
    if (options.confirm && options.bringBack)
      throw new AppError('BAD_REQUEST', { reason: 'what is gone is either deleted or brought back' })
    return this.#with(caller, ref, async (folder) => folder.resume(options))
  }

  async change(caller: Caller, ref: string, change: ChangeFolder): Promise<Item> {
    return this.#with(caller, ref, async (folder) => folder.change(change))
  }

  async rescan(caller: Caller, ref: string): Promise<Item> {
    return this.#with(caller, ref, async (folder) => folder.rescan())
  }

  async #with(caller: Caller, ref: string, work: (folder: KeptFolder) => Promise<void>): Promise<Item> {
    const folder = this.#ownOf(caller, ref)
    await work(folder)
    return folder.item()
  }

  #ownOf(caller: Caller, ref: string): KeptFolder {
    const folder = this.#o.folders.find(ref)
    refuseForeign(caller, folder.record)
    return folder
  }
}
