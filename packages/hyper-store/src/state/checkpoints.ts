/** Signed lengths of a log, kept so that a peer which holds an older state can be given a proof it can check. */
import { AppError } from '@hyper-store/client/contract'
import type { Checkpoint, CheckpointLog } from '../core/ports.ts'
import { rangeOf, tablePrefix } from './level.ts'
import type { Level } from './level.ts'

/** Checkpoints of all logs; a newer one at the same length replaces the older. `core` is a log's discovery key in hex. */
export interface StoredCheckpoints extends CheckpointLog {
  /** The next checkpoints whose length is greater than `length`, ascending; at most `limit` (1 to 10,000). */
  after(core: string, length: number, limit: number): Promise<Checkpoint[]>
  /** Forgets checkpoints of forks before `fork`: the log was cut and they lead nowhere. Returns how many. */
  truncate(core: string, fork: number): Promise<number>
}

/** A signature of one key has 64 bytes; a log with a manifest wraps the signatures of its signers in a list. */
const SIGNATURE_BYTES = { least: 64, most: 4096 }
const HEAD_BYTES = 6

/** Makes the checkpoints table. */
export function createCheckpoints(level: Level): StoredCheckpoints {
  const prefixOf = (core: string) => tablePrefix('checkpoint', core)
  const decode = (key: string, value: Uint8Array): Checkpoint => {
    const length = Number.parseInt(key.slice(key.lastIndexOf('!') + 1), 16)
    if (value.length < HEAD_BYTES + SIGNATURE_BYTES.least || !Number.isSafeInteger(length)) {
      throw new AppError('STATE_DAMAGED', { path: 'the state (checkpoints)', reason: 'a record has another shape' })
    }
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    return { length, fork: bytes.readUIntBE(0, 6), signature: new Uint8Array(value.subarray(HEAD_BYTES)) }
  }
  return {
    async putMany(core, checkpoints) {
      const prefix = prefixOf(core)
      const writes = checkpoints.map(({ length, fork, signature }) => {
        if (
          !Number.isSafeInteger(length) ||
          length < 0 ||
          signature.length < SIGNATURE_BYTES.least ||
          signature.length > SIGNATURE_BYTES.most
        ) {
          throw new AppError('DEFECT', { reason: 'a checkpoint is not valid' })
        }
        const value = Buffer.allocUnsafe(HEAD_BYTES + signature.length)
        value.writeUIntBE(fork, 0, 6)
        value.set(signature, HEAD_BYTES)
        return { type: 'put' as const, key: prefix + lengthText(length), value: value as Uint8Array }
      })
      await level.batch<string, Uint8Array>(writes, { valueEncoding: 'view' })
    },
    async after(core, length, limit) {
      const prefix = prefixOf(core)
      const found: Checkpoint[] = []
      const rows = level.iterator<string, Uint8Array>({
        gt: prefix + lengthText(length),
        lt: rangeOf(prefix).lt,
        limit: Math.min(Math.max(1, limit), 10_000),
        valueEncoding: 'view',
      })
      for await (const [key, value] of rows) found.push(decode(key, value))
      return found
    },
    async truncate(core, fork) {
      const old: { type: 'del'; key: string }[] = []
      for await (const [key, value] of level.iterator<string, Uint8Array>({ ...rangeOf(prefixOf(core)), valueEncoding: 'view' })) {
        if (decode(key, value).fork < fork) old.push({ type: 'del', key })
      }
      await level.batch(old)
      return old.length
    },
  }
}

/** Fourteen hex digits hold 2^53, and text of one width sorts as the numbers do. */
function lengthText(length: number): string {
  return length.toString(16).padStart(14, '0')
}
