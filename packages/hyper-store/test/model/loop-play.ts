/** What all worlds of the loop model do: let the loops work, do a deed between two of their steps, and read what the drives remember. */
import assert from 'node:assert/strict'
import type { FileEntry } from '../../src/core/entries.ts'
import type { FolderDrives } from '../../src/core/ports.ts'
import type { MemoryFolder } from '../fixtures/memory-drives.ts'
import type { VirtualClock } from '../fixtures/virtual-clock.ts'
import type { LoopDevice } from './loop-device.ts'

/** A loop that takes more steps without waiting for time has no end. */
const MAX_STEPS = 20_000
/** A loop that wakes up more often in one run has no end. */
const MAX_WAKINGS = 2000

/** Lets everything run that does not wait for time; who crashed on the way starts again. */
export async function settleLoops(devices: readonly LoopDevice[]): Promise<void> {
  const steps = () => devices.reduce((sum, device) => sum + device.steps, 0)
  const start = steps()
  for (let before = -1; before !== steps();) {
    before = steps()
    assert.ok(before - start < MAX_STEPS, 'a loop goes on without end')
    await new Promise<void>((resolve) => setImmediate(resolve))
    for (const device of devices) if (device.crashed) device.restart()
  }
}

/** Lets `ms` pass on the clock, with `settle` before each moment that something waits for and at the end. */
export async function runLoops(clock: VirtualClock, ms: number, settle: () => Promise<void>): Promise<void> {
  const until = clock.now + ms
  let wakings = 0
  do {
    await settle()
    assert.ok(wakings++ < MAX_WAKINGS, 'a loop wakes up without end')
  } while (clock.step(until))
  await settle()
}

/** Has a user do something after so many steps of the program; never within one step of the disk: there the real one has no gap either. */
export function armDeed(device: LoopDevice, after: number, deed: () => void): void {
  const run = (): null => {
    if (device.onEdge) device.armed.push({ after: 0, run })
    else deed()
    return null
  }
  device.armed.push({ after, run })
}

/** The text of a file. */
export async function textOf(drives: FolderDrives, entry: FileEntry): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of drives.read(entry)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** All texts that the folder ever had: files as they are, links with an arrow before their target. */
export async function textsEverIn(folder: MemoryFolder, drives: FolderDrives): Promise<Set<string>> {
  const texts = new Set<string>()
  for (const { entry } of folder.history()) {
    if (entry?.kind === 'symlink') texts.add(`-> ${entry.target}`)
    if (entry?.kind === 'file') texts.add(await textOf(drives, entry))
  }
  return texts
}
