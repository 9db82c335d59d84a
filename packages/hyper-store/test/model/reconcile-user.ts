/** Users and passes of the model: random deeds on a model disk, and what each user may expect to find again. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import type { FolderPath } from '../../src/core/entries.ts'
import { isBelow } from '../../src/core/paths.ts'
import type { ModelDevice, ModelDisk, Scope } from './reconcile-world.ts'

// Few names, so that files, folders and renames meet often.
const NAMES = ['a', 'b', 'c'] as const
const pathArb = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/') as FolderPath)

/** One deed of a user. */
export type UserAct =
  | { act: 'write'; path: FolderPath; length: number; executable: boolean; keepTime: boolean }
  | { act: 'link'; path: FolderPath }
  | { act: 'folder'; path: FolderPath }
  | { act: 'touch'; path: FolderPath; executable: boolean }
  | { act: 'delete'; path: FolderPath }
  | { act: 'rename'; path: FolderPath; to: FolderPath }
  | { act: 'swap'; path: FolderPath; to: FolderPath }

/** What a user may do to a disk. */
export const userArb: fc.Arbitrary<UserAct> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('write' as const),
      path: pathArb,
      length: fc.integer({ min: 0, max: 2 }),
      executable: fc.boolean(),
      keepTime: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('link' as const), path: pathArb }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('folder' as const), path: pathArb }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('touch' as const), path: pathArb, executable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('delete' as const), path: pathArb }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('rename' as const), path: pathArb, to: pathArb }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('swap' as const), path: pathArb, to: pathArb }) },
)

/** A pass of the loop: scan a part, plan, then do some of it while the user goes on working. */
export interface PassAct {
  act: 'pass'
  scope: readonly string[] | null
  unknown: readonly string[]
  /** How many steps are done before the store is killed; large numbers mean all. */
  steps: number
  /** True to be killed after the last deed and before its record. */
  unrecorded: boolean
  /** What the user does between the steps. */
  meanwhile: readonly { after: number; user: UserAct }[]
}
const partArb = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 })
/** Any pass. */
export const passArb: fc.Arbitrary<PassAct> = fc.record({
  act: fc.constant('pass' as const),
  scope: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: partArb }),
  unknown: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: partArb }),
  steps: fc.oneof(fc.constant(1000), fc.integer({ min: 0, max: 6 })),
  unrecorded: fc.boolean(),
  meanwhile: fc.array(fc.record({ after: fc.integer({ min: 0, max: 5 }), user: userArb }), { maxLength: 2 }),
})
/** What a user saved and did not take away again: each of it must be somewhere in the end. */
export class User {
  readonly saved = new Set<string>()
  /** Paths that this user ever changed. */
  readonly touched = new Set<FolderPath>()
  private count = 0
  private readonly disk: ModelDisk
  private readonly name: string

  constructor(name: string, disk: ModelDisk) {
    this.name = name
    this.disk = disk
  }

  /** Does what is possible now, else nothing: true when something was done. */
  perform(user: UserAct): void {
    const { disk } = this
    const before = disk.texts()
    const nodes = new Map(disk.nodes)
    const node = disk.nodes.get(user.path)
    switch (user.act) {
      case 'write':
        if (node?.kind === 'folder' || !disk.isFree(user.path)) return
        if (node?.kind === 'symlink') disk.delete(user.path)
        // Equal lengths are common and texts are unique, so that only reading tells two versions apart.
        disk.write(user.path, `${this.name}${String(this.count++).padStart(4, '0')}${'.'.repeat(user.length)}`, {
          executable: user.executable,
          ...(user.keepTime && node?.kind === 'file' ? { mtimeMs: node.mtimeMs } : {}),
        })
        break
      case 'link':
        if (node?.kind === 'folder' || !disk.isFree(user.path)) return
        disk.delete(user.path)
        disk.write(user.path, `${this.name}-link-${this.count++ % 3}`, { kind: 'symlink' })
        break
      case 'folder':
        if (node !== undefined || !disk.isFree(user.path)) return
        disk.makeFolder(user.path)
        break
      case 'touch':
        if (node?.kind !== 'file') return
        disk.stamp(user.path, { mtimeMs: node.mtimeMs + (user.executable ? 0 : 7), executable: user.executable })
        break
      case 'delete':
        disk.delete(user.path)
        break
      case 'rename':
        move(disk, user.path, user.to)
        break
      case 'swap': {
        const side = 'aside' as FolderPath
        move(disk, user.path, side)
        move(disk, user.to, user.path)
        move(disk, side, user.to)
        if (disk.nodes.has(side)) move(disk, side, user.path)
        if (disk.nodes.has(side)) disk.delete(side)
        break
      }
    }
    for (const path of new Set([...nodes.keys(), ...disk.nodes.keys()])) {
      if (nodes.get(path) !== disk.nodes.get(path)) this.touched.add(path)
    }
    const after = disk.texts()
    for (const text of before) if (!after.has(text)) this.saved.delete(text)
    for (const text of after) if (!before.has(text)) this.saved.add(text)
  }
}

function move(disk: ModelDisk, from: FolderPath, to: FolderPath): void {
  if (!disk.nodes.has(from) || disk.nodes.has(to) || from === to || isBelow(to, from) || !disk.isFree(to)) return
  disk.rename(from, to)
}

/** One pass, with the user at work meanwhile. */
export function runPass(device: ModelDevice, user: User, pass: PassAct): void {
  const scope: Scope = pass.scope === null ? null : new Set(pass.scope)
  const plan = device.plan(scope, new Set(pass.unknown))
  for (const [index, step] of plan.steps.entries()) {
    for (const { after, user: act } of pass.meanwhile) if (after === index) user.perform(act)
    if (index >= pass.steps) return
    device.execute(step, !(pass.unrecorded && index + 1 === pass.steps))
  }
  const isStopped = pass.unrecorded && plan.steps.length === pass.steps
  // What the user did meanwhile waits for another pass.
  if (pass.scope === null && pass.unknown.length === 0 && pass.meanwhile.length === 0 && !isStopped) device.endPass()
}

/** Passes of the undisturbed loop until there is nothing to do. */
export function settle(device: ModelDevice): void {
  for (let round = 0; round < 8; round++) {
    const plan = device.plan()
    if (plan.steps.length === 0) return
    for (const step of plan.steps) device.execute(step)
    device.endPass()
  }
  assert.deepEqual(device.plan().steps, [], 'the plan becomes empty')
}
