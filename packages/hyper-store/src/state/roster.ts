/** The signed commands of each folder's roster, as they came. */
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Level } from './level.ts'
import { safeJson } from './record-table.ts'

/** Commands of one folder by id. What is read back was checked before it was written, and is checked again by its reader. */
export interface RosterTable {
  list(): Promise<unknown[]>
  /** Durable when it resolves. */
  putMany(commands: readonly { readonly id: string; readonly command: unknown }[]): Promise<void>
  clear(): Promise<void>
}

/** Makes the roster table of a folder. */
export function createRosterTable(level: Level, folderKey: string): RosterTable {
  const prefix = tablePrefix('roster', folderKey)
  return {
    async list() {
      const commands: unknown[] = []
      for await (const text of level.values(rangeOf(prefix))) commands.push(safeJson(text))
      return commands
    },
    putMany: (commands) =>
      writeBatch(
        level,
        commands.map(({ id, command }) => ({ type: 'put' as const, key: prefix + id, value: JSON.stringify(command) })),
        { sync: true },
      ),
    clear: () => level.clear(rangeOf(prefix)),
  }
}
