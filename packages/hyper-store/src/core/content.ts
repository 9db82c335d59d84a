/** When two entries say the same, and when a disk still shows what it showed before. */
import type { Entry, EntryOrTombstone, FileEntry, LocalNode } from './entries.ts'

/** True when two versions hold the same for the user apart from time: kind and bytes, execute bit or target. */
export function sameContent(a: EntryOrTombstone, b: EntryOrTombstone): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.executable === b.executable && sameBytes(a, b)
  if (a.kind === 'symlink') return b.kind === 'symlink' && a.target === b.target
  return a.kind === b.kind
}

/** True when two file entries are known to hold the same bytes. Without hashes (drives of others) only the same place tells. */
export function sameBytes(a: FileEntry, b: FileEntry): boolean {
  if (a.size !== b.size) return false
  if (a.size === 0) return true
  if (a.hash !== '' && b.hash !== '') return a.hash === b.hash
  return samePlace(a, b)
}

function samePlace(a: FileEntry, b: FileEntry): boolean {
  const left = a.content
  const right = b.content
  if (left === null || right === null) return left === right
  return (
    left.drive === right.drive &&
    left.byteOffset === right.byteOffset &&
    left.blockOffset === right.blockOffset &&
    left.blockLength === right.blockLength &&
    left.byteLength === right.byteLength &&
    left.blockMap === right.blockMap &&
    left.parts === right.parts
  )
}

/** True when the disk shows exactly what it showed: a file or symlink by all its stat values, a folder by being one. */
export function sameNode(a: LocalNode | null, b: LocalNode | null): boolean {
  if (a === null || b === null) return a === b
  if (a.kind === 'file') {
    // The change time too: a tool that sets the old mtime back after an edit is caught by it. It costs a hash, never an edit.
    return (
      b.kind === 'file' &&
      a.size === b.size &&
      a.mtimeMs === b.mtimeMs &&
      a.ctimeMs === b.ctimeMs &&
      a.ino === b.ino &&
      a.executable === b.executable
    )
  }
  if (a.kind === 'symlink') {
    return b.kind === 'symlink' && a.target === b.target && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
  }
  // A folder that got content is still that folder.
  return b.kind === 'folder'
}

/** The entry, or null for a tombstone. */
export function liveEntry(entry: EntryOrTombstone | null): Entry | null {
  return entry === null || entry.kind === 'tombstone' ? null : entry
}
