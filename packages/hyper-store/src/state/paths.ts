/** The path index of a shared folder in the state's database: rows of the merged tree, rebuilt from the drives when lost. */
import { AppError } from '@hyper-store/client/contract'
import type { IteratorOptions } from 'classic-level'
import type { PathIndex, PathTable, Row } from '../core/path-index.ts'
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Level, Write } from './level.ts'
import { safeJson } from './record-table.ts'

const WALK_STEP = 1000

/** Makes the path index of a folder. */
export function createPathIndex(level: Level, folderKey: string): PathIndex {
  const all = tablePrefix('path', folderKey)
  const prefixOf = (table: PathTable): string => tablePrefix('path', folderKey, table)
  return {
    async getMany(table, keys) {
      if (keys.length === 0) return []
      const prefix = prefixOf(table)
      const found = await level.getMany(keys.map((key) => prefix + key))
      return found.map((text) => (text === undefined ? null : rowOf(text)))
    },
    async *rows(table, options = {}) {
      const prefix = prefixOf(table)
      const from = options.after === undefined ? { gte: prefix } : { gt: prefix + options.after }
      // Read by the thousand: one step of the database per record would cost more than reading it.
      const rows = level.iterator({ ...from, lt: rangeOf(prefix).lt, highWaterMarkBytes: 256 * 1024 } as IteratorOptions<string, string>)
      try {
        for (;;) {
          const some = await rows.nextv(WALK_STEP)
          if (some.length === 0) return
          for (const [key, text] of some) yield [key.slice(prefix.length), rowOf(text)] as const
        }
      } finally {
        await rows.close()
      }
    },
    async write(writes) {
      const batch: Write[] = []
      for (const { table, key, row } of writes) {
        const at = prefixOf(table) + key
        batch.push(row === null ? { type: 'del', key: at } : { type: 'put', key: at, value: JSON.stringify(row) })
      }
      await writeBatch(level, batch)
    },
    async clear() {
      // The row about the index itself goes first: a half-cleared index must read as one to build.
      await level.del(prefixOf('meta'))
      await level.clear(rangeOf(all))
    },
  }
}

function rowOf(text: string): Row {
  const row = safeJson(text)
  if (!Array.isArray(row)) throw new AppError('STATE_DAMAGED', { path: 'the state (paths)', reason: 'a record has another shape' })
  return row as Row
}
