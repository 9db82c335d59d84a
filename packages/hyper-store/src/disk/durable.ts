/** Makes files and names survive a power cut: one call per file, or one for the whole file system when there are many. */
import * as fs from 'node:fs'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errno } from './disk-errors.ts'

const fsyncAsync = promisify(fs.fsync)
const runFile = promisify(execFile)

/** From here on one `syncfs` is cheaper than an fsync for each. */
const MANY = 8

/** Makes the content of finished files durable. `area` is a folder on their file system. */
export async function syncFiles(files: readonly string[], area: string): Promise<void> {
  if (files.length > MANY && (await syncFileSystem(area))) return
  // Not more at once than there are threads for it.
  for (let at = 0; at < files.length; at += 4) await Promise.all(files.slice(at, at + 4).map((file) => syncOne(file, 'r+')))
}

/** Makes the names in folders durable; folders that are gone are skipped. `area` is a folder on their file system. */
export async function syncFolders(folders: readonly string[], area: string): Promise<void> {
  // Windows can't sync a folder; NTFS keeps its names in a journal.
  if (process.platform === 'win32') return
  if (folders.length > MANY && (await syncFileSystem(area))) return
  for (const folder of folders) await syncOne(folder, 'r')
}

async function syncOne(file: string, flags: 'r' | 'r+'): Promise<void> {
  let fd: number
  try {
    fd = fs.openSync(file, flags)
  } catch (error) {
    // Gone or hidden: there is no name of ours in it to keep.
    if (flags === 'r' && (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR' || errno(error) === 'EACCES')) return
    throw error
  }
  try {
    await fsyncAsync(fd)
  } catch (error) {
    // Some network and FUSE file systems know no fsync of folders.
    if (flags === 'r' && (errno(error) === 'EINVAL' || errno(error) === 'ENOSYS' || errno(error) === 'ENOTSUP')) return
    throw error
  } finally {
    fs.closeSync(fd)
  }
}

/** `syncfs(2)` by way of coreutils' `sync -f`; false where there is none or it failed, so that the slow way tells the reason. */
async function syncFileSystem(area: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  try {
    await runFile('sync', ['-f', area])
    return true
  } catch {
    return false
  }
}
