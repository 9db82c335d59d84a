/** What users of the shared model do to their disks, as values that mean something on any disk, so that a history stays playable when parts of it are left out. */
import type { FolderPath } from '../../src/core/entries.ts'
import { isBelow, nameOf, parentOf } from '../../src/core/paths.ts'
import type { ModelDisk } from './reconcile-world.ts'

/** One deed. `pick` is a number from 0 to below 1 that chooses among what is there. */
export type SharedDeed =
  | { readonly deed: 'create'; readonly path: string; readonly length: number }
  | { readonly deed: 'empty-file'; readonly path: string }
  | { readonly deed: 'known-text'; readonly path: string; readonly text: string }
  | { readonly deed: 'edit'; readonly pick: number; readonly keepTime: boolean }
  | { readonly deed: 'append'; readonly pick: number }
  | { readonly deed: 'touch'; readonly pick: number }
  | { readonly deed: 'bits'; readonly pick: number }
  | { readonly deed: 'link'; readonly path: string }
  | { readonly deed: 'folder'; readonly path: string }
  | { readonly deed: 'delete'; readonly pick: number }
  | { readonly deed: 'rename'; readonly pick: number; readonly to: string }
  | { readonly deed: 'respell'; readonly pick: number; readonly how: 'case' | 'form' }
  | { readonly deed: 'copy'; readonly pick: number; readonly to: string }
  | { readonly deed: 'swap'; readonly pick: number; readonly other: number }
  | { readonly deed: 'file-for-folder'; readonly pick: number }
  | { readonly deed: 'folder-for-file'; readonly pick: number }
  | { readonly deed: 'copy-of-conflict'; readonly pick: number; readonly how: 'edit' | 'rename' | 'delete' | 'mine' | 'theirs' | 'both' }

type FileDeed = Extract<SharedDeed, { deed: 'edit' | 'append' | 'touch' | 'bits' | 'copy' | 'folder-for-file' }>

/** Paths that new things get: few, so that they meet; two that differ in case, and two in their Unicode form. */
const NAMES = ['a', 'b', 'c', 'A', '\u00e9', 'e\u0301'] as const
const KNOWN_TEXTS = ['same', 'twin'] as const

/** A path for something new. */
function randomPath(random: () => number): string {
  const depth = random() < 0.6 ? 1 : random() < 0.75 ? 2 : 3
  // Mostly the plain names.
  const name = () => NAMES[Math.floor(random() * (random() < 0.85 ? 3 : NAMES.length))] ?? 'a'
  return Array.from({ length: depth }, name).join('/')
}

/** Any deed. */
export function randomDeed(random: () => number): SharedDeed {
  const pick = random()
  const path = randomPath(random)
  const dice = random() * 100
  if (dice < 20) return { deed: 'create', path, length: Math.floor(random() * 3) }
  if (dice < 22) return { deed: 'empty-file', path }
  if (dice < 24) return { deed: 'known-text', path, text: KNOWN_TEXTS[random() < 0.5 ? 0 : 1] }
  if (dice < 40) return { deed: 'edit', pick, keepTime: random() < 0.15 }
  if (dice < 44) return { deed: 'append', pick }
  if (dice < 47) return { deed: 'touch', pick }
  if (dice < 50) return { deed: 'bits', pick }
  if (dice < 52) return { deed: 'link', path }
  if (dice < 55) return { deed: 'folder', path }
  if (dice < 66) return { deed: 'delete', pick }
  if (dice < 76) return { deed: 'rename', pick, to: path }
  if (dice < 79) return { deed: 'respell', pick, how: random() < 0.5 ? 'case' : 'form' }
  if (dice < 82) return { deed: 'copy', pick, to: path }
  if (dice < 84) return { deed: 'swap', pick, other: random() }
  if (dice < 87) return { deed: 'file-for-folder', pick }
  if (dice < 90) return { deed: 'folder-for-file', pick }
  const how = (['edit', 'rename', 'delete', 'mine', 'theirs', 'both'] as const)[Math.floor(random() * 6)] ?? 'edit'
  return { deed: 'copy-of-conflict', pick, how }
}

/** A conflict copy that is on the disk, and the file beside which it lies. */
export interface CopyOnDisk {
  readonly path: FolderPath
  readonly main: FolderPath
}

/** What a user sees of the folder besides the disk itself. */
export interface Sight {
  /** Derived conflict copies, as `conflicts` lists them. */
  readonly copies: readonly CopyOnDisk[]
  /** A text that nobody ever wrote. */
  readonly newText: () => string
}

