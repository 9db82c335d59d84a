/** The sessions of browsers in the home, for their owner alone. */
import { readFileSync } from 'node:fs'
import writeFileAtomic from 'write-file-atomic'
import type { SessionMemory } from '../http/sessions.ts'

/** Reads and writes the file at an absolute path. */
export function sessionMemory(file: string): SessionMemory {
  return {
    read() {
      try {
        return readFileSync(file, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    write(text) {
      writeFileAtomic.sync(file, text, { mode: 0o600 })
    },
  }
}
