/** Handlers of the store itself: what it is, its health, its events, its description, its end. */
import type { StoreApi } from '../../core/store-api.ts'
import type { EventStreams } from '../events.ts'
import { openApiDocument } from '../openapi.ts'
import type { Handlers } from './call.ts'

/** Handlers of the store routes. `onDefect` hears of a stop that failed after its reply was sent. */
export function storeHandlers(
  store: StoreApi,
  streams: EventStreams,
  onDefect: (error: unknown) => void,
): Handlers<'getStore' | 'runDoctor' | 'createBackup' | 'stopService' | 'getEvents' | 'getOpenApi'> {
  return {
    getStore: async ({ caller }) => await store.info(caller),
    runDoctor: async () => await store.doctor(),
    createBackup: async ({ caller, body }) => await store.createBackup(caller, body.passphrase),
    stopService: async () => {
      // The reply goes first: stopping waits for the requests that run, and this is one of them.
      setImmediate(() => {
        store.stop().catch(onDefect)
      })
      return { ok: true }
    },
    getEvents: async ({ query, context }) => streams.open(context, query.folder ?? null),
    getOpenApi: async ({ context }) => {
      const { version } = await store.info(null)
      return context.json(openApiDocument(version))
    },
  }
}
