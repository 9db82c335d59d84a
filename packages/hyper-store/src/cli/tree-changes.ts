/** Says when a side of a live sync may have something new: by events of the store, by the version of a link, or by looking now and then. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@hyper-store/client'
import { errorCode } from '@hyper-store/client/contract'

/** How often a link that is not kept here is asked for its version. */
const LOOK_MS = 2000
const LEAST_MS = 1000
const MOST_MS = 60_000
/** Changes come in bursts. */
const SETTLE_MS = 200

/** By events of a folder that the store keeps; also once at the start and after each break, when some may have been missed. */
export async function* keptChanges(client: Client, key: string, signal: AbortSignal): AsyncGenerator<void> {
  const state: { dirty: boolean; over: boolean; error: unknown; wake: () => void } = {
    dirty: false,
    over: false,
    error: null,
    wake: () => {},
  }
  const hint = () => {
    state.dirty = true
    state.wake()
  }
  const end = (error: unknown) => {
    Object.assign(state, { over: true, error })
    state.wake()
  }
  // By hand: a joint signal may be collected as garbage while somebody still listens to it.
  const stop = new AbortController()
  const abort = () => stop.abort()
  signal.addEventListener('abort', abort)
  const follow = async () => {
    for await (const event of client.events({ folder: key, signal: stop.signal, onConnection: (connected) => connected && hint() }))
      if (event.event === 'change' || event.event === 'item') hint()
  }
  follow().then(() => end(null), end)
  try {
    for (;;) {
      if (!state.dirty && !state.over) await new Promise<void>((resolve) => (state.wake = resolve))
      if (state.over) break
      await sleep(SETTLE_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      state.dirty = false
      yield
    }
    if (state.error !== null && !signal.aborted) throw state.error
  } finally {
    signal.removeEventListener('abort', abort)
    stop.abort()
  }
}

/** By the version of a link that is not kept; nobody may have it for a while. */
export async function* versionChanges(
  client: Client,
  thing: { readonly ref: string; readonly version: number },
  signal: AbortSignal,
): AsyncGenerator<void> {
  let { version } = thing
  for (;;) {
    try {
      await sleep(LOOK_MS, undefined, { signal })
      const now = await client.getThing(thing.ref, { signal })
      if (now.version === version) continue
      version = now.version
    } catch (error) {
      if (signal.aborted) return
      if (errorCode(error) !== 'NO_PEER') throw error
      continue
    }
    yield
  }
}

/** Every second, and less often where looking takes long, which `tookMs` tells: at most a tenth of the time goes into it. */
export async function* lookNowAndThen(signal: AbortSignal, tookMs: () => number): AsyncGenerator<void> {
  while (!signal.aborted) {
    await sleep(Math.max(LEAST_MS, Math.min(MOST_MS, tookMs() * 9)), undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    yield
  }
}
