/** The loop of one folder on disk: something became dirty, so look, decide, act; one pass at a time, for ever. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { FolderPath } from '../core/entries.ts'
import { createIgnore, IGNORE_FILES, type IgnoreRules } from '../core/ignore-rules.ts'
import type { FolderWatcher, RootIdentity } from '../core/ports.ts'
import { reconcile, type Step } from '../core/reconcile.ts'
import { checkSafety } from '../core/safety.ts'
import { createSelection } from '../core/selection.ts'
import { Applier, type ApplyAction } from './apply.ts'
import { RecentDeletions } from './deletions.ts'
import { HotFiles } from './hot-files.ts'
import { LeftOut } from './left-out.ts'
import type { LoopChange, LoopOptions, LoopState } from './loop-options.ts'
import { LaterLooks } from './later-looks.ts'
import { observe, type Observation } from './observe.ts'
import { Publisher, type PublishAction } from './publish.ts'

/** Events gather for this long before a pass: enough for one save to be one change. */
const GATHER_MS = 8
/** Whole rescans as a net under the watcher; more often where it could not watch everything. */
const RESCAN_MS = 3600_000
const RESCAN_UNWATCHED_MS = 30_000
/** After a full or read-only disk, an unreadable folder, or a safety stop the folder is looked at again this often. */
const RETRY_MS = 2_000
/** Paths that could not be settled are tried again this often, without an event. */
const UNSETTLED_RETRY_MS = 30_000

/**
 * Keeps one disk folder and its drives in step. Watcher and drives only mark dirty; the loop owns everything else.
 * Invariants: never two passes at once; after a pass without failures disk, drives and synced agree on every path looked at.
 */
export class FolderLoop {
  readonly #o: LoopOptions
  readonly #hot = new HotFiles()
  #dirty = new Set<string>()
  #everything = true
  #allRemote = true
  #remoteChanged = false
  readonly #unsettled = new Map<FolderPath, string>()
  readonly #leftOut = new LeftOut()
  #exclude: readonly string[]
  /** Records of what is left out of the disk, as of the last whole scan and what was done since. */
  #absent = 0
  readonly #later = new LaterLooks()
  /** Deletions of the last moments; what the store itself was told to delete is said here. */
  readonly deletions = new RecentDeletions()
  #ignore: IgnoreRules = createIgnore([])
  #watcher: FolderWatcher | null = null
  #identity: RootIdentity | null
  #stop: { reason: string; cure: string } | null
  #confirmed = false
  #bringsBack = false
  #paused = false
  #problem: AppError | null = null
  #state: LoopState = 'starting'
  #wake: (() => void) | null = null
  #wakeAt = Infinity
  #due = false
  #lastScan = 0
  #passes = 0
  readonly #waiters: { after: number; resolve: () => void }[] = []
  readonly #abort = new AbortController()
  #pausing = new AbortController()
  #running: Promise<void> | null = null

  constructor(options: LoopOptions) {
    this.#o = options
    this.#exclude = options.exclude ?? []
    this.#identity = options.rootIdentity
    this.#stop = options.safetyStop
  }

