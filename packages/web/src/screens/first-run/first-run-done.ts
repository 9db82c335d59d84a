/** Whether somebody went through the first steps in this browser, of which store. */
import { keptChoice } from '../../live/kept-choice.ts'

const done = keptChoice('hyper-store.first-run', (known) => (typeof known === 'string' ? known : null))

/** True once the first steps were gone through, or left for good. */
export function isFirstRunDone(deviceKey: string): boolean {
  return done.get() === deviceKey
}

/** Remembers it. */
export function setFirstRunDone(deviceKey: string): void {
  done.set(deviceKey)
}
