/** The clock of the machine. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../core/ports.ts'

/** Wall-clock time and real waiting; a wait does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, options) => sleep(ms, undefined, { ref: false, ...(options?.signal === undefined ? {} : { signal: options.signal }) }),
}
