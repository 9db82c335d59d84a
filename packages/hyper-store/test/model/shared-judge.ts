/** What must hold in the shared model whenever all devices met and came to rest. */
import assert from 'node:assert/strict'
import type { FolderPath } from '../../src/core/entries.ts'
import { ancestorsOf, isBelow } from '../../src/core/paths.ts'
import type { SharedDevice } from './shared-device.ts'
import { linesOf, type Shown } from './shared-drives.ts'
import { textsOf, type SharedWorld } from './shared-world.ts'

/** A tree as lines that compare. */
export type TreeFacts = ReadonlyMap<FolderPath, string>

/** What a disk shows: kind, text, execute bit, and of files the time. */
export function treeOf(device: SharedDevice): Map<FolderPath, string> {
  const facts = new Map<FolderPath, string>()
  for (const [path, node] of device.disk.nodes) {
    facts.set(
      path,
      node.kind === 'file' ? `file "${node.text}"${node.executable ? ' x' : ''} ${node.mtimeMs}` : `${node.kind} "${node.text}"`,
    )
  }
  return facts
}

/** Remembers a meeting, so that the next one can be judged by what users did in between. */
export class Judge {
  readonly #world: SharedWorld
  #last: TreeFacts = new Map()
  #lastCopies: ReadonlyMap<FolderPath, FolderPath> = new Map()

  constructor(world: SharedWorld) {
    this.#world = world
  }

  /** All devices have met: asserts everything. */
  async judge(): Promise<void> {
    const members = this.#world.active()
    const writers = members.filter(({ mode }) => mode === 'send-receive')
    await this.#sameMerge(members)
    const judge = writers.find(({ excluded }) => excluded.size === 0)
    for (const device of members) {
      if (device.hasDisk && device.excluded.size === 0)
        assert.deepEqual((await device.plan()).refusals, [], `${device.options.name} refuses paths`)
    }
    if (judge === undefined) {
      this.#forget(new Map(), new Map())
      return
    }
    const tree = treeOf(judge)
    const merged = await judge.options.held.shown()
    this.#showsMerge(judge, tree, merged)
    for (const device of writers) this.#sameTree(device, tree)
    for (const device of members) if (device.mode === 'receive-only') this.#receives(device, tree)
    this.#nothingLost(members, judge)
    this.#wishesHold(tree, merged)
    const copies = new Map<FolderPath, FolderPath>()
    for (const [path, { conflictOf }] of merged) if (conflictOf !== null) copies.set(path, conflictOf)
    this.#forget(tree, copies)
  }

