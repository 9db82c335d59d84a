/** A part of a drive as a drive of its own: what a signed link opens. Nothing of the rest can be named from inside. */
import type { DriveNode, DriveReader } from '../../core/store-api.ts'

/** A part of a drive. */
export interface Scope {
  readonly drive: DriveReader
  /** What the part is called: its own name, or the begin of the drive's key. */
  readonly name: string
  /** Name of the one file that it is; null for a folder. */
  readonly file: string | null
}

/**
 * The file or folder at `prefix` ('' for all) as the root of a drive: paths, and so the targets of symlinks too, are counted from
 * there, and those that climb above it lead nowhere. Null when nothing is there, or a symlink.
 */
export async function scopeOf(drive: DriveReader, prefix: string): Promise<Scope | null> {
  const { key, version } = drive
  const about = { key, version, private: drive.private }
  const name = prefix.split('/').at(-1) ?? ''
  const node = prefix === '' ? null : await drive.stat(prefix)
  if (prefix === '') return { drive, name: key.slice(0, 8), file: null }
  if (node === null || node.kind === 'symlink') return null
  if (node.kind === 'file') {
    const only = { ...node, path: name }
    return {
      drive: {
        ...about,
        stat: async (path) => (path === name ? only : path === '' ? { kind: 'folder', path } : null),
        async *list(path) {
          if (path === '') yield { ...only, name }
        },
      },
      name,
      file: name,
    }
  }
  const inside = (path: string): string => (path === '' ? prefix : `${prefix}/${path}`)
  const outside = <Node extends DriveNode>(found: Node): Node => ({ ...found, path: found.path.slice(prefix.length + 1) })
  return {
    drive: {
      ...about,
      async stat(path) {
        const found = path === '' ? node : await drive.stat(inside(path))
        return found === null ? null : outside(found)
      },
      async *list(path) {
        for await (const child of drive.list(inside(path))) yield outside(child)
      },
    },
    name,
    file: null,
  }
}
