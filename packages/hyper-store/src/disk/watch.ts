/** Tells which paths of a folder may have changed, within milliseconds, without ever looking at the clock to poll. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { FolderPath } from '../core/entries.ts'
import type { FolderWatcher } from '../core/ports.ts'
import { DirtyBatch } from './dirty-batch.ts'
import type { FolderRoot } from './root.ts'
import { FolderTreeWatch } from './watch-tree.ts'

/** Called with a folder path and whether it is a folder; true leaves it out. */
export type Ignored = (path: FolderPath, isFolder: boolean) => boolean

/**
 * Watches a folder. Resolves when every folder in it is watched, so that a scan begun after that misses nothing. A new
 * folder is reported by its own path: what is in it has to be scanned. Throws FOLDER_UNREADABLE when the root is not there.
 */
export async function watchFolder(
  root: FolderRoot,
  onDirty: (paths: ReadonlySet<string>) => void,
  options: { ignored: Ignored },
): Promise<FolderWatcher> {
  root.check()
  const batch = new DirtyBatch(onDirty)
  if (process.platform !== 'darwin' && process.platform !== 'win32') {
    const tree = new FolderTreeWatch(root, batch, options.ignored)
    await tree.start()
    return tree
  }
  return watchRecursive(root, batch, options.ignored)
}

/** macOS and Windows watch a whole tree by themselves. */
function watchRecursive(root: FolderRoot, batch: DirtyBatch, ignored: Ignored): FolderWatcher {
  const state = { complete: true }
  const watcher = fs.watch(root.root, { recursive: true }, (_, name) => {
    batch.count()
    if (name === null) return batch.mark('')
    const path = name.split(nodePath.sep).join('/')
    if (path === root.privateDir || path.startsWith(`${root.privateDir}/`)) return
    if (path === nodePath.basename(root.root) && !root.isSame()) return batch.mark('')
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      if (ignored(path.slice(0, at) as FolderPath, true)) return
    }
    // The kind is not known here: only what is ignored as either is left out.
    if (ignored(path as FolderPath, false) && ignored(path as FolderPath, true)) return
    batch.mark(path)
  })
  watcher.on('error', () => {
    state.complete = false
    batch.mark('')
  })
  return {
    get complete() {
      return state.complete
    },
    async [Symbol.asyncDispose]() {
      watcher.close()
      batch.close()
    },
  }
}
