/** What keys do in a list of files. */
import type { KeyboardEvent } from 'react'
import type { FileRow } from './rows.ts'
import { indexOf, moveTo, NOTHING, press, pressAll } from './selection.ts'
import type { Selection } from './selection.ts'

/** What the keys work on. */
export interface KeyContext {
  readonly rows: readonly FileRow[]
  readonly selection: Selection
  readonly columns: number
  /** Lines in view. */
  readonly page: number
  choose(selection: Selection): void
  open(row: FileRow): void
  rename(row: FileRow): void
  remove(): void
  menu(index: number): void
}

/** Handles a key; gives whether it meant something. */
export function handleKey(event: KeyboardEvent, context: KeyContext): boolean {
  const { rows, selection, columns, page } = context
  const at = indexOf(rows, selection.active)
  const isCtrl = event.ctrlKey || event.metaKey
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at === -1 ? 0 : at + columns,
    ArrowUp: at - columns,
    ...(columns > 1 && { ArrowRight: at + 1, ArrowLeft: at - 1 }),
    PageDown: at + page * columns,
    PageUp: at - page * columns,
    Home: 0,
    End: rows.length - 1,
  }
  const step = steps[event.key]
  if (step !== undefined && !event.altKey) {
    const isPastEnd = columns > 1 && event.key === 'ArrowDown' && step >= rows.length && at !== -1
    const index = isPastEnd && Math.floor(at / columns) === Math.floor((rows.length - 1) / columns) ? at : step
    context.choose(moveTo(selection, rows, index, { range: event.shiftKey, toggle: isCtrl }))
    return true
  }
  const row = rows[at]
  if (isCtrl && event.key.toLowerCase() === 'a') {
    context.choose(pressAll(selection, rows))
    return true
  }
  if (isCtrl || event.altKey) return false
  if (event.key === 'Escape' && selection.chosen.size > 0) {
    context.choose({ ...NOTHING, active: selection.active })
    return true
  }
  if (event.key === 'Delete' && selection.chosen.size > 0) {
    context.remove()
    return true
  }
  if (row === undefined) return false
  if (event.key === ' ') {
    context.choose(press(selection, rows, at, { toggle: true }))
    return true
  }
  if (event.key === 'Enter') {
    context.open(row)
    return true
  }
  if (event.key === 'F2') {
    context.rename(row)
    return true
  }
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    context.menu(at)
    return true
  }
  return false
}
