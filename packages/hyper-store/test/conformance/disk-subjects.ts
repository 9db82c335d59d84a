/** The folders that the disk suites run on: one on the real disk, one in memory, each with the hands of a user. */
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as nodePath from 'node:path'
import assert from 'node:assert/strict'
import type { FolderPath, LocalNode } from '../../src/core/entries.ts'
import type { DiskFolder, DiskOutcome, ScanNode } from '../../src/core/ports.ts'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { openMemoryDisk } from '../../src/disk/memory-disk.ts'

/** Name of our own folder in tests. */
export const PRIVATE_DIR = '.hyper-store'

/** A folder under test and what a user does to it. */
export interface DiskSubject extends AsyncDisposable {
  readonly folder: DiskFolder
  write(path: string, text: string): void
  delete(path: string): void
  rename(from: string, to: string): void
  mkdir(path: string): void
  symlink(path: string, target: string): void
  /** Text of a file, null when no file is there. */
  read(path: string): string | null
  /** Paths that lie in the trash. */
  trashed(): Promise<string[]>
}

/** A new empty folder under the system's temporary folder. */
export function makeTempRoot(): string {
  return fs.mkdtempSync(nodePath.join(fs.realpathSync(os.tmpdir()), 'hyper-store-disk-'))
}

/** A folder on the real disk, with an area of its own in a home when one is given. */
export async function openRealSubject(root = makeTempRoot(), area?: string): Promise<DiskSubject & { readonly root: string }> {
  const folder = await openDiskFolder(root, { privateDir: PRIVATE_DIR, ...(area === undefined ? {} : { area }) })
  const at = (path: string) => nodePath.join(root, path)
  return {
    root,
    folder,
    write(path, text) {
      fs.mkdirSync(nodePath.dirname(at(path)), { recursive: true })
      fs.writeFileSync(at(path), text)
    },
    delete: (path) => fs.rmSync(at(path), { recursive: true }),
    rename(from, to) {
      fs.mkdirSync(nodePath.dirname(at(to)), { recursive: true })
      fs.renameSync(at(from), at(to))
    },
    mkdir: (path) => void fs.mkdirSync(at(path), { recursive: true }),
    symlink(path, target) {
      fs.mkdirSync(nodePath.dirname(at(path)), { recursive: true })
      fs.symlinkSync(target, at(path))
    },
    read: (path) => (fs.lstatSync(at(path), { throwIfNoEntry: false })?.isFile() === true ? fs.readFileSync(at(path), 'utf8') : null),
    async trashed() {
      const places = [nodePath.join(root, PRIVATE_DIR), ...(area === undefined ? [] : [area])].map((place) => nodePath.join(place, 'trash'))
      return places
        .filter((trash) => fs.existsSync(trash))
        .flatMap((trash) =>
          fs
            .readdirSync(trash, { recursive: true, withFileTypes: true })
            .filter((entry) => !entry.isDirectory())
            .map((entry) => nodePath.relative(trash, nodePath.join(entry.parentPath, entry.name)).split(nodePath.sep).slice(1).join('/')),
        )
    },
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]()
      fs.rmSync(root, { recursive: true, force: true })
    },
  }
}

/** A folder on the real disk whose staging and trash are in a home beside it. */
export async function openHomedSubject(): Promise<DiskSubject & { readonly root: string; readonly area: string }> {
  const outer = makeTempRoot()
  const root = nodePath.join(outer, 'root')
  fs.mkdirSync(root)
  const area = nodePath.join(outer, 'home', 'disk', 'key')
  const subject = await openRealSubject(root, area)
  return {
    ...subject,
    area,
    async [Symbol.asyncDispose]() {
      await subject[Symbol.asyncDispose]()
      fs.rmSync(outer, { recursive: true, force: true })
    },
  }
}

/** A folder in memory. */
export async function openMemorySubject(): Promise<DiskSubject> {
  const disk = openMemoryDisk()
  return {
    folder: disk.folder,
    write: (path, text) => disk.write(path, text),
    delete: (path) => disk.delete(path),
    rename: (from, to) => disk.rename(from, to),
    mkdir: (path) => disk.mkdir(path),
    symlink: (path, target) => disk.symlink(path, target),
    read(path) {
      const text = disk.snapshot()[path]
      return text === undefined || text === null || text.startsWith('-> ') ? null : text
    },
    trashed: async () => disk.trash().map(({ path }) => path),
    [Symbol.asyncDispose]: () => disk.folder[Symbol.asyncDispose](),
  }
}

/** A string as a folder path, also a hostile one. */
export function asPath(path: string): FolderPath {
  return path as FolderPath
}

/** Everything that a scan reports, by path. */
export async function scanAll(folder: DiskFolder, options: Parameters<DiskFolder['scan']>[0] = {}): Promise<Map<string, LocalNode>> {
  const nodes: ScanNode[] = []
  for await (const batch of folder.scan(options)) nodes.push(...batch)
  return new Map(nodes.map(({ path, node }) => [path, node]))
}

/** What is at a path; fails when nothing is. */
export async function mustLook(folder: DiskFolder, path: string): Promise<LocalNode> {
  const node = await folder.look(asPath(path))
  assert.ok(node !== null, `${path} is not there`)
  return node
}

/** Stages a text, in several writes, and places it. */
export async function placeText(
  folder: DiskFolder,
  path: string,
  text: string,
  how: { seen?: LocalNode | null; agreed?: boolean; executable?: boolean } = {},
): Promise<DiskOutcome> {
  const staged = await folder.stage()
  const bytes = Buffer.from(text)
  const middle = Math.floor(bytes.byteLength / 2)
  await staged.write([bytes.subarray(middle)], middle)
  await staged.write(bytes.subarray(0, middle), 0)
  await staged.finish({ size: bytes.byteLength, mtimeMs: 1_600_000_000_000, executable: how.executable === true })
  const { seen = null, agreed = false } = how
  const [outcome] = await folder.place([{ staged, path: asPath(path), seen, agreed }])
  assert.ok(outcome !== undefined)
  if (!outcome.done) await staged.discard()
  return outcome
}

/** Waits until `check` gives something; fails after five seconds. */
export async function until<T>(check: () => T | null | undefined | false, what: string): Promise<T> {
  const end = Date.now() + 5000
  for (;;) {
    const value = check()
    if (value !== null && value !== undefined && value !== false) return value
    assert.ok(Date.now() < end, `never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
