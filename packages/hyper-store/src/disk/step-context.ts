/** What every step that changes the disk is given. */
import * as nodePath from 'node:path'
import type { FolderRoot } from './root.ts'

/** The folder, and the note of which of its folders got or lost names since the last flush. */
export interface StepContext {
  readonly root: FolderRoot
  /** Notes that the name of an absolute path was made, replaced or removed. */
  readonly touched: (file: string) => void
  /** Puts folders back that could not be made durable. */
  readonly touchedFolders: (folders: readonly string[]) => void
  /** The absolute folders to make durable; forgets them. */
  readonly takeTouched: () => string[]
}

/** Begins with nothing touched. */
export function makeStepContext(root: FolderRoot): StepContext {
  let folders = new Set<string>()
  return {
    root,
    touched(file) {
      folders.add(nodePath.dirname(file))
    },
    touchedFolders(again) {
      for (const folder of again) folders.add(folder)
    },
    takeTouched() {
      const taken = [...folders]
      folders = new Set()
      return taken
    },
  }
}
