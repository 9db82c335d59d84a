/** Gives memory back once nothing moves: what a transfer needed is not kept by an idle store. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { dropCachedBlocks } from '../hyper/block-cache.ts'

/** A store that never held much has nothing to give back, and asking would cost it memory. */
const WORTH_IT_BYTES = 115 * 1024 * 1024

let collect: (() => void) | null = null

/** Drops caches and collects garbage; some ten milliseconds. Called when a store has been quiet for a while. */
export function releaseIdleMemory(): void {
  dropCachedBlocks()
  if (process.memoryUsage.rss() < WORTH_IT_BYTES) return
  if (collect === null) {
    // V8 shrinks its heap on a full collection only, and an idle process asks for none.
    setFlagsFromString('--expose-gc')
    const gc: unknown = runInNewContext('gc')
    collect = typeof gc === 'function' ? () => void gc() : () => undefined
  }
  collect()
}
