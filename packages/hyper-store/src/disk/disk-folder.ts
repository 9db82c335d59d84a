/** The user's folder on disk: puts the steps of this room together behind the port. */
import type { DiskFolder } from '../core/ports.ts'
import { readError, writeError } from './disk-errors.ts'
import { syncFolders } from './durable.ts'
import { makeFolderAt, removeAt, removeFolderAt, renameAt, stampAt } from './edit.ts'
import { openUserFile, readSmallText } from './open-file.ts'
import { makeSymlinkAt, placeFiles } from './place.ts'
import { FolderRoot } from './root.ts'
import { placeOf, walkTo } from './safe-path.ts'
import { spellingOf } from './spelling.ts'
import { scanFolder } from './scan.ts'
import { stageFile, stageSmallFiles } from './stage.ts'
import { lookAt } from './stat.ts'
import { makeStepContext } from './step-context.ts'
import { idOf, listTrash, parseId, pruneTrash, restoreFromTrash, sizeOf } from './trash.ts'
import { watchFolder } from './watch.ts'

/** Where a folder may put files of ours. */
export interface DiskFolderOptions {
  /** Name of our own folder in the root, never scanned nor watched; it is there only while something is in it. */
  readonly privateDir: string
  /**
   * Absolute folder in the store's home, of this folder alone. Staging and trash live there when it is on the disk of the
   * root and names can be moved between them, so that the user's folder holds the user's files only.
   */
  readonly area?: string
}

/** Opens a user's folder. Nothing is made or read yet: a missing root is told by `rootState`. Left-overs of a crash are removed. */
export async function openDiskFolder(root: string, options: DiskFolderOptions): Promise<DiskFolder> {
  const folder = new FolderRoot(root, options.privateDir, options.area ?? null)
  if (folder.state().state === 'present') folder.own.clean()
  const context = makeStepContext(folder)
  const watchers = new Set<AsyncDisposable>()

  return {
    root: folder.root,
    get caseInsensitive() {
      return folder.caseInsensitive
    },
    spellingOf: async (path) => spellingOf(folder.root, path),
    rootState: async () => folder.state(),
    scan: (scanOptions = {}) => scanFolder(folder, scanOptions),
    async look(path) {
      try {
        const walked = walkTo(folder, path)
        const node = 'file' in walked ? lookAt(walked.file) : null
        // The same file under another spelling is another path.
        return node !== null && folder.caseInsensitive && spellingOf(folder.root, path) !== path ? null : node
      } catch (error) {
        throw readError(error, placeOf(folder, path) ?? folder.root)
      }
    },
    openFile: (path) => openUserFile(folder, path),
    readText: async (path) => readSmallText(folder, path),

    stage: () => stageFile(folder),
    stageSmall: (files) => stageSmallFiles(folder, files),
    place: (files) => placeFiles(context, files),
    makeSymlink: async (path, target, seen, how = {}) => makeSymlinkAt(context, { path, target, seen, agreed: how.agreed === true }),
    makeFolder: async (path) => makeFolderAt(context, path),
    stamp: async (path, facts, seen) => stampAt(context, path, { facts, seen }),
    rename: async (from, to, seen) => renameAt(context, { from, to }, seen),
    remove: async (path, seen, { trash }) => removeAt(context, path, { seen, trash }),
    removeFolder: async (path) => removeFolderAt(context, path),
    async flush() {
      const touched = context.takeTouched()
      if (touched.length === 0) return
      try {
        folder.check()
        await syncFolders(touched, folder.root)
      } catch (error) {
        context.touchedFolders(touched)
        throw writeError(error, folder.root)
      }
    },
    async listTrash() {
      return (await listTrash(folder)).map((item) => ({ id: idOf(item), path: item.path, size: sizeOf(item.node), at: item.at }))
    },
    async restoreTrash(id, to) {
      const item = parseId(id)
      return item === null ? { done: false, why: 'changed' } : restoreFromTrash(context, to === undefined ? item : { ...item, to })
    },
    pruneTrash: (before) => pruneTrash(folder, before),

    async watch(onDirty, watchOptions) {
      const watcher = await watchFolder(folder, onDirty, watchOptions)
      watchers.add(watcher)
      return watcher
    },
    async [Symbol.asyncDispose]() {
      for (const watcher of watchers) await watcher[Symbol.asyncDispose]()
      watchers.clear()
      folder.own.tidy()
    },
  }
}
