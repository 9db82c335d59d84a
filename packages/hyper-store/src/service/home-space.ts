/** Watches the room on the disk of a home: the databases must stop before it is full, for they do not survive that by themselves. */
import { statfs } from 'node:fs/promises'

/** Looked at this often. */
const LOOK_MS = 250
/** Less room than this, or than a quarter of a small disk, is full. */
const RESERVE_BYTES = 128 * 1024 * 1024
/** It goes on at half as much room again, lest it stops and goes by turns. */
const ENOUGH = 1.5

/** Calls back when the disk of `folder` becomes full, and when there is room again. Stops by the function returned. */
export function watchSpace(folder: string, onChange: (isFull: boolean) => void): () => void {
  let isFull = false
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      const disk = await statfs(folder)
      const reserve = Math.min(RESERVE_BYTES, (disk.blocks * disk.bsize) / 4)
      const room = disk.bavail * disk.bsize
      const now = isFull ? room < reserve * ENOUGH : room < reserve
      if (now !== isFull) {
        isFull = now
        onChange(now)
      }
    } catch {
      // A home that can't be looked at tells so where it is used.
    } finally {
      looking = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
