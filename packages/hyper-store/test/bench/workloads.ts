/** The workloads: what happens in folder A, the same bytes each time, and what folder B must come to show. */
import { createCipheriv, createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cp, lstat, mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const MIB = 1024 * 1024
const SMALL_FOLDERS = 100
const SMALL_BYTES = 4096
const SEED = 'hyper-store bench 1'

/** Names of the steps that happen in one folder, in their order. */
export const STEP_NAMES = ['W2', 'W4', 'W5b', 'W6', 'W1', 'W3', 'W3b', 'W5a'] as const
export type StepName = (typeof STEP_NAMES)[number]

/** Sizes of a run: 1 is the full size of each. */
export interface Sizes {
  readonly scale: number
  readonly bigBytes: number
  readonly smallFiles: number
  /** Folder that W6 copies. */
  readonly sourceTree: string
}

/** What B must show. */
export interface Expected {
  readonly path: string
  readonly size: number
  readonly link: boolean
}

/** Bytes that must stand in a file. */
export interface Mark {
  readonly path: string
  readonly offset: number
  readonly bytes: Buffer
}

/** One step, made ready: `commit` does it in a moment. */
export interface Step {
  readonly name: StepName
  readonly present: readonly Expected[]
  readonly gone: readonly string[]
  readonly marks: readonly Mark[]
  readonly bytes: number
  /** Puts the change into A: a rename, or one small write. */
  commit(): Promise<void>
}

interface Place {
  /** Folder A. */
  readonly folder: string
  /** A folder on the same disk, outside of A, in which content is made ready. */
  readonly stage: string
  readonly sizes: Sizes
  /** Makes edits differ between repetitions. */
  readonly round: number
}

type Parts = Pick<Step, 'present' | 'commit'> & Partial<Pick<Step, 'gone' | 'marks'>>

/** Sizes for a scale: at 0.02 the big file has 20 MiB and there are 200 small files. */
export function sizesFor(scale: number, sourceTree: string): Sizes {
  const bigBytes = Math.max(8, Math.round(1024 * scale)) * MIB
  return { scale, bigBytes, smallFiles: Math.max(100, Math.round((10_000 * scale) / 100) * 100), sourceTree }
}

/** A stream of bytes that depends on the seed alone: AES-256-CTR over zeros. */
export function bytesFrom(seed: string): (count: number) => Buffer {
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(`${SEED}/${seed}`).digest(), Buffer.alloc(16))
  return (count) => cipher.update(Buffer.alloc(count))
}

/** Writes small files into `count / folders` a folder and says which. */
export function writeSmallFiles(root: string, { folders, count, seed }: { folders: number; count: number; seed: string }): Expected[] {
  const next = bytesFrom(seed)
  const made: Expected[] = []
  for (let d = 0; d < folders; d++) {
    const folder = `d${String(d).padStart(4, '0')}`
    mkdirSync(join(root, folder), { recursive: true })
    for (let f = 0; f < count / folders; f++) {
      const path = `${folder}/f${String(f).padStart(4, '0')}.bin`
      writeFileSync(join(root, path), next(SMALL_BYTES))
      made.push({ path, size: SMALL_BYTES, link: false })
    }
  }
  return made
}

/** Makes a step ready; the slow part, never timed. */
export async function prepareStep(name: StepName, place: Place): Promise<Step> {
  await mkdir(place.stage, { recursive: true })
  const parts = await PREPARE[name](place)
  const bytes = parts.present.reduce((sum, file) => sum + file.size, 0)
  return { name, gone: [], marks: [], bytes, ...parts }
}

