/** The version of the state's format: its mark on disk, its numbered migrations, and the refusal of a newer one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import writeFileAtomic from 'write-file-atomic'
import { writeBatch } from './level.ts'
import type { Level, Write } from './level.ts'

/** One step from `version - 1` to `version`. */
export interface Migration {
  readonly version: number
  /** The writes that make the step; they and the new version become visible together. */
  readonly writes: (level: Level) => Promise<Write[]>
}

/**
 * All steps, in order. Never change one that was released; add the next.
 * Step 1 is the first format: a new database is empty, nothing is written but the version.
 */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, writes: async () => [] }]

const VERSION_KEY = 'format!version'

/** Refuses a state folder that a newer program wrote, before its database is opened. Missing mark: 0. @throws NEWER_STATE */
export async function refuseNewerState(folder: string, known: number): Promise<void> {
  let text: string
  try {
    text = await readFile(join(folder, 'format'), 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return
    throw error
  }
  const found = Number.parseInt(text, 10)
  // An unreadable mark says nothing; the version inside the database decides then.
  if (Number.isSafeInteger(found) && found > known) throw new AppError('NEWER_STATE', { home: folder, found, known })
}

/**
 * Brings the database to the newest format, one atomic step after the other; an interrupted run goes on where it stopped.
 * @throws NEWER_STATE when the database is newer than the last migration
 */
export async function migrate(level: Level, folder: string | null, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const known = migrations.at(-1)?.version ?? 0
  const found = Number((await level.get(VERSION_KEY)) ?? 0)
  if (!Number.isSafeInteger(found) || found > known) throw new AppError('NEWER_STATE', { home: folder ?? 'memory', found, known })
  // The mark goes first: between the two writes an older program refuses, which is the safe side.
  if (folder !== null && found < known) await writeFileAtomic(join(folder, 'format'), `${known}\n`, { mode: 0o600 })
  for (const migration of migrations) {
    if (migration.version <= found) continue
    const writes = await migration.writes(level)
    await writeBatch(level, [...writes, { type: 'put', key: VERSION_KEY, value: String(migration.version) }], { sync: true })
  }
}
