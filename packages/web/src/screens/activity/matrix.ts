/** The map of which device holds what: folders down, devices across. */
import type { Item, ItemDevice } from '@hyper-store/client'

/** A column. */
export interface MatrixColumn {
  readonly key: string
  readonly name: string
  readonly role: ItemDevice['role']
  readonly live: boolean
  /** Newest word of it; null when none. */
  readonly at: string | null
  /** Folders that it holds whole, of all that it shall hold. */
  readonly whole: number
  readonly all: number
}

/** A row; a cell is null where the device has nothing to do with the folder. */
export interface MatrixRow {
  readonly item: Item
  readonly cells: readonly (ItemDevice | null)[]
  /** Devices that hold it whole. */
  readonly copies: number
}

const ROLES = { this: 0, provider: 1, device: 2 } as const

/** The map of all folders: this device first, then boxes, then the others by name. */
export function matrixOf(items: readonly Item[]): { readonly columns: readonly MatrixColumn[]; readonly rows: readonly MatrixRow[] } {
  const columns = new Map<string, { -readonly [K in keyof MatrixColumn]: MatrixColumn[K] }>()
  for (const { devices } of items) {
    for (const { key, name, role, live, at, complete } of devices) {
      const column = columns.get(key) ?? { key, name, role, live: false, at: null, whole: 0, all: 0 }
      column.live ||= live
      if (at !== null && (column.at === null || at > column.at)) column.at = at
      column.all++
      if (complete) column.whole++
      columns.set(key, column)
    }
  }
  const sorted = [...columns.values()].sort(
    (a, b) => ROLES[a.role] - ROLES[b.role] || a.name.localeCompare(b.name) || (a.key < b.key ? -1 : 1),
  )
  const rows = items.map((item) => {
    const byKey = new Map(item.devices.map((device) => [device.key, device]))
    return {
      item,
      cells: sorted.map(({ key }) => byKey.get(key) ?? null),
      copies: item.devices.filter(({ complete }) => complete).length,
    }
  })
  return { columns: sorted, rows }
}