const PREPARE: Record<StepName, (place: Place) => Promise<Parts>> = {
  async W1({ folder, stage, sizes }) {
    const next = bytesFrom('big')
    await using file = await open(join(stage, 'big.bin'), 'w')
    for (let left = sizes.bigBytes; left > 0; left -= 4 * MIB) await file.write(next(Math.min(left, 4 * MIB)))
    return {
      present: [{ path: 'big.bin', size: sizes.bigBytes, link: false }],
      commit: () => rename(join(stage, 'big.bin'), join(folder, 'big.bin')),
    }
  },
  async W2({ folder, stage, sizes }) {
    const made = writeSmallFiles(join(stage, 'small'), { folders: SMALL_FOLDERS, count: sizes.smallFiles, seed: 'small' })
    return { present: under('small', made), commit: () => rename(join(stage, 'small'), join(folder, 'small')) }
  },
  async W3({ folder, round }) {
    const big = join(folder, 'big.bin')
    const { size } = await stat(big)
    const mark = { path: 'big.bin', offset: Math.floor(size / 2), bytes: bytesFrom(`edit ${round}`)(MIB) }
    const commit = async () => {
      await using file = await open(big, 'r+')
      await file.write(mark.bytes, 0, MIB, mark.offset)
    }
    return { present: [{ path: 'big.bin', size, link: false }], marks: [mark], commit }
  },
  async W3b({ folder, stage, round }) {
    const big = join(folder, 'big.bin')
    const { size } = await stat(big)
    const mark = { path: 'big.bin', offset: Math.floor(size / 2), bytes: bytesFrom(`insert ${round}`)(MIB) }
    await copyWithInsert(big, join(stage, 'big.bin'), mark)
    return {
      present: [{ path: 'big.bin', size: size + MIB, link: false }],
      marks: [mark],
      commit: () => rename(join(stage, 'big.bin'), big),
    }
  },
  async W4({ folder, round }) {
    const bytes = bytesFrom(`note ${round}`)(SMALL_BYTES)
    return {
      present: [{ path: 'note.txt', size: SMALL_BYTES, link: false }],
      marks: [{ path: 'note.txt', offset: 0, bytes }],
      commit: () => writeFile(join(folder, 'note.txt'), bytes),
    }
  },
  async W5a({ folder }) {
    const { size } = await stat(join(folder, 'big.bin'))
    return {
      present: [{ path: 'renamed.bin', size, link: false }],
      gone: ['big.bin'],
      commit: () => rename(join(folder, 'big.bin'), join(folder, 'renamed.bin')),
    }
  },
  async W5b({ folder }) {
    return {
      present: under('small-renamed', await filesIn(join(folder, 'small'))),
      gone: ['small'],
      commit: () => rename(join(folder, 'small'), join(folder, 'small-renamed')),
    }
  },
  async W6({ folder, stage, sizes }) {
    await copySourceTree(sizes, join(stage, 'tree'))
    return {
      present: under('tree', await filesIn(join(stage, 'tree'))),
      commit: () => rename(join(stage, 'tree'), join(folder, 'tree')),
    }
  },
}

/** All of the tree at full size; else its first packages by name, until the share is reached. */
async function copySourceTree(sizes: Sizes, to: string): Promise<void> {
  const options = { recursive: true, verbatimSymlinks: true }
  if (sizes.scale >= 1) return cp(sizes.sourceTree, to, options)
  let left = sizes.scale * 14_000
  await mkdir(to)
  for (const name of (await readdir(sizes.sourceTree)).sort()) {
    const files = name.startsWith('.') ? [] : await filesIn(join(sizes.sourceTree, name))
    if (files.length === 0 || files.length > left) continue
    left -= files.length
    await cp(join(sizes.sourceTree, name), join(to, name), options)
  }
}

async function copyWithInsert(from: string, to: string, mark: Mark): Promise<void> {
  await using source = await open(from, 'r')
  await using target = await open(to, 'w')
  const buffer = Buffer.allocUnsafe(4 * MIB)
  let inserted = false
  for (let at = 0; ;) {
    const wanted = inserted ? buffer.length : Math.min(buffer.length, mark.offset - at)
    const { bytesRead } = await source.read(buffer, 0, wanted, at)
    await target.write(buffer, 0, bytesRead)
    at += bytesRead
    if (!inserted && at === mark.offset) {
      await target.write(mark.bytes)
      inserted = true
    } else if (bytesRead === 0) return
  }
}

function under(folder: string, files: readonly Expected[]): Expected[] {
  return files.map((file) => ({ ...file, path: `${folder}/${file.path}` }))
}

async function filesIn(root: string): Promise<Expected[]> {
  const found: Expected[] = []
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue
    const { size } = await lstat(join(entry.parentPath, entry.name))
    found.push({ path: join(entry.parentPath, entry.name).slice(root.length + 1), size, link: entry.isSymbolicLink() })
  }
  return found
}
