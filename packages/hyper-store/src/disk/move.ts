/** The move that can't overwrite. */
import * as fs from 'node:fs'
import { errno } from './disk-errors.ts'
import { lstatIfThere } from './stat.ts'

/**
 * Moves to a name that must be free. `link` fails where a name exists, so nothing can be overwritten, not even a file saved
 * a moment ago. Where there are no hard links, a check right before the rename leaves a window of microseconds.
 */
export function moveToFree(from: string, to: string): void {
  try {
    fs.linkSync(from, to)
  } catch (error) {
    const code = errno(error)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK' && code !== 'EACCES') throw error
    if (lstatIfThere(to) !== undefined) throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' })
    fs.renameSync(from, to)
    return
  }
  fs.unlinkSync(from)
}
