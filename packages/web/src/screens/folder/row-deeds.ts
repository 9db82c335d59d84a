/** What a row of files tells the list that it is in. */
import type { HTMLAttributes } from 'react'
import type { MenuPlace } from '../../kit/menu-at.tsx'
import type { RowState } from './file-row.tsx'
import type { FileRow } from './rows.ts'

/** Stays the same object while the list changes, so that rows are drawn again only when they differ. */
export interface RowDeeds {
  /** Address of what a row opens. */
  placeOf(row: FileRow): string
  /** Presses, dragging and dropping. */
  handlersOf(state: RowState): HTMLAttributes<HTMLDivElement>
  /** The box of a row was pressed. */
  tick(index: number, event: Event): void
  menu(index: number, at: MenuPlace): void
  /** A new name was given; null: none. */
  renamed(row: FileRow, name: string | null): void
}
