/** Joins the drives of one folder: each is told how much of the others' blobs logs is here, and when that grew. */
import type { DeviceDrive } from './device-drive.ts'

/** Links drives to each other; called again after the set changed, the function returned having ended the links before. */
export function linkDrives(drives: readonly DeviceDrive[]): () => void {
  const byId = new Map(drives.map((drive) => [drive.id, drive]))
  const stops: (() => void)[] = []
  let scheduled = false
  let stopped = false
  const recheck = () => {
    scheduled = false
    if (!stopped) for (const drive of drives) drive.recheck()
  }
  for (const drive of drives) {
    drive.askOthers(
      (id) => byId.get(id)?.blobs?.contiguous ?? 0,
      (id) => byId.get(id)?.blobs ?? null,
    )
    stops.push(
      drive.onContent(() => {
        if (scheduled) return
        scheduled = true
        setImmediate(recheck)
      }),
    )
  }
  return () => {
    stopped = true
    for (const stop of stops) stop()
  }
}
