/** What folders occupy, retention, and verifying. */
import { readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { Reclaimed, Retention, Space, VerifyReport } from '@hyper-store/client/contract'
import type { SpaceApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'
import { verifyFolder } from './verify.ts'

/** Bytes of a block as `stat` counts them. */
const STAT_BLOCK = 512

/** What folders occupy, retention, and verifying. */
export class StoreSpace implements SpaceApi {
  readonly #folders: KeptFolders
  readonly #state: State
  readonly #home: { readonly folder: string; readonly coresFolder: string }

  constructor(options: { folders: KeptFolders; state: State; home: { readonly folder: string; readonly coresFolder: string } }) {
    this.#folders = options.folders
    this.#state = options.state
    this.#home = options.home
  }

  /** What each folder occupies, and the home on its disk. Reads records and maps, no content. */
  async space(): Promise<Space> {
    const folders = []
    for (const folder of this.#folders.all) folders.push(await folder.space())
    const disk = await statfs(this.#home.folder)
    return {
      folders,
      cores: await occupied(this.#home.coresFolder),
      state: await occupied(path.join(this.#home.folder, 'state')),
      disk: disk.blocks * disk.bsize,
      free: disk.bavail * disk.bsize,
    }
  }

  /** Sets how many old versions this device keeps, lets go of the others now, and gives the disk back what they took. */
  async setRetention(ref: string, retention: Retention): Promise<Reclaimed> {
    const folder = this.#folders.find(ref)
    const before = await occupied(this.#home.coresFolder)
    await folder.setRetention(retention)
    const freed = await folder.retainer.apply({ compact: true })
    const after = await occupied(this.#home.coresFolder)
    return { retention, freed, before, after, space: await folder.space() }
  }

  async verify(ref: string, options: { repair: boolean }): Promise<VerifyReport> {
    return verifyFolder(this.#folders.find(ref), options, { state: this.#state })
  }
}

/** Bytes that a folder occupies on its disk, with all that is in it; what goes away meanwhile does not count. */
export async function occupied(folder: string): Promise<number> {
  let bytes = 0
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) bytes += await occupied(at)
    else
      bytes += await stat(at).then(
        (s) => s.blocks * STAT_BLOCK,
        () => 0,
      )
  }
  return bytes
}