  get state(): LoopState {
    return this.#state
  }
  /** Why the folder stands still; null when it does not. */
  get problem(): AppError | null {
    if (this.#stop !== null) return new AppError('STOPPED_FOR_SAFETY', this.#stop)
    return this.#problem
  }
  /** Paths left unlike the drives, and why. */
  get unsettled(): ReadonlyMap<string, string> {
    return this.#unsettled
  }
  /** What stays on this disk although its place is left out, and why; nothing of it is wrong. */
  get leftOut(): ReadonlyMap<string, string> {
    return this.#leftOut.reasons
  }
  get ignoreRules(): IgnoreRules {
    return this.#ignore
  }

  /** Begins, once; nothing happens before. */
  start(options: { paused: boolean }): void {
    this.#paused = options.paused
    this.#running = this.#run()
  }

  /** The drives have a newer version here whole. */
  remoteChanged(): void {
    this.#remoteChanged = true
    this.#wakeUp()
  }

  /** Leaves other sub-folders out from now on; the list must be stored before. A pass that runs ends after the step that is being done. */
  setExclude(exclude: readonly string[]): void {
    this.#exclude = exclude
    this.#everything = true
    this.#allRemote = true
    if (!this.#paused) {
      this.#pausing.abort()
      this.#pausing = new AbortController()
    }
    this.#wakeUp()
  }

  /** Stops after the step that is being done. */
  pause(): void {
    this.#paused = true
    this.#pausing.abort()
    this.#wakeUp()
  }
  /** Goes on; with `confirm` the next pass may do what a safety stop refused, with `bringBack` it brings back what is gone from the disk. */
  resume(options: { confirm: boolean; bringBack?: boolean }): void {
    this.#paused = false
    this.#pausing = new AbortController()
    this.#bringsBack = options.bringBack === true
    if (options.confirm) this.#confirmed = true
    if (options.confirm || this.#bringsBack) this.#due = true
    this.#everything = true
    this.#wakeUp()
  }

  /** Compares everything, or these paths alone; resolves after that pass. */
  async rescan(paths?: Iterable<FolderPath>): Promise<void> {
    if (paths === undefined) this.#everything = true
    else for (const path of paths) this.#dirty.add(path)
    const done = new Promise<void>((resolve) =>
      this.#waiters.push({ after: this.#passes + (this.#state === 'scanning' || this.#state === 'working' ? 1 : 0), resolve }),
    )
    this.#wakeUp()
    await done
    if (this.problem !== null) throw this.problem
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.#wakeUp()
    await this.#running
    await this.#watcher?.[Symbol.asyncDispose]()
    this.#watcher = null
    for (const waiter of this.#waiters.splice(0)) waiter.resolve()
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      if (this.#paused) this.#setState('paused')
      else if (this.#hasWork()) await this.#passOrFail()
      if (this.#abort.signal.aborted) break
      await this.#waitForWork()
    }
  }

  #hasWork(): boolean {
    return this.#everything || this.#allRemote || this.#remoteChanged || this.#dirty.size > 0 || this.#due
  }

  async #passOrFail(): Promise<void> {
    const { clock } = this.#o
    const signal = AbortSignal.any([this.#abort.signal, this.#pausing.signal])
    try {
      await this.#pass(signal)
      this.#problem = null
      this.#setState(this.#stop === null ? 'idle' : 'stopped')
    } catch (error) {
      // Whatever was half seen is looked at whole again.
      this.#everything = true
      this.#allRemote = true
      if (signal.aborted) return
      this.#problem =
        errorCode(error) === undefined
          ? new AppError('DEFECT', { reason: error instanceof Error ? error.message : String(error) }, { cause: error })
          : (error as AppError)
      this.#setState('error')
    }
    if (this.#problem !== null || this.#stop !== null) this.#retryAt(clock.now() + RETRY_MS)
    this.#passes++
    for (const waiter of this.#waiters.filter((w) => w.after < this.#passes)) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
      waiter.resolve()
    }
  }

  async #waitForWork(): Promise<void> {
    const { clock } = this.#o
    for (;;) {
      if (this.#paused && this.#state !== 'paused') return
      this.#takeDue()
      const stuck = this.#problem !== null || this.#stop !== null
      const ready = !this.#paused && (this.#due || (this.#hasWork() && !stuck))
      if (ready || this.#abort.signal.aborted) break
      const rescanAt = this.#lastScan + (this.#watcher?.complete === false ? RESCAN_UNWATCHED_MS : RESCAN_MS)
      const next = this.#paused ? Infinity : Math.min(this.#wakeAt, stuck ? Infinity : rescanAt, this.#later.nextAt)
      const wait = next - clock.now()
      if (wait <= 0) {
        this.#everything = true
        break
      }
      await this.#sleep(Math.min(wait, 2 ** 30))
      if (this.#abort.signal.aborted) return
    }
    if (!this.#abort.signal.aborted && this.#dirty.size > 0 && !this.#remoteChanged)
      await clock.sleep(GATHER_MS, { signal: this.#abort.signal }).catch(() => undefined)
  }

  async #sleep(ms: number): Promise<void> {
    const controller = new AbortController()
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    await Promise.race([woken, this.#o.clock.sleep(ms, { signal: controller.signal }).catch(() => undefined)])
    controller.abort()
    this.#wake = null
  }

  /** What waited for this moment becomes work. */
  #takeDue(): void {
    const now = this.#o.clock.now()
    if (now >= this.#wakeAt) {
      this.#wakeAt = Infinity
      this.#due = true
    }
    for (const path of this.#later.takeDue(now)) this.#dirty.add(path)
  }

  #wakeUp(): void {
    this.#wake?.()
  }
  #retryAt(ms: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, ms)
  }
  #setState(state: LoopState): void {
    if (state === this.#state) return
    this.#state = state
    this.#o.events.onState(state)
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { disk, drives, synced, events, clock } = this.#o
    this.#due = false
    const rootState = await this.#checkRoot()
    if (rootState !== 'present') return
    if (this.#watcher === null) await this.#watch()

    const dirty = this.#dirty
    const everything = this.#everything || dirty.has('') || IGNORE_FILES.some((f) => dirty.has(f))
    const unsettled = new Set([...this.#unsettled.keys(), ...this.#leftOut.waiting, ...this.#later.paths])
    const scope = { everything, dirty, unsettled, allRemote: this.#allRemote }
    this.#dirty = new Set()
    this.#everything = false
    this.#remoteChanged = false
    if (everything) {
      await this.#readIgnoreRules()
      this.#lastScan = clock.now()
    }
    this.#setState('scanning')
    const caseInsensitive = disk.caseInsensitive === true
    const exclude = this.#exclude
    const selection = createSelection(exclude, { caseInsensitive })
    const ignored = (path: FolderPath, isFolder: boolean) => this.#ignore.ignores(path, isFolder)
    const seen = await observe({ disk, drives, synced, ignored, excluded: (path) => selection.isExcluded(path) }, scope, { signal })
    const plan = reconcile({
      paths: seen.views,
      mode: this.#o.mode,
      drive: this.#o.drive,
      deviceName: this.#o.deviceName,
      written: this.#written(drives.version()),
      recorded: this.#written((await synced.applied()) ?? {}),
      caseInsensitive,
      selection,
    })
    if (this.#bringsBack && everything) {
      this.#bringsBack = false
      // What the disk is not known to have had is fetched, as on a device that is new; the next pass does so.
      const gone = plan.steps.filter((s) => s.op === 'unpublish').map((s) => s.path)
      await synced.apply({ del: gone })
      this.#everything = true
      this.#allRemote = true
      this.#due = true
      return
    }
    if (!(await this.#isSafe(seen, plan.steps))) return
    // A disk that went away while it was looked at left nothing to be seen: that is no deletion.
    if (plan.steps.some((s) => s.op === 'unpublish' || s.op === 'publish-rename') && (await this.#checkRoot()) !== 'present') {
      this.#allRemote = true
      return
    }
    for (const { path } of seen.views) this.#unsettled.delete(path)
    this.#leftOut.forget(everything ? null : [...dirty, ...seen.views.map(({ path }) => path)])
    for (const { path, reason } of this.#leftOut.take(plan.refusals)) this.#unsettled.set(path as FolderPath, reason)
    if (plan.steps.some((s) => s.op !== 'record' && s.op !== 'forget')) this.#setState('working')

    const { publish, apply } = this.#split(await this.#leftOut.withoutUnheld(plan.steps, this.#o.heldElsewhere))
    const onBytes = (bytes: number) => events.onBytes(bytes)
    const applied = await new Applier({ disk, drives, synced, deviceName: this.#o.deviceName }).run(apply, { signal, onBytes })
    this.#told(applied.done, false)
    const published = await new Publisher({ disk, drives, synced }).run(publish, { signal, onBytes })
    this.#told(published.done, true)
    for (const path of published.again) this.#hot.read(path, clock.now())
    this.#later.again([...applied.again, ...published.again], clock.now())
    for (const [path, reason] of [...applied.unsettled, ...published.unreadable]) this.#unsettled.set(path, reason)
    this.#absent += applied.left
    for (const [path, reason] of applied.leftOut) this.#leftOut.tell(path, reason)
    for (const path of this.#leftOut.next(plan.steps, selection)) this.#dirty.add(path)
    if (this.#unsettled.size + this.#leftOut.waiting.size > 0) this.#retryAt(clock.now() + UNSETTLED_RETRY_MS)
    await synced.apply({ applied: this.#caughtUpWith(seen, published.done.length > 0) })
    // Unless more is to be compared, since what is left out changed meanwhile.
    if (this.#exclude === exclude) this.#allRemote = false
    this.#confirmed = false
    events.onApplied(applied.unsettled.size === 0 && applied.again.size === 0 && !this.#remoteChanged)
  }

  /** Own writes of this pass are in synced already; what others wrote meanwhile is for the next pass. */
  #caughtUpWith(seen: Observation, wrote: boolean): Record<string, number> {
    const now = this.#o.drives.version()
    const id = this.#o.drives.ownId ?? this.#o.drive
    const own = now[id]
    return wrote && own !== undefined ? { ...seen.version, [id]: own } : { ...seen.version }
  }

  /** Length of what this device wrote: in its first drive, and in the one that it writes since members were removed. */
  #written(lengths: Readonly<Record<string, number>>): number {
    const { drive, drives } = this.#o
    return [...new Set([drive, drives.ownId ?? drive])].reduce((sum, id) => sum + (lengths[id] ?? 0), 0)
  }

  async #checkRoot(): Promise<'present' | 'stopped'> {
    const { disk, events } = this.#o
    const root = await disk.rootState()
    const replaced =
      root.state === 'present' &&
      this.#identity !== null &&
      (root.identity.device !== this.#identity.device || root.identity.ino !== this.#identity.ino)
    const rootState =
      root.state === 'present' ? (replaced ? 'replaced' : 'present') : root.state === 'unreadable' ? 'unreadable' : 'missing'
    const verdict = checkSafety({
      rootState,
      identityKnown: this.#identity !== null,
      syncedFiles: 0,
      localFiles: null,
      plannedUnpublish: 0,
      plannedRemove: 0,
      confirmed: this.#confirmed,
    })
    if (!verdict.ok) {
      this.#stopForSafety(verdict)
      // What is confirmed is what was there to be seen, not whatever comes back one day.
      this.#confirmed = false
      // The watches died with the old root.
      await this.#watcher?.[Symbol.asyncDispose]()
      this.#watcher = null
      this.#everything = true
      return 'stopped'
    }
    if (root.state === 'present' && (this.#identity === null || replaced)) {
      this.#identity = root.identity
      events.onRootIdentity(root.identity)
    }
    return 'present'
  }

  async #isSafe(seen: Observation, steps: readonly Step[]): Promise<boolean> {
    const at = this.#o.clock.now()
    this.#absent = seen.absent ?? this.#absent
    const syncedFiles = Math.max(0, (await this.#o.synced.count()) - this.#absent)
    const planned = this.deletions.planned(steps)
    if (this.#confirmed) this.deletions.clear()
    const recent = this.deletions.recent(at)
    const isDeleting = planned.unpublished + planned.removed > 0
    // Everything at once: whether the folder was emptied, only a look at all of it tells.
    if (seen.localFiles === null && planned.unpublished > 0 && planned.unpublished >= syncedFiles) {
      this.#everything = true
      return false
    }
    const verdict = checkSafety({
      rootState: 'present',
      identityKnown: true,
      syncedFiles: syncedFiles + recent.unpublished + recent.removed,
      localFiles: seen.localFiles,
      plannedUnpublish: isDeleting ? recent.unpublished + planned.unpublished : 0,
      plannedRemove: isDeleting ? recent.removed + planned.removed : 0,
      confirmed: this.#confirmed,
    })
    if (verdict.ok) {
      if (isDeleting && !this.#confirmed) this.deletions.add(planned, at)
      if (this.#stop !== null) {
        this.#stop = null
        this.#o.events.onSafetyStop(null)
      }
      return true
    }
    this.#stopForSafety(verdict)
    this.#everything = true
    this.#allRemote = true
    return false
  }

  #stopForSafety(stop: { reason: string; cure: string }): void {
    const known = this.#stop
    this.#stop = { reason: stop.reason, cure: stop.cure }
    this.#setState('stopped')
    if (known?.reason !== stop.reason) this.#o.events.onSafetyStop(this.#stop)
  }

  /** Steps for the disk and for the drive; large files that are still being written wait. */
  #split(steps: readonly Step[]): { publish: PublishAction[]; apply: ApplyAction[] } {
    const publish: PublishAction[] = []
    const apply: ApplyAction[] = []
    const now = this.#o.clock.now()
    for (const step of steps) {
      if (step.op !== 'publish' && step.op !== 'publish-rename' && step.op !== 'unpublish') {
        apply.push(step)
        continue
      }
      const file = step.op === 'publish' && step.local.kind === 'file' ? step.local : null
      const wait = file === null ? 0 : this.#hot.waitFor(step.path, file, now)
      if (wait > 0) {
        this.#later.wait(step.path, now + wait)
        continue
      }
      if (file !== null && step.op === 'publish' && step.base !== null) this.#hot.read(step.path, now)
      publish.push(step)
    }
    return { publish, apply }
  }

  #told(done: readonly { op: LoopChange['op']; path: string; from?: string }[], local: boolean): void {
    if (done.length > 0) this.#o.events.onChanges(done.map((d) => ({ ...d, local })))
  }

  async #readIgnoreRules(): Promise<void> {
    const files: { name: string; text: string }[] = []
    for (const name of IGNORE_FILES) {
      const text = await this.#o.disk.readText(name as FolderPath)
      if (text !== null) files.push({ name, text })
    }
    this.#ignore = createIgnore(files)
  }

  async #watch(): Promise<void> {
    await this.#readIgnoreRules()
    this.#watcher = await this.#o.disk.watch(
      (paths) => {
        for (const path of paths) this.#dirty.add(path)
        this.#wakeUp()
      },
      { ignored: (path, isFolder) => this.#ignore.ignores(path, isFolder) },
    )
  }
}
