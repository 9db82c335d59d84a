/** A folder of this disk as one side of a sync: no symlink is followed, nothing is written outside of it, each file appears whole. */
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { isAlive } from './home.ts'
import { ancestorsOf } from './tree-compare.ts'
import type { Tree, TreeEntry } from './tree-compare.ts'
import type { Selection } from './tree-ignore.ts'
import type { TreeSide } from './tree-side.ts'

/** The store's own folder in a folder: never listed, and where files are made before they appear. */
const PRIVATE_DIR = '.hyper-store'
const STAGING = 'sync-'
const EXECUTABLE = 0o111
/** The end of what all usual file systems can store, in seconds. */
const LATEST_S = 0x7fff_ffff

/** Options of `openDiskTree`. */
export interface DiskTreeOptions {
  /** What is compared; asked anew for each listing, as ignore files are files too. */
  readonly selection: () => Promise<Selection>
  /** Make the folder when it is first written to. */
  readonly make: boolean
  /** `tookMs` tells how long the last listing took. */
  readonly changes: (signal: AbortSignal, tookMs: () => number) => AsyncIterable<void>
}

/** The folder as a side. Throws NOT_A_FOLDER unless it is one, or is not there and may be made. */
export async function openDiskTree(folder: string, { selection, make, changes }: DiskTreeOptions): Promise<TreeSide> {
  let root = await realFolder(folder, make)
  let staging: Promise<string> | null = null
  let names = 0
  let tookMs = 0
  const at = (name: string) => path.join(rootOf(), ...segmentsOf(name))
  const rootOf = () => root ?? folder

  const makeStaging = async () => {
    if (root === null) {
      await mkdir(folder, { recursive: true })
      root = await realpath(folder)
    }
    const own = path.join(root, PRIVATE_DIR)
    await mkdir(own).catch(() => {})
    if (!(await lstat(own)).isDirectory()) throw new AppError('FOLDER_UNREADABLE', { path: own, reason: 'it is in the way' })
    await clearStaging(own)
    return await mkdtemp(path.join(own, `${STAGING}${process.pid}-`))
  }
  /** A new name for a file in the making. */
  const staged = async () => {
    staging ??= makeStaging()
    names += 1
    const name = String(names)
    return path.join(await staging, name)
  }
  /** The folders above a path are made, one by one, so that none of them is a symlink. */
  const parentsOf = async (name: string) => {
    segmentsOf(name)
    for (const above of ancestorsOf(name).toReversed()) {
      const place = at(above)
      await mkdir(place).catch(() => {})
      if (!(await lstat(place)).isDirectory()) throw new AppError('NOT_A_FOLDER', { path: place })
    }
  }

  return {
    get name() {
      return rootOf()
    },
    moves: true,
    checkWritable: () => {},
    async list(signal) {
      const began = performance.now()
      const tree = root === null ? new Map<string, TreeEntry>() : await listFolder(root, await selection(), signal)
      tookMs = performance.now() - began
      return tree
    },
    async *read(name, signal) {
      await checkParents(rootOf(), name)
      const handle = await open(at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        if (!(await handle.stat()).isFile()) throw new AppError('NOT_FOUND', { what: at(name) })
        for await (const chunk of handle.createReadStream({ autoClose: false, signal, highWaterMark: 256 * 1024 }))
          yield chunk as Uint8Array
      } finally {
        await handle.close()
      }
    },
    async write(entry, content, signal) {
      const temp = await staged()
      try {
        await writeWhole(temp, content, signal)
        if (entry.executable === true) await chmod(temp, (await lstat(temp)).mode | EXECUTABLE)
        await giveTime(temp, entry.mtimeMs)
        await parentsOf(entry.path)
        await clearFolder(at(entry.path))
        await rename(temp, at(entry.path))
      } catch (error) {
        await rm(temp, { force: true })
        throw diskError(error, at(entry.path))
      }
    },
    async makeFolder(name) {
      await staged()
      await parentsOf(`${name}/x`)
    },
    refusesSymlink(name, target) {
      const inside = path.posix.join(path.posix.dirname(name), target)
      const leads = path.isAbsolute(target) || path.posix.isAbsolute(target) || inside === '..' || inside.startsWith('../')
      return leads ? 'it points out of the folder' : null
    },
    async makeSymlink(name, target) {
      const temp = await staged()
      await symlink(target, temp)
      await parentsOf(name)
      await clearFolder(at(name))
      await rename(temp, at(name))
    },
    async remove({ path: name, kind }) {
      await checkParents(rootOf(), name)
      await (kind === 'folder' ? rmdir(at(name)) : unlink(at(name))).catch((error: unknown) => {
        // A folder with something in it holds what stays out of the sync.
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errno(error))) throw diskError(error, at(name))
      })
    },
    async move(from, to) {
      await checkParents(rootOf(), from)
      await parentsOf(to)
      await clearFolder(at(to))
      await rename(at(from), at(to))
    },
    async prune(folders) {
      for (const name of [...folders].toSorted((a, b) => b.length - a.length)) await rmdir(at(name)).catch(() => {})
    },
    changes: (signal) => changes(signal, () => tookMs),
    async close() {
      const place = await staging?.catch(() => null)
      if (place === undefined || place === null) return
      staging = null
      await rm(place, { recursive: true, force: true })
      await rmdir(path.dirname(place)).catch(() => {})
    },
  }
}

