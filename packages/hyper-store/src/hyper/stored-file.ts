/** Content that the folder has already, as a file to be stored again. */
import type { FileEntry } from '../core/entries.ts'
import type { OpenFile } from '../core/ports.ts'

/** The file of an entry. `read` gives a range of its content; what it throws comes out of the file's `read`. */
export function storedFile(entry: FileEntry, read: (range: { start: number; end: number }) => AsyncIterable<Uint8Array>): OpenFile {
  const { size, mtimeMs, executable } = entry
  const seen = { kind: 'file', size, mtimeMs, ctimeMs: mtimeMs, ino: 0, executable } as const
  return {
    seen,
    async read(buffer, position) {
      const end = Math.min(size, position + buffer.byteLength)
      let at = 0
      if (end > position) {
        for await (const piece of read({ start: position, end })) {
          buffer.set(piece, at)
          at += piece.byteLength
        }
      }
      return at
    },
    lookAgain: async () => seen,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
