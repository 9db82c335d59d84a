/** Blocks that content under way rests on: stored or pointed to, and not yet told of by a record. Reclaim leaves them alone. */
import type { ContentRef } from '../core/entries.ts'

/** Content that no record told of by then is given up: its writer failed, or found nothing new to tell. */
const EXPIRES_MS = 10 * 60_000

/** The pinned blocks of one log, and the holds on content that its drive will tell of. */
export class Pins {
  readonly #counts = new Map<number, number>()
  readonly #holds = new Map<string, Set<Hold>>()

  has(index: number): boolean {
    return this.#counts.has(index)
  }

  /** Starts a hold; to be given the content that it is for, or released. */
  hold(): Hold {
    return new Hold(this)
  }

  /** Records tell of these contents now. */
  told(contents: readonly ContentRef[]): void {
    for (const content of contents) for (const hold of this.#holds.get(nameOf(content)) ?? []) hold.told(nameOf(content))
  }

  /** For holds only. */
  change(index: number, by: 1 | -1): void {
    const count = (this.#counts.get(index) ?? 0) + by
    if (count > 0) this.#counts.set(index, count)
    else this.#counts.delete(index)
  }
  /** For holds only. */
  register(name: string, hold: Hold, on: boolean): void {
    const holds = this.#holds.get(name) ?? new Set()
    if (on) holds.add(hold)
    else holds.delete(hold)
    if (holds.size === 0) this.#holds.delete(name)
    else this.#holds.set(name, holds)
  }
}

/** Blocks that one step of storing needs, in any log. */
export class Hold {
  readonly #own: Pins
  readonly #blocks: [Pins, number][] = []
  readonly #waiting = new Set<string>()
  #timer: NodeJS.Timeout | null = null

  constructor(own: Pins) {
    this.#own = own
  }

  add(pins: Pins, index: number): void {
    this.#blocks.push([pins, index])
    pins.change(index, 1)
  }
  addRange(pins: Pins, start: number, count: number): void {
    for (let i = 0; i < count; i++) this.add(pins, start + i)
  }

  /** Holds on until all these contents are told of, for ten minutes at most. */
  until(contents: readonly (ContentRef | null)[]): void {
    for (const content of contents) {
      if (content === null) continue
      const name = nameOf(content)
      this.#waiting.add(name)
      this.#own.register(name, this, true)
    }
    if (this.#waiting.size === 0) this.release()
    else this.#timer ??= setTimeout(() => this.release(), EXPIRES_MS).unref()
  }

  told(name: string): void {
    this.#waiting.delete(name)
    this.#own.register(name, this, false)
    if (this.#waiting.size === 0) this.release()
  }

  release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const name of this.#waiting) this.#own.register(name, this, false)
    this.#waiting.clear()
    for (const [pins, index] of this.#blocks) pins.change(index, -1)
    this.#blocks.length = 0
  }
}

function nameOf(content: ContentRef): string {
  return `${content.blockOffset}+${content.blockLength}`
}
