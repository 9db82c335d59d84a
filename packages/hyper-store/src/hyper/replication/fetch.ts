/** Brings one log up to date: from one store that sends runs, or block by block from stock peers and where there are holes. */
import type { LogCore } from '../log-core.ts'
import type { LogName, Run } from './messages.ts'

/** A run that has not ended with a signature by now is not believed. */
const BUFFER_LIMIT_BYTES = 40 * 1024 * 1024
/** A source that has sent nothing for this long is left for another. */
const STALL_MS = 20_000

/** A peer that can send runs of this log. */
export interface RunSource {
  /** One connection of one device. */
  readonly id: string
  /** Greater is better: direct connections before relayed ones. */
  readonly rank: number
  /** Blocks that it holds from the start. */
  held(): number
  fork(): number
  want(from: number, manifest: boolean): void
  stop(): void
  ack(length: number): void
  /** It sent what the writer never signed: hangs up. */
  cutOff(): void
}

/** True when a run was not what the writer signed; false for a disk that is full, say, which is not the sender's fault. */
function isForged(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  // A signature of another shape fails where it is decoded.
  return (typeof code === 'string' && code.startsWith('INVALID_')) || message === 'Out of bounds'
}

/** The state machine of one log being fetched: `runs` from one source, or `stock`. */
export class LogFetch {
  readonly log: LogCore
  readonly name: LogName
  readonly #sources = new Map<string, RunSource>()
  readonly #refused = new Set<string>()
  readonly #stockPeerOutside: (log: LogCore) => boolean
  readonly #now: () => number
  readonly #may: (pending: number) => boolean
  #source: RunSource | null = null
  #buffer: Uint8Array[] = []
  #bufferBytes = 0
  #bufferFrom = 0
  #lastProgress = 0
  #download: { destroy(): void } | null = null
  /** What was let go when the download began. */
  #goneVersion = 0
  #appending: Promise<void> = Promise.resolve()
  #closed = false
  /** Bytes that runs brought. */
  bytes = 0
  /** Called with bytes as they come in. */
  onBytes: ((bytes: number) => void) | null = null

  /** `may`: asked before anything is fetched, and with the bytes of a run before they are stored; a run ends when it says no. Default: always. */
  constructor(
    log: LogCore,
    name: LogName,
    options: { stockPeerOutside: (log: LogCore) => boolean; now: () => number; may?: (pending: number) => boolean },
  ) {
    this.log = log
    this.name = name
    this.#stockPeerOutside = options.stockPeerOutside
    this.#now = options.now
    this.#may = options.may ?? (() => true)
    log.followByStock(false)
  }

  setSource(source: RunSource): void {
    this.#sources.set(source.id, source)
    this.evaluate()
  }
  dropSource(id: string): void {
    this.#sources.delete(id)
    this.#refused.delete(id)
    if (this.#source?.id === id) {
      this.#source = null
      this.#dropBuffer()
    }
    this.evaluate()
  }
  /** The source can't send this log in runs; stock replication must. */
  refuse(id: string): void {
    this.#refused.add(id)
    if (this.#source?.id === id) {
      this.#source = null
      this.#dropBuffer()
    }
    this.evaluate()
  }

