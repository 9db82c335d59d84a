/** The two versions of a conflict, and what must be said to keep each. */
import type { Conflict } from '@hyper-store/client'

/** One version. */
export interface Side {
  readonly path: string
  /** '' where a folder took the place. */
  readonly device: string
  readonly isOwn: boolean
  readonly mtimeMs: number
  readonly size: number
  readonly isNewer: boolean
  /** What keeps it; null where that can't be said. */
  readonly keep: 'mine' | 'theirs' | null
}

/**
 * The version at the path, then the copy. `own` is the name of the store that decides: `mine` is its version, or the one at the path where
 * it has none. Two devices of its name can't be told apart: then (`isClear` false) only both can be kept.
 */
export function sidesOf(conflict: Conflict, own: string): { readonly sides: readonly Side[]; readonly isClear: boolean } {
  const { path, copy, device, copyDevice, mtimeMs, copyMtimeMs, size, copySize } = conflict
  const isClear = device !== copyDevice || device !== own
  const isCopyMine = copyDevice === own
  const canChoose = isClear && device !== ''
  return {
    isClear,
    sides: [
      {
        path,
        device,
        isOwn: device === own,
        mtimeMs,
        size,
        isNewer: mtimeMs > copyMtimeMs,
        keep: canChoose ? (isCopyMine ? 'theirs' : 'mine') : null,
      },
      {
        path: copy,
        device: copyDevice,
        isOwn: isCopyMine,
        mtimeMs: copyMtimeMs,
        size: copySize,
        isNewer: copyMtimeMs > mtimeMs,
        keep: canChoose ? (isCopyMine ? 'mine' : 'theirs') : null,
      },
    ],
  }
}
