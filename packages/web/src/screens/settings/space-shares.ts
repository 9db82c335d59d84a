/** What folders take, as shares of a picture and sums of a table. */
import { hierarchy, treemap } from 'd3-hierarchy'
import type { FolderSpace, Retention } from '@hyper-store/client'

/** What the bytes of a folder are, in the order in which they are drawn. */
export const SPACE_KINDS = ['content', 'history', 'trash', 'records'] as const
export type SpaceKind = (typeof SPACE_KINDS)[number]

/** One rectangle of the map, in units of the picture. */
export interface Piece {
  readonly key: string
  readonly title: string
  readonly kind: SpaceKind
  readonly bytes: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** True for the largest piece of its folder, which carries the name. */
  readonly isMain: boolean
}

interface Node {
  readonly folder?: FolderSpace
  readonly kind?: SpaceKind
  readonly bytes?: number
  readonly children?: Node[]
}

/** The map of folders: each is a field, divided into its kinds; what takes nothing is not there. */
export function mapOf(folders: readonly FolderSpace[], width: number, height: number): Piece[] {
  const children = folders.map((folder): Node => ({
    folder,
    children: SPACE_KINDS.flatMap((kind) => (folder[kind] > 0 ? [{ folder, kind, bytes: folder[kind] }] : [])),
  }))
  const root = hierarchy<Node>({ children: children.filter((one) => (one.children?.length ?? 0) > 0) })
    .sum(({ bytes }) => bytes ?? 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
  const drawn = treemap<Node>().size([width, height]).paddingInner(1).paddingOuter(2).round(true)(root)
  return drawn.leaves().flatMap(({ data, parent, x0, x1, y0, y1, value }) => {
    const { folder, kind } = data
    if (folder === undefined || kind === undefined) return []
    const isMain = parent?.children?.[0]?.data.kind === kind
    return [{ key: folder.key, title: folder.title, kind, bytes: value ?? 0, x: x0, y: y0, width: x1 - x0, height: y1 - y0, isMain }]
  })
}

/** Bytes of a folder, all kinds together. */
export function takenBy(folder: Pick<FolderSpace, SpaceKind>): number {
  return SPACE_KINDS.reduce((sum, kind) => sum + folder[kind], 0)
}

/** Sums over folders, by kind. */
export function sumsOf(folders: readonly FolderSpace[]): Readonly<Record<SpaceKind, number>> {
  const sums = { content: 0, history: 0, trash: 0, records: 0 }
  for (const folder of folders) for (const kind of SPACE_KINDS) sums[kind] += folder[kind]
  return sums
}

/** The retention that was typed; null when the number is none. */
export function retentionOf(keep: Retention['keep'], typed: string): Retention | null {
  if (keep === 'all') return { keep }
  const count = /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : 0
  if (count < 1) return null
  return keep === 'versions' ? { keep, versions: count } : count > 36_500 ? null : { keep, days: count }
}
