/** Which rows of a list are chosen, and which one the keyboard is on. By path, so that it stays while the list changes. */

/** A selection. */
export interface Selection {
  readonly chosen: ReadonlySet<string>
  /** The row that keys move from. */
  readonly active: string | null
  /** Where a range begins. */
  readonly anchor: string | null
}

export const NOTHING: Selection = { chosen: new Set(), active: null, anchor: null }

/** How a row was reached: `range` extends from the anchor, `toggle` leaves the others as they are. */
export interface Reach {
  readonly range?: boolean
  readonly toggle?: boolean
}

interface Named {
  readonly path: string
}

/** The selection after a press on a row. */
export function press(selection: Selection, rows: readonly Named[], index: number, reach: Reach): Selection {
  const path = rows[index]?.path
  if (path === undefined) return selection
  if (reach.range === true) return stretch(selection, rows, index, reach.toggle === true)
  if (reach.toggle !== true) return { chosen: new Set([path]), active: path, anchor: path }
  const chosen = new Set(selection.chosen)
  if (!chosen.delete(path)) chosen.add(path)
  return { chosen, active: path, anchor: path }
}

/** The selection after a key moved to a row; with `toggle` only the active row moves. */
export function moveTo(selection: Selection, rows: readonly Named[], index: number, reach: Reach): Selection {
  const path = rows[Math.max(0, Math.min(rows.length - 1, index))]?.path
  if (path === undefined) return selection
  const at = Math.max(0, Math.min(rows.length - 1, index))
  if (reach.range === true) return stretch(selection, rows, at, false)
  if (reach.toggle === true) return { ...selection, active: path }
  return { chosen: new Set([path]), active: path, anchor: path }
}

function stretch(selection: Selection, rows: readonly Named[], index: number, keep: boolean): Selection {
  const start = indexOf(rows, selection.anchor)
  const from = start === -1 ? index : start
  const chosen = new Set(keep ? selection.chosen : [])
  for (let at = Math.min(from, index); at <= Math.max(from, index); at++) {
    const row = rows[at]
    if (row !== undefined) chosen.add(row.path)
  }
  const path = rows[index]?.path ?? null
  return { chosen, active: path, anchor: start === -1 ? path : selection.anchor }
}

/** All rows. */
export function pressAll(selection: Selection, rows: readonly Named[]): Selection {
  return { ...selection, chosen: new Set(rows.map(({ path }) => path)) }
}

/** Where a path stands; -1 when it does not. */
export function indexOf(rows: readonly Named[], path: string | null): number {
  return path === null ? -1 : rows.findIndex((row) => row.path === path)
}

/** The selection without what is gone; the same object when nothing is. */
export function withoutGone(selection: Selection, rows: readonly Named[]): Selection {
  if (selection.chosen.size === 0) return selection
  let found = 0
  for (const { path } of rows) if (selection.chosen.has(path)) found++
  if (found === selection.chosen.size) return selection
  return { ...selection, chosen: new Set(rows.filter(({ path }) => selection.chosen.has(path)).map(({ path }) => path)) }
}
