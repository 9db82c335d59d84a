/** The files before and after one, in the order in which its folder is shown. */
import { useMemo } from 'react'
import { parentOf, sortRows } from '../folder/rows.ts'
import { useListing } from '../folder/use-listing.ts'
import { useViewChoices } from '../folder/view-choices.ts'
import type { FilePlace } from './use-shown-file.ts'

/** Neighbours of a file. */
export interface Neighbours {
  /** Paths; null at the ends. */
  readonly previous: string | null
  readonly next: string | null
  /** Its place among the files; -1 while it is not known. */
  readonly index: number
  readonly count: number
}

/** The neighbours, as the folder changes. */
export function useNeighbours({ folder, path, version }: FilePlace): Neighbours {
  const { rows } = useListing({ folder, path: parentOf(path), version, match: '' })
  const { sort } = useViewChoices()
  const files = useMemo(() => sortRows(rows, sort).filter(({ entry }) => entry.kind === 'file'), [rows, sort])
  const index = files.findIndex((row) => row.path === path)
  return {
    previous: index < 1 ? null : (files[index - 1]?.path ?? null),
    next: index === -1 ? null : (files[index + 1]?.path ?? null),
    index,
    count: files.length,
  }
}
