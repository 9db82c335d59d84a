/** What users of the soak saved, and what became of it by their own hands: the measure of whether a byte was lost. */
import { createCipheriv, createHash } from 'node:crypto'

/** Content that was complete under some name on some disk. */
export interface Saved {
  readonly hash: string
  readonly size: number
  /** Where it was saved first. */
  readonly path: string
  readonly device: string
  /** Seconds since the start. */
  readonly at: number
  /** Modification time of the file that was saved. */
  readonly mtimeMs: number
  /** A store said that it had looked at it, or it arrived at another device. */
  published: boolean
  /** The last user who overwrote or deleted it; null while nobody did. */
  taken: { readonly device: string; readonly how: string; readonly path: string; readonly at: number } | null
}

/** One thing that happened, for the reader of a failure. */
export interface Line {
  readonly at: number
  readonly device: string
  readonly text: string
  readonly paths: readonly string[]
}

/** Everything that was ever saved in a soak. */
export class Ledger {
  readonly #seed: number
  readonly #begin = performance.now()
  readonly #saved = new Map<string, Saved>()
  /** Content that users never meant: what a file holds between two writes of one save. */
  readonly #passing = new Set<string>([hashOf(Buffer.alloc(0))])
  readonly #sizes = new Set<number>()
  readonly #lines: Line[] = []
  #count = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Seconds since the start. */
  get now(): number {
    return (performance.now() - this.#begin) / 1000
  }
  get saved(): Iterable<Saved> {
    return this.#saved.values()
  }
  get lines(): readonly Line[] {
    return this.#lines
  }

  /** A size that nothing else has, so that the history can be searched by it. */
  freeSize(wanted: number): number {
    let size = wanted
    while (this.#sizes.has(size)) size++
    this.#sizes.add(size)
    return size
  }

  /** Bytes that nothing else has. */
  freshBytes(size: number): Buffer {
    const key = createHash('sha256')
      .update(`soak ${this.#seed} ${this.#count++}`)
      .digest()
    return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
  }

  save(bytes: Buffer, where: { device: string; path: string; mtimeMs: number }): string {
    const hash = hashOf(bytes)
    const known = this.#saved.get(hash)
    // Brought back by a copy or a rename: it counts again.
    if (known !== undefined) known.taken = null
    else this.#saved.set(hash, { hash, size: bytes.length, ...where, at: this.now, published: false, taken: null })
    return hash
  }

  pass(bytes: Buffer): void {
    this.#passing.add(hashOf(bytes))
  }

  /** A user overwrote or deleted this content, having it before the eyes. */
  take(hash: string, by: { device: string; how: string; path: string }): void {
    const known = this.#saved.get(hash)
    if (known === undefined) return
    if (known.device !== by.device) known.published = true
    known.taken = { ...by, at: this.now }
  }

  /** Content of this size, as long as it was still there, was put away by a decision. */
  takeSize(size: number, by: { device: string; how: string; path: string }): void {
    for (const known of this.#saved.values()) if (known.size === size && known.taken === null) known.taken = { ...by, at: this.now }
  }

  publish(hash: string): void {
    const known = this.#saved.get(hash)
    if (known !== undefined) known.published = true
  }

  get(hash: string): Saved | undefined {
    return this.#saved.get(hash)
  }
  knows(hash: string): boolean {
    return this.#saved.has(hash) || this.#passing.has(hash)
  }

  tell(device: string, text: string, paths: readonly string[] = []): void {
    this.#lines.push({ at: this.now, device, text, paths })
  }
}

/** SHA-256, in hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
