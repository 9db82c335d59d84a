/** Files on their way into folders: three at a time, waiting through lost links and ended sessions, each with its progress. */
import { AppError, ERRORS } from '@hyper-store/client'
import { sendFile } from '../../live/upload.ts'
import { contentUrl } from '../../live/use-store.tsx'
import type { LiveStore } from '../../live/live-store.ts'

/** What is to be put: a file, or an empty folder (`file` null). */
export interface NewEntry {
  readonly path: string
  readonly file: File | null
}

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed'

/** One of them. */
export interface UploadTask {
  readonly id: number
  /** Key of the folder. */
  readonly folder: string
  readonly path: string
  readonly size: number
  readonly sent: number
  readonly state: UploadState
  readonly problem: Error | null
}

/** How all of them stand. */
export interface UploadSummary {
  readonly tasks: readonly UploadTask[]
  /** Why nothing moves; null when it does. */
  readonly held: 'refused' | 'lost' | null
}

interface Job extends NewEntry {
  task: UploadTask
  /** Failures in a row that a new try may cure. */
  tries: number
  abort: AbortController
}

const AT_ONCE = 3
const TRIES = 4
const AGAIN_MS = 2000

/** The uploads to one store, over all of its folders; they go on while other screens are shown. */
export class UploadQueue {
  readonly #store: LiveStore
  readonly #listeners = new Set<() => void>()
  #jobs: Job[] = []
  #summary: UploadSummary = { tasks: [], held: null }
  #held: UploadSummary['held'] = null
  #isPlanned = false
  #next = 1
  /** No file before this one waits. */
  #from = 0
  #open = 0
  #sending = 0
  #isFollowing = false

  constructor(store: LiveStore) {
    this.#store = store
  }

  get summary(): UploadSummary {
    return this.#summary
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  add(folder: string, entries: readonly NewEntry[]): void {
    // What went well before is told once.
    if (!this.isBusy) this.#jobs = this.#jobs.filter(({ task }) => task.state === 'failed')
    this.#jobs = this.#jobs.concat(
      entries.map((entry) => ({
        ...entry,
        tries: 0,
        abort: new AbortController(),
        task: { id: this.#next++, folder, path: entry.path, size: entry.file?.size ?? 0, sent: 0, state: 'waiting', problem: null },
      })),
    )
    this.#count()
    this.#go()
  }

  get isBusy(): boolean {
    return this.#open > 0
  }

  /** Takes one back, or all of a folder that are not done; those that failed and are done are forgotten. */
  cancel(which: { readonly id: number } | { readonly folder: string }): void {
    const isMeant = ({ task }: Job): boolean => ('id' in which ? task.id === which.id : task.folder === which.folder)
    for (const job of this.#jobs) if (isMeant(job)) job.abort.abort()
    this.#jobs = this.#jobs.filter((job) => !isMeant(job))
    this.#count()
    this.#go()
  }

  retry(folder: string): void {
    for (const job of this.#jobs) {
      if (job.task.folder !== folder || job.task.state !== 'failed') continue
      job.tries = 0
      this.#change(job, { state: 'waiting', problem: null, sent: 0 })
    }
    this.#count()
    this.#go()
  }

  #go(): void {
    this.#watchConnection()
    for (; this.#from < this.#jobs.length && this.#held === null && this.#sending < AT_ONCE; this.#from++) {
      const job = this.#jobs[this.#from]
      if (job?.task.state === 'waiting') void this.#send(job)
    }
    window.removeEventListener('beforeunload', warn)
    if (this.isBusy) window.addEventListener('beforeunload', warn)
    this.#tell()
  }

  async #send(job: Job): Promise<void> {
    this.#change(job, { state: 'sending', sent: 0, problem: null })
    try {
      await this.#put(job)
      this.#change(job, { state: 'done', sent: job.task.size })
    } catch (error) {
      if (!job.abort.signal.aborted) await this.#failed(job, error instanceof Error ? error : new Error(String(error)))
    }
    this.#go()
  }

  async #put(job: Job): Promise<void> {
    const { client, target } = this.#store
    const { task, path, file, abort } = job
    if (file === null) {
      await client.makeFolder(task.folder, { path }, { signal: abort.signal })
      return
    }
    const url = `${contentUrl(target, task.folder, { path })}&mtimeMs=${Math.max(0, Math.round(file.lastModified))}`
    const onProgress = (sent: number): void => this.#change(job, { sent: Math.min(sent, task.size) })
    await sendFile({ url, body: file, onProgress, signal: abort.signal })
  }

  async #failed(job: Job, error: Error): Promise<void> {
    const code = error instanceof AppError ? error.code : null
    if (code === 'UNAUTHENTICATED') return this.#hold(job, 'refused', error)
    // A store that refuses while a body is under way may cut the line before it is heard: it is asked.
    if (code === 'SERVICE_UNREACHABLE') {
      const info = await this.#store.client.getStore().catch(() => null)
      if (info === null) return this.#hold(job, 'lost', error)
      if (info.role === null) return this.#hold(job, 'refused', new AppError('UNAUTHENTICATED'))
    }
    job.tries++
    const mayHelp = code !== null && ERRORS[code].retry && job.tries < TRIES
    if (!mayHelp) return this.#change(job, { state: 'failed', problem: error })
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    if (!job.abort.signal.aborted) this.#change(job, { state: 'waiting', sent: 0 })
  }

  /** Nothing is sent until the store is heard again. */
  #hold(job: Job, why: 'refused' | 'lost', error: Error): void {
    this.#change(job, { state: 'waiting', sent: 0 })
    this.#held = why
    if (why === 'refused') this.#store.refused(error)
  }

  #watchConnection(): void {
    if (!this.#isFollowing) {
      this.#isFollowing = true
      this.#store.subscribe(() => {
        if (this.#held === null || this.#store.snapshot.connection !== 'live') return
        this.#held = null
        this.#go()
      })
    }
    if (this.#held === 'lost' && this.#store.snapshot.connection === 'live') setTimeout(() => this.#release(), AGAIN_MS)
  }

  #release(): void {
    if (this.#held !== 'lost') return
    this.#held = null
    this.#go()
  }

  #change(job: Job, change: Partial<UploadTask>): void {
    const before = job.task.state
    job.task = { ...job.task, ...change }
    const { state } = job.task
    if (state !== before && !job.abort.signal.aborted) {
      this.#open += isOpen(state) - isOpen(before)
      this.#sending += Number(state === 'sending') - Number(before === 'sending')
      if (state === 'waiting') this.#from = 0
    }
    this.#tell()
  }

  #count(): void {
    this.#from = 0
    this.#open = 0
    this.#sending = 0
    for (const { task } of this.#jobs) {
      this.#open += isOpen(task.state)
      this.#sending += Number(task.state === 'sending')
    }
  }

  #tell(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    // Timers go on in tabs that are not seen.
    setTimeout(() => {
      this.#isPlanned = false
      this.#summary = { tasks: this.#jobs.map(({ task }) => task), held: this.#held }
      for (const listener of this.#listeners) listener()
    }, 50)
  }
}

function isOpen(state: UploadState): number {
  return Number(state === 'waiting' || state === 'sending')
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

const queuesByTarget = new Map<string, UploadQueue>()

/** The uploads to a store. */
export function uploadsOf(store: LiveStore): UploadQueue {
  const known = queuesByTarget.get(store.target)
  if (known !== undefined) return known
  const queue = new UploadQueue(store)
  queuesByTarget.set(store.target, queue)
  return queue
}