  #forget(tree: TreeFacts, copies: ReadonlyMap<FolderPath, FolderPath>): void {
    this.#last = tree
    this.#lastCopies = copies
    this.#world.wishes.clear()
    this.#world.touched.clear()
    this.#world.contested.clear()
  }

  /** The folder is the same on all devices, conflict copies and their names too. */
  async #sameMerge(members: readonly SharedDevice[]): Promise<void> {
    const [first, ...others] = members
    if (first === undefined) return
    await first.options.held.checkTree()
    const facts = linesOf(await first.options.held.shown())
    for (const device of others) {
      assert.equal(device.options.held.version(), first.options.held.version(), `${device.options.name} shows another version`)
      assert.deepEqual(linesOf(await device.options.held.shown()), facts, `${device.options.name} merges to another folder`)
    }
  }

  #sameTree(device: SharedDevice, tree: TreeFacts): void {
    const here = [...treeOf(device)].filter(([path]) => !device.isExcluded(path)).sort(byPath)
    const there = [...tree].filter(([path]) => !device.isExcluded(path)).sort(byPath)
    assert.deepEqual(here, there, `${device.options.name} shows another tree`)
  }

  /** A disk shows what the drives say, and the drives know all that is on the disk. */
  #showsMerge(device: SharedDevice, tree: TreeFacts, merged: ReadonlyMap<FolderPath, Shown>): void {
    for (const [path, { entry }] of merged) {
      const shown = tree.get(path)
      if (entry.kind === 'tombstone')
        assert(shown === undefined || shown.startsWith('folder'), `${path} is deleted, and ${device.options.name} shows it`)
      else assert(shown?.startsWith(entry.kind) === true, `${device.options.name} does not show ${path}`)
    }
    for (const [path, shown] of tree) {
      if (!shown.startsWith('folder') || device.disk.isEmpty(path)) assert(merged.get(path) !== undefined, `${path} is not in the drives`)
    }
  }

  /** A device that only receives shows what all show, but for what its own user changed. */
  #receives(device: SharedDevice, tree: TreeFacts): void {
    const own = this.#world.ownChanges.get(device.options.index) ?? new Set()
    // What it set aside before it told is its own too.
    const isOwn = (path: FolderPath) =>
      path.includes('(kept ') ||
      (path.includes('(conflict ') && !tree.has(path)) ||
      [...own].some((other) => other === path || isBelow(other, path) || isBelow(path, other))
    const here = treeOf(device)
    for (const [path, facts] of tree) {
      if (!device.isExcluded(path) && !isOwn(path))
        assert.equal(here.get(path), facts, `${path} at ${device.options.name}, which only receives`)
    }
    for (const path of here.keys())
      assert(tree.has(path) || device.isExcluded(path) || isOwn(path), `${path} should be gone at ${device.options.name}`)
  }

  /** Every text is shown to all, unless somebody who had it before them took it away; a device that only receives keeps its own. */
  #nothingLost(members: readonly SharedDevice[], judge: SharedDevice): void {
    const shown = textsOf(judge)
    for (const [text, { author, superseded, open, kept }] of this.#world.texts) {
      if (superseded || shown.has(text)) continue
      const device = members.find(({ options }) => options.index === author)
      // What a user put where nothing is kept on this device is that user's own.
      if (members.some((other) => other.excluded.size > 0 && textsOf(other).has(text))) continue
      assert(!kept, `"${text}" was shown where somebody heard that a member was removed, and is gone`)
      if (device === undefined || open) continue
      if (device.mode === 'receive-only') assert(textsOf(device).has(text), `"${text}", written at ${device.options.name}, is lost there`)
      else assert.fail(`"${text}", which nobody took away, is shown nowhere${this.#world.history.has(text) ? '; history has it' : ''}`)
    }
  }

  /** What one user alone did to a path is what it is; what nobody touched is as it was. */
  #wishesHold(tree: TreeFacts, merged: ReadonlyMap<FolderPath, Shown>): void {
    const { touched, contested, ended } = this.#world
    const members = new Set(this.#world.active().map(({ options }) => options.index))
    for (const [path, users] of touched) if ([...users].some((user) => ended.has(user) || !members.has(user))) contested.add(path)
    const groups = new Map<FolderPath, FolderPath>(this.#lastCopies)
    for (const [path, { conflictOf }] of merged) if (conflictOf !== null) groups.set(path, conflictOf)
    const groupOf = (path: FolderPath) => groups.get(path) ?? path
    const usersOfGroup = new Map<FolderPath, Set<number>>()
    const grouped = new Set<FolderPath>(groups.values())
    for (const [path, users] of touched) {
      const group = groupOf(path)
      const all = usersOfGroup.get(group) ?? new Set()
      for (const user of users) all.add(user)
      usersOfGroup.set(group, all)
    }
    const disturbed = (path: FolderPath, by: number | null) =>
      [...touched].some(
        ([other, users]) => (isBelow(other, path) || isBelow(path, other)) && (by === null || [...users].some((user) => user !== by)),
      ) ||
      [path, ...ancestorsOf(path)].some((each) => contested.has(each)) ||
      [...contested].some((other) => isBelow(other, path))
    for (const path of new Set([...touched.keys(), ...this.#last.keys()])) {
      // Conflict copies and what they lie beside are judged by their texts; such a name may be taken again by the program.
      if (groups.has(path) || grouped.has(path) || path.includes('(conflict ')) continue
      const users = touched.get(path)
      if (users === undefined) {
        if (disturbed(path, null)) continue
        assert.equal(tree.get(path), this.#last.get(path), `nobody touched ${path}, and it is not as it was`)
        continue
      }
      const [only] = users
      if (users.size > 1 || only === undefined || disturbed(path, only)) continue
      assert.equal(withoutTime(tree.get(path)), this.#world.wishes.get(path), `${path} is not what its only user made of it`)
    }
  }
}

function withoutTime(facts: string | undefined): string | undefined {
  return facts?.replace(/ \d+$/u, '')
}

function byPath(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1
}
