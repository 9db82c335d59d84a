/** The drives of a publish: content of older versions is not here, and is fetched where a new version can be compared with it. */
import type { Entry } from '../core/entries.ts'
import type { FolderDrives } from '../core/ports.ts'
import { fetchBase, type BasePlace } from '../hyper/base-content.ts'
import type { MergedDrives } from '../hyper/folder-drives.ts'

/** Of a large file that changed the old version is fetched, to be compared block by block; not of `lost` ones, whose content nobody may have. */
export function withFetchedBases(drives: MergedDrives, place: BasePlace | null, lost: ReadonlySet<Entry>): FolderDrives {
  return {
    writable: drives.writable,
    ownId: drives.ownId,
    version: () => drives.version(),
    get: async (at) => drives.get(at),
    entries: () => drives.entries(),
    changesSince: (from) => drives.changesSince(from),
    storeFile: async (file, base, options) => {
      const isHere = base !== null && place !== null && !lost.has(base) && (await fetchBase(base, place, { signal: options?.signal }))
      return drives.storeFile(file, isHere ? base : null, options)
    },
    storeSmall: async (contents) => drives.storeSmall(contents),
    commit: async (changes) => drives.commit(changes),
    parts: async (entry, base) => drives.parts(entry, base),
    readSmall: async (entries) => drives.readSmall(entries),
    read: (entry, range, options) => drives.read(entry, range, options),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
