/** One device of the loop model: a whole FolderLoop over a folder in memory, with crashes, faults and a user between any two steps. */
import assert from 'node:assert/strict'
import { AppError, type FolderMode } from '@hyper-store/client/contract'
import type { DriveId } from '../../src/core/entries.ts'
import type { DiskFolder, FolderDrives, OpenFile, RootIdentity, SyncedStore } from '../../src/core/ports.ts'
import { openMemoryDisk, type MemoryDisk } from '../../src/disk/memory-disk.ts'
import { FolderLoop } from '../../src/sync/folder-loop.ts'
import type { LoopEvents } from '../../src/sync/loop-options.ts'
import type { MemoryDrives, MemoryFolder } from '../fixtures/memory-drives.ts'
import type { VirtualClock } from '../fixtures/virtual-clock.ts'

/** What happens before a step of the program that comes later. */
export interface Armed {
  /** Steps to let pass. */
  after: number
  /** `crash` kills the process; `fail` makes the step throw once. */
  readonly run: () => 'crash' | 'fail' | null
}

export interface DeviceOptions {
  readonly name: string
  readonly folder: MemoryFolder
  readonly drive: DriveId
  readonly mode: FolderMode
  readonly clock: VirtualClock
  readonly synced: SyncedStore
  /** Whether another device holds what is left out; default: always. */
  readonly heldElsewhere?: () => boolean
  /** How the disk takes names; default: as they are. */
  readonly caseInsensitive?: boolean
  /** Checks at each commit of this device; throws what it finds wrong. */
  readonly onCommit?: (device: LoopDevice, deletes: number) => void
}

/** One run of the program, from its start to its crash. */
interface Life {
  dead: boolean
}

/** Steps that change something, of which no two of one device may ever run at once. */
const MUTATING = new Set(['place', 'makeSymlink', 'makeFolder', 'stamp', 'rename', 'remove', 'removeFolder', 'flush', 'commit', 'apply'])

export class LoopDevice {
  readonly disk: MemoryDisk
  readonly options: DeviceOptions
  /** Events that the watcher has not told yet. */
  pending = new Set<string>()
  armed: Armed[] = []
  rootMissing = false
  paused = false
  confirmed = false
  /** What is left out, as it is stored. */
  exclude: readonly string[] = []
  loop: FolderLoop
  /** Steps of the program so far. */
  steps = 0
  /** What must never happen and did. */
  readonly violations: string[] = []
  identity: RootIdentity | null = null
  safetyStop: { reason: string; cure: string } | null = null
  /** The newest version that the loop said it shows whole. */
  applied = 0
  #life: Life = { dead: false }
  #onDirty: ((paths: ReadonlySet<string>) => void) | null = null
  #mutating = 0
  #onEdge = false