/** Does what is possible now, else nothing. */
export function performDeed(disk: ModelDisk, deed: SharedDeed, sight: Sight): void {
  const at = 'path' in deed ? (deed.path as FolderPath) : null
  if (at !== null && !disk.isFree(at)) return
  switch (deed.deed) {
    case 'create':
    case 'empty-file':
    case 'known-text': {
      if (at === null || disk.nodes.get(at)?.kind === 'folder') return
      const text = deed.deed === 'empty-file' ? '' : deed.deed === 'known-text' ? deed.text : sight.newText() + '.'.repeat(deed.length)
      replace(disk, at, text)
      return
    }
    case 'link':
      if (at === null || disk.nodes.get(at)?.kind === 'folder') return
      disk.delete(at)
      disk.write(at, sight.newText(), { kind: 'symlink' })
      return
    case 'folder':
      if (at !== null && !disk.nodes.has(at)) disk.makeFolder(at)
      return
    case 'edit':
    case 'append':
    case 'touch':
    case 'bits':
    case 'copy':
    case 'folder-for-file': {
      const path = choose(disk, deed.pick, 'file')
      const node = path === null ? undefined : disk.nodes.get(path)
      if (path !== null && node !== undefined) changeFile(disk, { path, node, deed }, sight)
      return
    }
    case 'delete': {
      const path = choose(disk, deed.pick, null)
      if (path !== null) disk.delete(path)
      return
    }
    case 'rename': {
      const path = choose(disk, deed.pick, null)
      if (path !== null) move(disk, path, deed.to as FolderPath)
      return
    }
    case 'respell': {
      const path = choose(disk, deed.pick, null)
      if (path !== null) move(disk, path, respelt(path, deed.how))
      return
    }
    case 'swap': {
      const path = choose(disk, deed.pick, null)
      const other = choose(disk, deed.other, null)
      if (path === null || other === null || path === other || isBelow(path, other) || isBelow(other, path)) return
      const side = '~side' as FolderPath
      disk.rename(path, side)
      disk.rename(other, path)
      disk.rename(side, other)
      return
    }
    case 'file-for-folder': {
      const path = choose(disk, deed.pick, 'folder')
      if (path === null) return
      disk.delete(path)
      disk.write(path, sight.newText())
      return
    }
    case 'copy-of-conflict':
      settle(disk, deed, sight)
  }
}

function changeFile(
  disk: ModelDisk,
  { path, node, deed }: { path: FolderPath; node: { text: string; mtimeMs: number; executable: boolean }; deed: FileDeed },
  sight: Sight,
): void {
  switch (deed.deed) {
    case 'edit':
      if (deed.keepTime) disk.write(path, sight.newText(), { executable: node.executable, mtimeMs: node.mtimeMs })
      else disk.write(path, sight.newText(), { executable: node.executable })
      return
    case 'append':
      disk.write(path, `${node.text}+${sight.newText()}`, { executable: node.executable })
      return
    case 'touch':
      disk.stamp(path, { mtimeMs: node.mtimeMs + 7, executable: node.executable })
      return
    case 'bits':
      disk.stamp(path, { mtimeMs: node.mtimeMs, executable: !node.executable })
      return
    case 'copy': {
      const to = deed.to as FolderPath
      if (disk.nodes.has(to) || !disk.isFree(to) || isBelow(to, path)) return
      disk.write(to, node.text, { executable: node.executable, mtimeMs: node.mtimeMs })
      return
    }
    case 'folder-for-file':
      disk.delete(path)
      disk.write(`${path}/b` as FolderPath, sight.newText())
  }
}

function settle(disk: ModelDisk, deed: Extract<SharedDeed, { deed: 'copy-of-conflict' }>, sight: Sight): void {
  const copies = sight.copies.filter(({ path }) => disk.nodes.has(path) && disk.nodes.get(path)?.kind !== 'folder')
  const copy = copies[Math.floor(deed.pick * copies.length)]
  if (copy === undefined) return
  const { path, main } = copy
  const hasMain = disk.nodes.has(main) && disk.nodes.get(main)?.kind !== 'folder'
  switch (deed.how) {
    case 'edit':
      if (disk.nodes.get(path)?.kind === 'file') disk.write(path, sight.newText())
      return
    case 'rename':
    case 'both':
      move(disk, path, `${parentOf(main) === null ? '' : `${parentOf(main) ?? ''}/`}kept ${nameOf(main)}` as FolderPath)
      return
    case 'delete':
    case 'mine':
      disk.delete(path)
      return
    case 'theirs':
      if (!hasMain) return
      disk.delete(main)
      disk.rename(path, main)
  }
}

function replace(disk: ModelDisk, path: FolderPath, text: string): void {
  if (disk.nodes.get(path)?.kind === 'symlink') disk.delete(path)
  disk.write(path, text)
}

function choose(disk: ModelDisk, pick: number, kind: 'file' | 'folder' | null): FolderPath | null {
  const paths: FolderPath[] = []
  for (const [path, node] of disk.nodes) if (kind === null || node.kind === kind) paths.push(path)
  paths.sort((a, b) => (a < b ? -1 : 1))
  return paths[Math.floor(pick * paths.length)] ?? null
}

function move(disk: ModelDisk, from: FolderPath, to: FolderPath): void {
  if (from === to || disk.nodes.has(to) || !disk.isFree(to) || isBelow(to, from)) return
  disk.rename(from, to)
}

/** The same name in other letters of the same case, or in the other Unicode form. */
function respelt(path: FolderPath, how: 'case' | 'form'): FolderPath {
  const parent = parentOf(path)
  const name = nameOf(path)
  const upper = name.toUpperCase()
  const composed = name.normalize('NFC')
  const other = how === 'case' ? (upper === name ? name.toLowerCase() : upper) : composed === name ? name.normalize('NFD') : composed
  return (parent === null ? other : `${parent}/${other}`) as FolderPath
}
