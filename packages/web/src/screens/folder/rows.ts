/** Entries of a folder as rows: named, put in the order that people expect, and moved along by changes. */
import type { ThingEntry } from '@hyper-store/client'

/** One entry of a list. Rows of what did not change stay the same objects, so that they are not drawn again. */
export interface FileRow {
  readonly path: string
  /** Last part of the path. */
  readonly name: string
  readonly entry: ThingEntry
  /** Compared as plain text it gives the order of names. */
  readonly order: string
}

/** What a list can be sorted by. */
export const SORTS = ['name', 'size', 'time'] as const
export type SortBy = (typeof SORTS)[number]

/** How a list is sorted; folders always come first. */
export interface Sort {
  readonly by: SortBy
  readonly down: boolean
}

/** Digits of numbers up to here are compared by value. */
const DIGITS = 24

/** Text that sorts like its name does for people: case and accents do not count, numbers go by value, equal ones by the name itself. */
export function orderOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return `${plain.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(DIGITS, '0'))}\u0000${name}`
}

/** Last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What is above the last part; '' at the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** Joins two parts of a path, of which the first may be ''. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** The row of an entry. */
export function rowOf(entry: ThingEntry): FileRow {
  const name = nameOf(entry.path)
  return { path: entry.path, name, entry, order: orderOf(name) }
}

/** True when nothing that is shown of an entry differs. */
function isSameEntry(a: ThingEntry, b: ThingEntry): boolean {
  return (
    a.path === b.path && a.kind === b.kind && a.size === b.size && a.mtimeMs === b.mtimeMs && a.etag === b.etag && a.target === b.target
  )
}

/** Rows of entries; those that `before` has already are taken over. */
export function rowsOf(entries: readonly ThingEntry[], before: ReadonlyMap<string, FileRow>): FileRow[] {
  return entries.map((entry) => {
    const known = before.get(entry.path)
    return known !== undefined && isSameEntry(known.entry, entry) ? known : rowOf(entry)
  })
}

/** Rows after some paths changed; null: nothing is there any more. */
export function withChanges(rows: readonly FileRow[], changes: ReadonlyMap<string, ThingEntry | null>): readonly FileRow[] {
  const waiting = new Map(changes)
  let isOther = false
  const next: FileRow[] = []
  for (const row of rows) {
    const change = waiting.get(row.path)
    if (change === undefined) {
      next.push(row)
      continue
    }
    waiting.delete(row.path)
    if (change !== null && isSameEntry(change, row.entry)) next.push(row)
    else {
      isOther = true
      if (change !== null) next.push(rowOf(change))
    }
  }
  for (const change of waiting.values()) {
    if (change === null) continue
    isOther = true
    next.push(rowOf(change))
  }
  return isOther ? next : rows
}

/** Of changed paths the children of `folder` that they are or lie in. */
export function changedChildren(folder: string, paths: readonly string[]): Set<string> {
  const start = folder === '' ? '' : `${folder}/`
  const children = new Set<string>()
  for (const path of paths) {
    if (!path.startsWith(start) || path.length === start.length) continue
    const end = path.indexOf('/', start.length)
    children.add(end === -1 ? path : path.slice(0, end))
  }
  return children
}

/** The rows in order. */
export function sortRows(rows: readonly FileRow[], { by, down }: Sort): readonly FileRow[] {
  const turn = down ? -1 : 1
  const byName = (a: FileRow, b: FileRow): number => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0)
  const compare = {
    name: (a: FileRow, b: FileRow): number => turn * byName(a, b),
    size: (a: FileRow, b: FileRow): number => turn * (a.entry.size - b.entry.size) || byName(a, b),
    time: (a: FileRow, b: FileRow): number => turn * ((a.entry.mtimeMs ?? 0) - (b.entry.mtimeMs ?? 0)) || byName(a, b),
  }[by]
  const folders: FileRow[] = []
  const files: FileRow[] = []
  for (const row of rows) (row.entry.kind === 'folder' ? folders : files).push(row)
  return [...folders.sort(compare), ...files.sort(compare)]
}

/** A name beside the taken ones: `a (2).txt`. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.')
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  for (let number = 2; ; number++) {
    const next = `${stem} (${number})${end}`
    if (!isTaken(next)) return next
  }
}