  constructor(options: DeviceOptions) {
    this.options = options
    this.disk = openMemoryDisk({ onStep: () => this.#inner(), caseInsensitive: options.caseInsensitive === true })
    this.loop = this.#start()
  }

  get crashed(): boolean {
    return this.#life.dead
  }

  /** The process ends now, in the middle of whatever it does. */
  crash(): void {
    this.#life.dead = true
    this.options.clock.forget(this.#life)
    this.#onDirty = null
    this.pending.clear()
  }

  /** Starts the program again on what the crash left. */
  restart(): void {
    if (!this.#life.dead) this.crash()
    this.#life = { dead: false }
    this.#mutating = 0
    this.disk.restart()
    this.loop = this.#start()
  }

  /** Leaves other sub-folders out: stored first, as the service does it. */
  setExclude(exclude: readonly string[]): void {
    this.exclude = exclude
    if (!this.#life.dead) this.loop.setExclude(exclude)
  }

  /** The watcher tells what it has, or loses it. */
  deliverEvents(lose = false): void {
    const paths = this.pending
    this.pending = new Set()
    if (!lose && paths.size > 0) this.#onDirty?.(paths)
  }

  note(paths: Iterable<string>): void {
    for (const path of paths) this.pending.add(path)
  }

  setRoot(missing: boolean): void {
    if (this.rootMissing === missing) return
    this.rootMissing = missing
    this.disk.setRoot(missing ? 'missing' : 'present')
    this.pending.add('')
  }

  #start(): FolderLoop {
    const { folder, name, mode, drive, clock, synced, heldElsewhere } = this.options
    const life = this.#life
    const drives = folder.open(name, mode === 'receive-only' ? null : drive, { onStep: () => this.#inner() })
    const events: LoopEvents = {
      onState: () => undefined,
      onChanges: () => undefined,
      onApplied: (complete) => {
        if (complete && !life.dead) this.applied = drives.version()[drive] ?? 0
      },
      onBytes: () => undefined,
      onSafetyStop: (stop) => {
        if (!life.dead) this.safetyStop = stop
      },
      onRootIdentity: (identity) => {
        if (!life.dead) this.identity = identity
      },
    }
    const loop = new FolderLoop({
      disk: this.#disk(life),
      drives: this.#drives(drives, life),
      synced: this.#synced(synced, life),
      mode,
      exclude: this.exclude,
      ...(heldElsewhere === undefined ? {} : { heldElsewhere }),
      drive,
      deviceName: name,
      clock: clock.of(life),
      events,
      rootIdentity: this.identity,
      safetyStop: this.safetyStop,
    })
    drives.onVersion(() => {
      if (!life.dead) loop.remoteChanged()
    })
    // Its first step may already bring an event that is for the new loop.
    this.loop = loop
    loop.start({ paused: this.paused })
    return loop
  }

  /** Between the parts of one step of the disk or the drives: only crashes and faults, as the user cannot get in between. */
  #inner(): void {
    this.#onEdge = true
    this.#happen((armed) => armed.run())
  }

  #happen(run: (armed: Armed) => 'crash' | 'fail' | null): void {
    this.steps++
    const due = this.armed.filter((armed) => armed.after-- <= 0)
    this.armed = this.armed.filter((armed) => !due.includes(armed))
    for (const armed of due) {
      const outcome = run(armed)
      if (outcome === 'crash') this.crash()
      if (outcome !== null) throw new AppError('DISK_FULL', { path: '/memory' })
    }
  }

  /** Runs one call of the program; a dead process never sees its end. */
  async #call<Result>(name: string, life: Life, run: () => Promise<Result>): Promise<Result> {
    if (life.dead) return forEver()
    const mutates = MUTATING.has(name)
    try {
      if (mutates && this.#mutating++ > 0) this.violations.push(`${name} ran beside another change of the same device`)
      this.#onEdge = false
      this.#happen((armed) => armed.run())
      const result = await run()
      if (life.dead) return await forEver()
      return result
    } catch (error) {
      if (life.dead) return await forEver()
      throw error
    } finally {
      if (mutates) this.#mutating--
    }
  }

  #disk(life: Life): DiskFolder {
    const real = this.disk.folder
    let isFlushed = true
    const touched = (...paths: string[]) => {
      if (paths.length > 0) isFlushed = false
      this.note(paths)
    }
    const call = <Result>(name: string, run: () => Promise<Result>, ...paths: string[]) =>
      this.#call(name, life, run).finally(() => touched(...paths))
    const isMissing = () => this.rootMissing
    return {
      root: real.root,
      caseInsensitive: real.caseInsensitive === true,
      spellingOf: (path) => call('spellingOf', async () => (await real.spellingOf?.(path)) ?? null),
      rootState: () => call('rootState', () => real.rootState()),
      async *scan(options) {
        await call('scan', async () => undefined)
        for await (const batch of real.scan(options)) {
          if (life.dead) await forEver()
          // One node at a time, so that the user can get in between any two.
          for (const node of batch) {
            await call('scanned', async () => undefined)
            yield [node]
          }
        }
      },
      // An unmounted disk leaves an empty folder: nothing is there, and no error.
      look: (path) => call('look', async () => (isMissing() ? null : real.look(path))),
      openFile: (path) => call('openFile', async () => this.#openFile(await real.openFile(path), life)),
      readText: (path) => call('readText', async () => (isMissing() ? null : real.readText(path))),
      stage: () => call('stage', () => real.stage()),
      stageSmall: (files) => call('stageSmall', () => real.stageSmall(files)),
      place: (files) => call('place', () => real.place(files), ...files.map((f) => f.path)),
      makeSymlink: (path, target, seen, how) => call('makeSymlink', () => real.makeSymlink(path, target, seen, how), path),
      makeFolder: (path) => call('makeFolder', () => real.makeFolder(path), path),
      stamp: (path, facts, seen) => call('stamp', () => real.stamp(path, facts, seen), path),
      rename: (from, to, seen) => call('rename', () => real.rename(from, to, seen), from, to),
      remove: (path, seen, how) => call('remove', () => real.remove(path, seen, how), path),
      removeFolder: (path) => call('removeFolder', () => real.removeFolder(path), path),
      // As the real one: with nothing to make durable it does not even look at the root.
      flush: () =>
        call('flush', async () => {
          if (!isFlushed) await real.flush()
          isFlushed = true
        }),
      listTrash: () => call('listTrash', () => real.listTrash()),
      restoreTrash: (id, to) => call('restoreTrash', () => real.restoreTrash(id, to)),
      pruneTrash: (before) => call('pruneTrash', () => real.pruneTrash(before)),
      watch: (onDirty) =>
        call('watch', async () => {
          this.#onDirty = (paths) => {
            if (!life.dead) onDirty(paths)
          }
          return {
            complete: true,
            [Symbol.asyncDispose]: async () => {
              if (!life.dead) this.#onDirty = null
            },
          }
        }),
      [Symbol.asyncDispose]: async () => undefined,
    }
  }

  #openFile(file: OpenFile, life: Life): OpenFile {
    return {
      seen: file.seen,
      read: (buffer, position) => this.#call('read', life, () => file.read(buffer, position)),
      lookAgain: () => this.#call('lookAgain', life, () => file.lookAgain()),
      [Symbol.asyncDispose]: async () => undefined,
    }
  }

  #drives(real: MemoryDrives, life: Life): FolderDrives {
    const call = <Result>(name: string, run: () => Promise<Result>) => this.#call(name, life, run)
    return {
      writable: real.writable,
      version: () => real.version(),
      get: (path) => call('get', () => real.get(path)),
      async *entries() {
        await call('entries', async () => undefined)
        for await (const change of real.entries()) yield life.dead ? await forEver() : change
      },
      async *changesSince(from) {
        await call('changesSince', async () => undefined)
        for await (const change of real.changesSince(from)) yield life.dead ? await forEver() : change
      },
      storeFile: (file, base, options) => call('storeFile', () => real.storeFile(file, base, options)),
      storeSmall: (contents) => call('storeSmall', () => real.storeSmall(contents)),
      commit: (changes) =>
        call('commit', () => {
          this.options.onCommit?.(this, changes.filter((change) => change.op === 'delete').length)
          return real.commit(changes)
        }),
      readSmall: (entries) => call('readSmall', () => real.readSmall(entries)),
      parts: (entry, base) => call('parts', () => real.parts(entry, base)),
      async *read(entry, range, options) {
        await call('readContent', async () => undefined)
        for await (const piece of real.read(entry, range, options)) yield life.dead ? await forEver() : piece
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
  }

  #synced(real: SyncedStore, life: Life): SyncedStore {
    const call = <Result>(name: string, run: () => Promise<Result>) => this.#call(name, life, run)
    return {
      get: (path) => call('syncedGet', () => real.get(path)),
      getMany: (paths) => call('syncedGetMany', () => real.getMany(paths)),
      async *entries(options) {
        await call('syncedEntries', async () => undefined)
        for await (const record of real.entries(options)) yield life.dead ? await forEver() : record
      },
      count: () => call('count', () => real.count()),
      applied: () => call('applied', () => real.applied()),
      apply: (batch, durability) =>
        call('apply', () => {
          for (const [path] of batch.put ?? []) assert.ok(path.length > 0)
          return real.apply(batch, durability)
        }),
    }
  }

  /** True between the parts of one step, when a user's deed would fall into a gap that no system call has. */
  get onEdge(): boolean {
    return this.#onEdge
  }
}

async function forEver(): Promise<never> {
  return new Promise<never>(() => undefined)
}