/** Takes away what a sync that was killed left in the making. */
async function clearStaging(own: string): Promise<void> {
  for (const name of await readdir(own)) {
    const pid = name.startsWith(STAGING) ? Number(name.split('-')[1]) : Number.NaN
    if (Number.isSafeInteger(pid) && !isAlive(pid)) await rm(path.join(own, name), { recursive: true, force: true })
  }
}

async function realFolder(folder: string, make: boolean): Promise<string | null> {
  try {
    const real = await realpath(folder)
    if ((await lstat(real)).isDirectory()) return real
  } catch (error) {
    if (errno(error) === 'ENOENT' && make) return null
    if (errno(error) !== 'ENOENT') throw diskError(error, folder)
  }
  throw new AppError('NOT_A_FOLDER', { path: folder })
}

async function listFolder(root: string, selection: Selection, signal: AbortSignal): Promise<Tree> {
  const tree = new Map<string, TreeEntry>()
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted()
    const names = await readdir(path.join(root, folder)).catch((error: unknown) => {
      // One that went while we looked is no error; the root is.
      if (folder !== '' && ['ENOENT', 'ENOTDIR'].includes(errno(error))) return []
      throw diskError(error, path.join(root, folder ?? ''))
    })
    const found = await Promise.all(names.map((name) => entryAt(root, folder === '' ? name : `${folder}/${name}`)))
    for (const entry of found) {
      const place = entry === null ? 'out' : selection(entry.path, entry.kind === 'folder')
      if (entry === null || place === 'out') continue
      if (place === 'in') tree.set(entry.path, entry)
      if (entry.kind === 'folder') folders.push(entry.path)
    }
  }
  return tree
}

/** Null for what is neither file, symlink nor folder, and for what is gone. */
async function entryAt(root: string, name: string): Promise<TreeEntry | null> {
  const place = path.join(root, name)
  try {
    const stat = await lstat(place)
    const kind = kindOf(stat)
    if (kind === null) return null
    const isFile = kind === 'file'
    return {
      path: name,
      kind,
      size: isFile ? stat.size : 0,
      mtimeMs: isFile ? stat.mtimeMs : null,
      executable: isFile && process.platform !== 'win32' ? (stat.mode & 0o100) !== 0 : null,
      target: kind === 'symlink' ? await readlink(place) : null,
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return null
    throw diskError(error, place)
  }
}

function kindOf(stat: Stats): TreeEntry['kind'] | null {
  if (stat.isFile()) return 'file'
  if (stat.isSymbolicLink()) return 'symlink'
  return stat.isDirectory() ? 'folder' : null
}

async function checkParents(root: string, name: string): Promise<void> {
  for (const above of ancestorsOf(name)) {
    const stat = await lstat(path.join(root, above)).catch(() => null)
    if (stat !== null && !stat.isDirectory()) throw new AppError('NOT_A_FOLDER', { path: path.join(root, above) })
  }
}

/** An empty folder in the place of a file goes; one with something in it stays, and the error of the rename tells so. */
async function clearFolder(place: string): Promise<void> {
  await rmdir(place).catch(() => {})
}

async function writeWhole(temp: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const handle = await open(temp, 'wx')
  try {
    for await (const chunk of content) {
      signal.throwIfAborted()
      await handle.writeFile(chunk)
    }
  } finally {
    await handle.close()
  }
}

/** The names of a path. What another device wrote must not lead out of the folder, nor into the store's own. */
function segmentsOf(name: string): string[] {
  const segments = name.split('/')
  const isBad = (segment: string) =>
    segment === '' || segment === '.' || segment === '..' || segment.includes('\0') || (path.sep === '\\' && /[\\:]/.test(segment))
  if (segments.some(isBad) || segments[0]?.toLowerCase() === PRIVATE_DIR)
    throw new AppError('BAD_REQUEST', { reason: `"${name}" is no path inside a folder` })
  return segments
}

/** Gives a file its time of change; null leaves it. What no disk can store becomes the nearest that each can. */
export async function giveTime(file: string, mtimeMs: number | null): Promise<void> {
  if (mtimeMs === null || !Number.isFinite(mtimeMs)) return
  // A little more, so that a number that has no exact binary form does not become the millisecond before.
  const seconds = Math.min(Math.max(mtimeMs / 1000, 0), LATEST_S) + 5e-7
  await utimes(file, Date.now() / 1000, seconds)
}

/** A failure of the disk as its code; an error of ours stays as it is. */
export function diskError(error: unknown, place: string): unknown {
  const code = errno(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path: place }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path: place }, { cause: error })
  if (!/^E[A-Z0-9]+$/.test(code)) return error
  return new AppError('FOLDER_UNREADABLE', { path: place, reason: (error as Error).message }, { cause: error })
}

function errno(error: unknown): string {
  const code: unknown = (error as NodeJS.ErrnoException | null)?.code
  return typeof code === 'string' ? code : ''
}
