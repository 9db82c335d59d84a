/** What a user of the soak does next: one random change of the folder, as people make them. */
import type { SoakDisk } from './disk.ts'
import type { Ledger } from './ledger.ts'

/** Few names, so that devices meet on them. */
const FOLDERS = ['', 'docs', 'docs/old', 'pics', 'pics/2026', 'notes'] as const
const STEMS = ['a', 'b', 'c', 'd', 'e', 'f', 'G', 'h i', '\u00e9'] as const
const MANY_FILES = 110
const FEW_FILES = 40
const BIG_FILES = 3
const BIG_BYTES = 8 * 1024 * 1024
const BIG_FROM = 1024 * 1024
const PATCH_BYTES = 4096
const CONFLICT = ' (conflict '

type Random = () => number
type Deed = (disk: SoakDisk, random: Random, ledger: Ledger) => void

const DEEDS: readonly (readonly [weight: number, deed: Deed])[] = [
  [20, (disk, random) => void disk.create(randomPath(random), randomSize(random))],
  [12, onFile((disk, rel, random, ledger) => disk.rewrite(rel, 'append', (old) => appended(old, random, ledger)))],
  [12, onFile((disk, rel, random, ledger) => disk.rewrite(rel, 'rewrite', () => rewritten(randomSize(random), ledger)))],
  [12, onFile((disk, rel, random) => disk.saveOver(rel, randomSize(random)))],
  [4, onFile((disk, rel, random, ledger) => disk.rewrite(rel, 'patch', (old) => patched(old, random, ledger)))],
  [9, onFile((disk, rel) => disk.remove(rel))],
  [1.5, onFolder((disk, rel) => disk.remove(rel, 'delete folder'))],
  [8, onFile((disk, rel, random) => void disk.move(rel, randomPath(random)))],
  [2, onFile((disk, rel, random) => onOther(disk, rel, random, (other) => disk.moveOver(rel, other)))],
  [3, onFolder((disk, rel, random) => void disk.move(rel, `${pick(FOLDERS.slice(1), random)} ${Math.floor(random() * 3)}`))],
  [2, onFile((disk, rel, random) => onOther(disk, rel, random, (other) => disk.swap(rel, other)))],
  [1.5, onFolder((disk, rel, random) => fileForFolder(disk, rel, random))],
  [2, onFile((disk, rel, random) => folderForFile(disk, rel, random))],
  [2, onFile((disk, rel, random) => disk.touch(rel, Math.floor(random() * 5000)))],
  [1.5, (disk, random) => disk.makeFolder(`${pick(FOLDERS.slice(1), random)}/empty ${Math.floor(random() * 3)}`)],
  [1, (disk, random) => linkSomewhere(disk, random)],
  [1.5, createBig],
  [6, onBigFile((disk, rel, random, ledger) => disk.rewrite(rel, 'patch big', (old) => patched(old, random, ledger)))],
  [10, onConflictCopy((disk, rel, random) => touchCopy(disk, rel, random))],
]
const TOTAL = DEEDS.reduce((sum, [weight]) => sum + weight, 0)

/** Does one thing, if it is possible now. What the store changes in the same moment may make it fail: then it did not happen. */
export function doSomething(disk: SoakDisk, random: Random, ledger: Ledger): void {
  let dice = random() * TOTAL
  // A folder that empties itself is stopped for safety, and one that only grows takes ever longer to judge.
  const count = disk.files().length
  if (count > MANY_FILES && random() < 0.5) return attempt(() => onFile((d, rel) => d.remove(rel))(disk, random, ledger))
  if (count < FEW_FILES && random() < 0.5) return attempt(() => void disk.create(randomPath(random), randomSize(random)))
  for (const [weight, deed] of DEEDS) {
    dice -= weight
    if (dice < 0) return attempt(() => deed(disk, random, ledger))
  }
}

function attempt(deed: () => void): void {
  try {
    deed()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || !['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY', 'ELOOP'].includes(code)) throw error
  }
}

function randomPath(random: Random): string {
  const folder = pick(FOLDERS, random)
  const name = `${pick(STEMS, random)}${random() < 0.8 ? '.txt' : ''}`
  return folder === '' ? name : `${folder}/${name}`
}

