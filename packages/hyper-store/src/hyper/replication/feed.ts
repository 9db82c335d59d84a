/** Sends one log to one peer: runs of signed blocks, as many as the peer has room for, then whatever is appended later. */
import type { LogCore } from '../log-core.ts'
import type { LogName, Run } from './messages.ts'
import { RUN_BLOCKS } from './messages.ts'

/** Bytes sent to a peer and not yet acknowledged, for one log. */
const WINDOW_BYTES = 4 * 1024 * 1024
/** Bytes in one message, and in one run between two signatures. */
const PIECE_BYTES = 512 * 1024
const RUN_BYTES = 32 * 1024 * 1024

/** One peer's `want` being served. */
export class Feed {
  readonly log: LogCore
  readonly name: LogName
  readonly #drive: Uint8Array
  readonly #send: (run: Run) => void
  readonly #onStop: (reason: 'no-checkpoints') => void
  readonly #stopListening: () => void
  #sent: number
  #acked: number
  #unacked: { length: number; bytes: number }[] = []
  #unackedBytes = 0
  #manifest: Uint8Array | null
  #pumping = false
  #again = false
  #closed = false
  /** Bytes sent since the feed began. */
  bytes = 0

  constructor(options: {
    drive: Uint8Array
    name: LogName
    log: LogCore
    from: number
    manifest: Uint8Array | null
    send: (run: Run) => void
    onStop: (reason: 'no-checkpoints') => void
  }) {
    this.log = options.log
    this.name = options.name
    this.#drive = options.drive
    this.#sent = options.from
    this.#acked = options.from
    this.#manifest = options.manifest
    this.#send = options.send
    this.#onStop = options.onStop
    this.#stopListening = this.log.onGrown(() => this.pump())
    this.pump()
  }

  /** The peer has stored the log up to `length`. */
  acknowledge(length: number): void {
    if (length <= this.#acked || length > this.#sent) return
    this.#acked = length
    while (this.#unacked[0] !== undefined && this.#unacked[0].length <= length) this.#unackedBytes -= this.#unacked.shift()?.bytes ?? 0
    this.pump()
  }

  pump(): void {
    if (this.#closed) return
    this.#again = true
    if (this.#pumping) return
    this.#pumping = true
    void this.#loop()
  }

  close(): void {
    this.#closed = true
    this.#stopListening()
  }

  async #loop(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        await this.#sendRuns()
      }
    } catch {
      this.close() // the log was closed under us; the peer asks again when it matters
    } finally {
      this.#pumping = false
    }
  }

  async #sendRuns(): Promise<void> {
    // Nothing new is the usual answer to growth and acknowledgements: it needs no look into the database.
    while (!this.#closed && this.#unackedBytes < WINDOW_BYTES && this.#sent < this.log.contiguous) {
      const checkpoints = await this.log.checkpointsAfter(this.#sent, 64)
      if (checkpoints.length === 0) return
      for (const checkpoint of checkpoints) {
        if (this.#closed || this.#unackedBytes >= WINDOW_BYTES) break
        if (!(await this.#sendRun(checkpoint.length, checkpoint.signature))) return
      }
    }
  }

  /** Sends blocks up to `end` with the signature on the last piece; false when the run is too big to be verified at once. */
  async #sendRun(end: number, signature: Uint8Array): Promise<boolean> {
    let bytes = 0
    let pieceBytes = 0
    let from = this.#sent
    let piece: Uint8Array[] = []
    const flush = (last: boolean) => {
      this.#send({
        drive: this.#drive,
        log: this.name,
        fork: this.log.fork,
        from,
        blocks: piece,
        signature: last ? signature : null,
        manifest: this.#manifest,
      })
      this.#manifest = null
      from += piece.length
      piece = []
      pieceBytes = 0
    }
    for (let at = this.#sent; at < end;) {
      const to = Math.min(end, at + this.#blocksAtOnce())
      for (const block of await this.log.readRaw(at, to)) {
        piece.push(block)
        pieceBytes += block.byteLength
        bytes += block.byteLength
        if (bytes > RUN_BYTES) {
          this.#onStop('no-checkpoints')
          this.close()
          return false
        }
        const done = from + piece.length
        if (done < end && (pieceBytes >= PIECE_BYTES || piece.length >= RUN_BLOCKS)) flush(false)
      }
      if (this.#closed) return false
      at = to
    }
    flush(true)
    this.#sent = end
    this.bytes += bytes
    this.#unacked.push({ length: end, bytes })
    this.#unackedBytes += bytes
    return true
  }

  /** Blocks read together: about one message of them. */
  #blocksAtOnce(): number {
    const average = Math.max(1, this.log.raw.byteLength / Math.max(1, this.log.raw.length))
    return Math.max(4, Math.min(1024, Math.ceil(PIECE_BYTES / average)))
  }
}
