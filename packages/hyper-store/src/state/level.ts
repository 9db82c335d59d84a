/** Opens the key-value database under the state: LevelDB in a folder, or its twin in memory; repairs a damaged one once. */
import { AppError } from '@hyper-store/client/contract'
import type { AbstractLevel, AbstractBatchOperation } from 'abstract-level'
import { ClassicLevel } from 'classic-level'
import type { BatchOptions } from 'classic-level'

/** The database. Keys and values are text unless a call says `view`. */
export type Level = AbstractLevel<string | Buffer | Uint8Array>

/** One write of an atomic batch of text values. */
export type Write = AbstractBatchOperation<Level, string, string>

/** How well a write must survive: `sync` waits until it is on the disk, else a power cut may take the last moments. */
export interface Durability {
  readonly sync?: boolean | undefined
}

/** A range of keys: everything that begins with a table's prefix. */
export interface KeyRange {
  readonly gte: string
  readonly lt: string
}

/**
 * The prefix of a table's keys, for example `synced!<folder>!`.
 * Segments are names and keys of ours: letters, digits, `-` and `_` only, so that no segment can reach into another table.
 */
export function tablePrefix(...segments: readonly string[]): string {
  for (const segment of segments) {
    if (!/^[\w-]{1,200}$/.test(segment)) throw new AppError('DEFECT', { reason: `"${segment.slice(0, 80)}" cannot name a table` })
  }
  return `${segments.join('!')}!`
}

/** All keys that begin with `prefix`, which ends with `!`. */
export function rangeOf(prefix: string): KeyRange {
  // '"' is the character after '!', in any encoding.
  return { gte: prefix, lt: `${prefix.slice(0, -1)}"` }
}

/** Writes `writes` as one atomic step. */
export async function writeBatch(level: Level, writes: Write[], durability: Durability = {}): Promise<void> {
  // The twin in memory ignores `sync`, the real one knows it: hence the options type of the real one.
  const options: BatchOptions<string, string> = { sync: durability.sync === true }
  await level.batch(writes, options)
}

/**
 * Opens the database in `folder` (null: in memory). `beforeRepair` runs, and is waited for, before a repair begins.
 * @throws HOME_LOCKED when another process has it open; STATE_DAMAGED when a repair did not help.
 */
export async function openLevel(folder: string | null, beforeRepair: () => Promise<void>): Promise<Level> {
  if (folder === null) {
    // Loaded only where it is used: a service never does.
    const { MemoryLevel } = await import('memory-level')
    const level = new MemoryLevel()
    await level.open()
    return level
  }
  try {
    return await openOnce(folder)
  } catch (error) {
    const code = levelCode(error)
    if (code === 'LEVEL_LOCKED') throw new AppError('HOME_LOCKED', { home: folder, pid: 'unknown' }, { cause: error })
    if (code === 'LEVEL_IO_ERROR' || /^E[A-Z]+$/.test(code ?? ''))
      throw new AppError('FOLDER_UNREADABLE', { path: folder, reason: reasonOf(error) }, { cause: error })
    if (code !== 'LEVEL_CORRUPTION') throw error
  }
  await beforeRepair()
  try {
    await ClassicLevel.repair(folder)
    const level = await openOnce(folder)
    try {
      // A repair may succeed and leave unreadable tables behind: believe it after one pass over the keys.
      for await (const key of level.keys()) void key
    } catch (error) {
      await level.close()
      throw error
    }
    return level
  } catch (error) {
    throw new AppError('STATE_DAMAGED', { path: folder, reason: reasonOf(error) }, { cause: error })
  }
}

async function openOnce(folder: string): Promise<Level> {
  const level = new ClassicLevel(folder, { cacheSize: 4 * 1024 * 1024, maxOpenFiles: 200 })
  try {
    await level.open()
    // The batch types of the two databases name themselves, which is the only difference.
    return level as unknown as Level
  } catch (error) {
    await level.close()
    throw error
  }
}

function levelCode(error: unknown): string | undefined {
  const own = (error as { code?: unknown }).code
  const inner = (error as { cause?: { code?: unknown } }).cause?.code
  // `LEVEL_DATABASE_NOT_OPEN` wraps the code that says why.
  return typeof inner === 'string' ? inner : typeof own === 'string' ? own : undefined
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  return (cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error)).slice(0, 300)
}