  /** True while something is known to be missing here. */
  get behind(): boolean {
    return this.log.filled < this.known
  }
  /** Greatest length that anybody claims to hold, or that is signed here. */
  get known(): number {
    let most = this.log.length
    for (const source of this.#sources.values()) {
      // Who was asked and did not deliver is not believed.
      if (!this.#refused.has(source.id) && source.fork() === this.log.fork && source.held() > most) most = source.held()
    }
    return most
  }

  /** Chooses how to go on; called after anything changed and once a second while behind. */
  evaluate(): void {
    if (this.#closed) return
    const holes = this.log.filled < this.log.length
    if (this.behind && !this.#may(0)) {
      this.#stand()
      return
    }
    if (this.#source !== null && !holes) {
      // Measured by its own word: what others claim to have is no debt of this one.
      const owes = this.#source.fork() === this.log.fork && this.#source.held() > this.log.length
      // A source that owed nothing until now has its time from now on.
      if (!owes) this.#lastProgress = this.#now()
      // One that has no more may have a log with holes: what is behind them comes block by block.
      if (owes ? this.#now() - this.#lastProgress < STALL_MS : this.#best() === null && !this.#stockPeerOutside(this.log)) return
      this.#source.stop()
      if (owes) this.#refused.add(this.#source.id)
      this.#source = null
      this.#dropBuffer()
    }
    const best = holes ? null : this.#best()
    if (best !== null) {
      this.#useStock(false)
      this.#source = best
      this.#lastProgress = this.#now()
      this.#bufferFrom = this.log.length
      best.want(this.log.length, !this.log.hasManifest)
      return
    }
    if (this.#source !== null && holes) {
      this.#source.stop()
      this.#source = null
      this.#dropBuffer()
    }
    this.#useStock(holes || this.#refused.size > 0 || this.#stockPeerOutside(this.log))
  }

  /** Sparse reading needs the whole signed length now: goes on block by block. */
  goStock(): void {
    if (this.#may(0)) this.#useStock(true)
  }

  /** Takes a piece of a run. What does not fit, or is not signed by the writer, ends the source. */
  receive(id: string, run: Run, adoptManifest: (bytes: Uint8Array) => Promise<void>): void {
    if (this.#closed || this.#source?.id !== id) return
    const expected = this.#bufferFrom + this.#buffer.length
    if (run.from !== expected || run.fork !== this.log.fork) return
    this.#lastProgress = this.#now()
    for (const block of run.blocks) {
      this.#buffer.push(block)
      this.#bufferBytes += block.byteLength
    }
    // A source sends what is appended later as soon as it is, before anybody said how much that is.
    if (!this.#may(this.#bufferBytes)) {
      this.#stand()
      return
    }
    if (this.#bufferBytes > BUFFER_LIMIT_BYTES) {
      this.#refuseSource(id)
      return
    }
    if (run.manifest !== null) {
      const manifest = run.manifest
      this.#appending = this.#appending.then(async () => adoptManifest(manifest)).catch(() => this.#refuseSource(id))
    }
    if (run.signature === null) return
    const blocks = this.#buffer
    const bytes = this.#bufferBytes
    const from = this.#bufferFrom
    const checkpoint = { length: from + blocks.length, fork: run.fork, signature: new Uint8Array(run.signature) }
    this.#buffer = []
    this.#bufferBytes = 0
    this.#bufferFrom = checkpoint.length
    const source = this.#source
    // Whoever brought the log elsewhere meanwhile, the run was meant for where it stood: it ends, and another may begin.
    const isLate = () => {
      if (this.#source === source) this.#source = null
      source.stop()
      this.#dropBuffer()
      this.evaluate()
    }
    this.#appending = this.#appending
      .then(async () => {
        if (this.#closed) return
        const taken = await this.log.receive(from, blocks, checkpoint)
        if (!taken) {
          isLate()
          return
        }
        this.bytes += bytes
        this.onBytes?.(bytes)
        this.#lastProgress = this.#now()
        source.ack(checkpoint.length)
      })
      .catch((error: unknown) => {
        // A late answer of stock replication came between the look and the append: the signature is good for another length.
        if (this.log.length !== from && !this.#closed) {
          isLate()
          return
        }
        this.#refuseSource(id)
        if (isForged(error)) source.cutOff()
      })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#source?.stop()
    this.#source = null
    this.#download?.destroy()
    this.#download = null
    this.#sources.clear()
    await this.#appending
  }

  /** Nothing more is fetched until it is looked at again. */
  #stand(): void {
    this.#source?.stop()
    this.#source = null
    this.#dropBuffer()
    this.#useStock(false)
  }

  #refuseSource(id: string): void {
    this.#sources.get(id)?.stop()
    this.refuse(id)
  }

  #dropBuffer(): void {
    this.#buffer = []
    this.#bufferBytes = 0
    this.#bufferFrom = this.log.length
  }

  #best(): RunSource | null {
    let best: RunSource | null = null
    for (const source of this.#sources.values()) {
      if (this.#refused.has(source.id) || source.fork() !== this.log.fork || source.held() <= this.log.length) continue
      if (best === null || source.rank > best.rank || (source.rank === best.rank && source.held() > best.held())) best = source
    }
    return best
  }

  #useStock(on: boolean): void {
    this.log.followByStock(on)
    if (on && this.#download !== null && this.#goneVersion !== this.log.gone.version) {
      this.#download.destroy()
      this.#download = null
    }
    if (on && this.#download === null) {
      this.#goneVersion = this.log.gone.version
      const ranges = this.log.gone.wanted().map((range) => this.log.raw.download(range))
      this.#download = { destroy: () => ranges.forEach((range) => range.destroy()) }
    }
    if (!on && this.#download !== null) {
      this.#download.destroy()
      this.#download = null
    }
  }
}
