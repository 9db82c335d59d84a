/** Open and staged files of the folder in memory. */
import type { FolderPath, LocalFile, LocalNode } from '../core/entries.ts'
import { FileChanged } from '../core/ports.ts'
import type { FileFacts, OpenFile, StagedFile } from '../core/ports.ts'
import type { MemoryNode } from './memory-tree.ts'

/** Opens what `node` gives; reads the bytes as they are at each read, as a disk does. Throws `FileChanged` when it is no file. */
export function openMemoryFile(path: FolderPath, node: () => MemoryNode | undefined, look: () => LocalNode | null): OpenFile {
  const file = node()
  const seen = look()
  if (file?.kind !== 'file' || seen?.kind !== 'file') throw new FileChanged(`${path} is not there any more`)
  return {
    seen,
    async read(buffer, position) {
      const length = Math.min(buffer.byteLength, seen.size - position)
      if (length <= 0) return 0
      const bytes = file.bytes.subarray(position, position + length)
      if (bytes.byteLength < length) throw new FileChanged(`${path} has become shorter`)
      buffer.set(bytes)
      return length
    },
    async lookAgain() {
      const now = look()
      return now?.kind === 'file' ? now : null
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Gives the bytes of a file that still is `seen`, else null. */
export type FileSource = (path: FolderPath, seen: LocalFile) => Uint8Array | null

/** A staged file in memory. */
export class MemoryStagedFile implements StagedFile {
  /** Which start of the process made it. */
  readonly life: number
  readonly #source: FileSource
  readonly #step: (name: string) => void
  #bytes = new Uint8Array()
  #facts: FileFacts | null = null

  constructor(source: FileSource, step: (name: string) => void, life: number) {
    this.#source = source
    this.#step = step
    this.life = life
  }

  async write(data: Uint8Array | readonly Uint8Array[], position: number): Promise<void> {
    this.#mustBeOpen()
    this.#step('write')
    let at = position
    for (const part of data instanceof Uint8Array ? [data] : data) {
      this.#resize(Math.max(this.#bytes.byteLength, at + part.byteLength))
      this.#bytes.set(part, at)
      at += part.byteLength
    }
  }

  async copyFrom(path: FolderPath, seen: LocalFile, range: { from: number; length: number; to: number }): Promise<boolean> {
    const bytes = this.#source(path, seen)
    if (bytes === null || range.from + range.length > bytes.byteLength) return false
    await this.write(bytes.subarray(range.from, range.from + range.length), range.to)
    return true
  }

  async copyWhole(path: FolderPath, seen: LocalFile): Promise<boolean> {
    const bytes = this.#source(path, seen)
    if (bytes === null) return false
    this.#mustBeOpen()
    this.#step('write')
    this.#bytes = Uint8Array.from(bytes)
    return true
  }

  async finish(facts: FileFacts): Promise<void> {
    this.#mustBeOpen()
    this.#step('finish')
    this.#resize(facts.size)
    this.#facts = facts
  }

  async discard(): Promise<void> {
    this.#bytes = new Uint8Array()
    this.#facts = null
  }

  /** The finished content. */
  content(): { bytes: Uint8Array; facts: FileFacts } {
    if (this.#facts === null) throw new Error('the staged file is not finished')
    return { bytes: this.#bytes, facts: this.#facts }
  }

  #mustBeOpen(): void {
    if (this.#facts !== null) throw new Error('the staged file is finished')
  }

  #resize(size: number): void {
    if (size === this.#bytes.byteLength) return
    const bytes = new Uint8Array(size)
    bytes.set(this.#bytes.subarray(0, size))
    this.#bytes = bytes
  }
}
