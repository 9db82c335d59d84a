/** Which files of a folder lend their bytes to the store: blocks of logs whose bytes are on the user's disk alone. */
import type { FolderPath } from '../core/entries.ts'
import { RUN_BLOCKS, type Lender, type LentTable } from '../core/lent.ts'
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Level, Write } from './level.ts'
import { safeJson } from './record-table.ts'
import { createSerial } from '../lib/serial.ts'

const LENDERS = 8
const LOOK_LIMIT = RUN_BLOCKS + LENDERS
const DIGITS = 14

type FileRow = [seen: [number, number, number, number], content: string, bytes: number, dropped: 0 | 1, runs: [string, number, number][]]
type RunRow = [first: number, offset: number, lengths: number[]]

/** Makes the table of a folder. */
export function createLentTable(level: Level, folderKey: string): LentTable {
  const fileTable = tablePrefix('lent-file', folderKey)
  const blockTable = tablePrefix('lent-block', folderKey)
  const markKey = tablePrefix('lent-mark', folderKey)
  const serial = createSerial()
  const numbered = (index: number) => String(index).padStart(DIGITS, '0')
  const runKey = (core: string, last: number, path: string) => `${blockTable}${core}!${numbered(last)}!${path}`

  const rowOf = async (path: FolderPath): Promise<FileRow | null> => {
    const text = await level.get(fileTable + path)
    return text === undefined ? null : (safeJson(text) as FileRow)
  }
  const removals = (path: FolderPath, row: FileRow | null): Write[] =>
    row === null ? [] : row[4].map(([core, , last]) => ({ type: 'del', key: runKey(core, last, path) }))
  const fileOf = (path: FolderPath, [[size, mtimeMs, ctimeMs, ino], content, bytes, dropped]: FileRow) => ({
    path,
    seen: { size, mtimeMs, ctimeMs, ino },
    content,
    bytes,
    dropped: dropped === 1,
  })

  return {
    async get(path) {
      const row = await rowOf(path)
      if (row === null) return null
      const texts = await level.getMany(row[4].map(([core, , last]) => runKey(core, last, path)))
      const runs = row[4].flatMap(([core], i) => {
        const text = texts[i]
        if (text === undefined) return []
        const [first, offset, lengths] = safeJson(text) as RunRow
        return [{ core, first, offset, lengths }]
      })
      return { ...fileOf(path, row), runs }
    },
    async *files() {
      for await (const [key, text] of level.iterator(rangeOf(fileTable)))
        yield fileOf(key.slice(fileTable.length) as FolderPath, safeJson(text) as FileRow)
    },
    async lenders(core, index) {
      const found: Lender[] = []
      const prefix = `${blockTable}${core}!`
      for await (const [key, text] of level.iterator({ gte: prefix + numbered(index), lt: rangeOf(prefix).lt, limit: LOOK_LIMIT })) {
        if (Number(key.slice(prefix.length, prefix.length + DIGITS)) >= index + RUN_BLOCKS || found.length >= LENDERS) break
        const [first, start, lengths] = safeJson(text) as RunRow
        const byteLength = lengths[index - first]
        if (index < first || byteLength === undefined) continue
        let offset = start
        for (let i = 0; i < index - first; i++) offset += lengths[i] ?? 0
        found.push({ path: key.slice(prefix.length + DIGITS + 1) as FolderPath, offset, byteLength })
      }
      return found
    },
    put: (file) =>
      serial.run(async () => {
        const { seen, path } = file
        const row: FileRow = [
          [seen.size, seen.mtimeMs, seen.ctimeMs, seen.ino],
          file.content,
          file.bytes,
          file.dropped ? 1 : 0,
          file.runs.map((run) => [run.core, run.first, run.first + run.lengths.length - 1]),
        ]
        const writes = removals(path, await rowOf(path))
        for (const { core, first, offset, lengths } of file.runs)
          writes.push({ type: 'put', key: runKey(core, first + lengths.length - 1, path), value: JSON.stringify([first, offset, lengths]) })
        writes.push({ type: 'put', key: fileTable + path, value: JSON.stringify(row) })
        await writeBatch(level, writes, { sync: true })
      }),
    remove: (path) =>
      serial.run(async () => {
        const writes = removals(path, await rowOf(path))
        writes.push({ type: 'del', key: fileTable + path })
        await writeBatch(level, writes)
      }),
    async mark() {
      return (await level.get(markKey)) ?? null
    },
    setMark: (mark) => writeBatch(level, [{ type: 'put', key: markKey, value: mark }], { sync: true }),
    async clear() {
      // The mark first: what a half-cleared table does not know counts as forgotten.
      await level.del(markKey)
      await level.clear(rangeOf(fileTable))
      await level.clear(rangeOf(blockTable))
    },
  }
}
