/** `get`: fetches a file, a folder, a row's value or all blocks of a core to this disk, by link. */
import { lstat, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import writeFileAtomic from 'write-file-atomic'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { fetchFile } from '../part-file.ts'
import { startProgress } from '../progress.ts'
import { absolutePath, required } from '../references.ts'
import { valueBytes } from '../thing-lines.ts'
import { findThing } from '../thing-ref.ts'
import type { FoundThing } from '../thing-ref.ts'
import { openDiskTree } from '../tree-disk.ts'
import { selectionOf } from '../tree-ignore.ts'
import { openLinkTree } from '../tree-link.ts'
import { planSync } from '../tree-sync.ts'
import { checkIsContent, rowAt } from './cat.ts'
import { countOf } from './history.ts'
import { carryOut, tellLeftOut, throwFirst } from './sync.ts'

/** Prints where it is. Goes on with what an aborted run left; overwrites nothing without `--force`. */
export const runGet: Run = async (context, { args: [text, target], options }) => {
  const { output, signal } = context
  const force = options['force'] === true
  const found = await findThing(context, required(text), countOf(options['version'], '--version') ?? null)
  const isFolder = found.thing.kind === 'folder' && (found.entry === null || found.entry.kind === 'folder')
  if (isFolder) {
    if (options['recursive'] !== true)
      throw new AppError('USAGE', { reason: `"${found.path === '' ? found.thing.link : found.path}" is a folder; add -r` })
    return await getFolder(context, found, { target, force })
  }
  if (found.entry?.kind === 'symlink')
    throw new AppError('USAGE', { reason: `"${found.path}" is a symlink to "${found.entry.target ?? ''}"; get that` })
  const file = await freeName(target ?? '.', { name: nameOf(found), force })
  if (found.thing.kind === 'table') {
    const bytes = valueBytes(await rowAt(context, found))
    await writeFileAtomic(file, Buffer.from(bytes))
    output.show({ file, bytes: bytes.byteLength }, () => [file])
    return 0
  }
  checkIsContent(found)
  let bytes: number
  {
    using progress = startProgress(output, plain(path.basename(file)))
    const onShare = (held: number, size: number | null) => progress.update({ share: size === null || size === 0 ? null : held / size })
    bytes = await fetchFile(found, { file, entry: found.entry, signal, onShare })
  }
  output.show({ file, bytes }, () => [file])
  return 0
}

/** Into a folder that is new or empty, so that nothing can be overwritten; files that are there whole from an aborted run stay. */
async function getFolder(
  context: Context,
  found: FoundThing,
  { target, force }: { target: string | undefined; force: boolean },
): Promise<number> {
  const { signal } = context
  const folder = absolutePath(target ?? nameOf(found))
  const selection = async () => selectionOf([], '')
  const source = openLinkTree(found, { selection, make: false })
  await mkdir(folder, { recursive: true })
  const here = await openDiskTree(folder, { selection, make: true, changes: async function* () {} })
  const plan = await planSync(source, here, { allowed: { add: true, overwrite: true, delete: false }, signal })
  const other = plan.changes.find(({ op }) => op === 'change')
  if (other !== undefined && !force)
    throw new AppError('USAGE', {
      reason: `${path.join(folder, other.path)} is there already and differs; get it elsewhere, or add --force`,
    })
  tellLeftOut(context, plan)
  throwFirst(await carryOut(context, { source, target: here, made: null }, plan))
  return 0
}

function nameOf({ path: inside, rawPath, thing }: FoundThing): string {
  const name = (thing.kind === 'table' ? rawPath : inside).split('/').at(-1) ?? ''
  // The name comes from another device: it must not lead elsewhere.
  return name === '' || name === '.' || name === '..' || /[\\\0]/.test(name) ? thing.key : name
}

/** Absolute path to write to: in `target` when that is a folder. Throws USAGE for a file that exists, without `force`. */
async function freeName(target: string, { name, force }: { name: string; force: boolean }): Promise<string> {
  const full = absolutePath(target)
  const isFolder = (await stat(full).catch(() => null))?.isDirectory() === true
  if (!isFolder && target.endsWith('/')) throw new AppError('NOT_A_FOLDER', { path: full })
  const file = isFolder ? path.join(full, name) : full
  const there = await lstat(file).catch(() => null)
  if (there?.isDirectory() === true) throw new AppError('USAGE', { reason: `${file} is a folder; name a file` })
  if (there !== null && !force) throw new AppError('USAGE', { reason: `${file} exists already; name another file, or add --force` })
  const parent = path.dirname(file)
  if ((await stat(parent).catch(() => null))?.isDirectory() !== true) throw new AppError('NOT_A_FOLDER', { path: parent })
  return file
}