/** Mostly notes, now and then something of several chunks. */
function randomSize(random: Random): number {
  const dice = random()
  return Math.floor(dice < 0.8 ? 1 + random() * 5000 : dice < 0.97 ? random() * 100_000 : random() * 600_000)
}

function appended(old: Buffer, random: Random, ledger: Ledger): { from: number; bytes: Buffer; size: number } {
  const size = ledger.freeSize(old.length + 1 + Math.floor(random() * 2000))
  return { from: old.length, bytes: ledger.freshBytes(size - old.length), size }
}
function rewritten(wanted: number, ledger: Ledger): { from: number; bytes: Buffer; size: number } {
  const size = ledger.freeSize(wanted)
  return { from: 0, bytes: ledger.freshBytes(size), size }
}
/** Changes a few bytes in the middle; the size stays. */
function patched(old: Buffer, random: Random, ledger: Ledger): { from: number; bytes: Buffer; size: number } {
  const from = Math.floor(random() * old.length)
  return { from, bytes: ledger.freshBytes(Math.min(PATCH_BYTES, old.length - from)), size: old.length }
}

function createBig(disk: SoakDisk, random: Random): void {
  if (bigFiles(disk).length < BIG_FILES) disk.create(`pics/big ${Math.floor(random() * 3)}.bin`, BIG_BYTES)
}

function fileForFolder(disk: SoakDisk, rel: string, random: Random): void {
  disk.remove(rel, 'file for folder')
  disk.create(rel, randomSize(random))
}
function folderForFile(disk: SoakDisk, rel: string, random: Random): void {
  disk.remove(rel, 'folder for file')
  disk.create(`${rel}/inside.txt`, randomSize(random))
}
function linkSomewhere(disk: SoakDisk, random: Random): void {
  const rel = `${randomPath(random)} link`
  if (disk.isFree(rel)) disk.link(rel, `${pick(STEMS, random)}.txt`)
}

function touchCopy(disk: SoakDisk, rel: string, random: Random): void {
  const dice = random()
  const main = rel.replace(/ \(conflict [^)]*\)/, '')
  if (dice < 0.4) disk.remove(rel, 'delete copy')
  else if (dice < 0.65) disk.saveOver(rel, randomSize(random))
  else if (dice < 0.85) disk.move(rel, `${main} kept`)
  else if (!disk.isFree(main) && disk.files().includes(main)) disk.moveOver(rel, main)
}

function onFile(act: (disk: SoakDisk, rel: string, random: Random, ledger: Ledger) => void): Deed {
  return onSome((disk) => disk.files().filter((rel) => disk.sizeOf(rel) < BIG_FROM || rel.includes(CONFLICT)), act)
}
function onBigFile(act: (disk: SoakDisk, rel: string, random: Random, ledger: Ledger) => void): Deed {
  return onSome(bigFiles, act)
}
function onFolder(act: (disk: SoakDisk, rel: string, random: Random, ledger: Ledger) => void): Deed {
  return onSome((disk) => disk.folders(), act)
}
function onConflictCopy(act: (disk: SoakDisk, rel: string, random: Random, ledger: Ledger) => void): Deed {
  return onSome((disk) => disk.files().filter((rel) => rel.includes(CONFLICT)), act)
}
function onSome(
  among: (disk: SoakDisk) => readonly string[],
  act: (disk: SoakDisk, rel: string, random: Random, ledger: Ledger) => void,
): Deed {
  return (disk, random, ledger) => {
    const found = among(disk)
    if (found.length > 0) act(disk, pick(found, random), random, ledger)
  }
}

function onOther(disk: SoakDisk, rel: string, random: Random, act: (other: string) => void): void {
  const others = disk.files().filter((other) => other !== rel && disk.sizeOf(other) < BIG_FROM)
  if (others.length > 0) act(pick(others, random))
}

function bigFiles(disk: SoakDisk): string[] {
  return disk.files().filter((rel) => disk.sizeOf(rel) >= BIG_FROM)
}

function pick<T>(list: readonly T[], random: Random): T {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}
