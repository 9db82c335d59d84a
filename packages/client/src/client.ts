/** The client: typed calls, events and waiting, for one store or for a provider through it. */
import type { ReceiptEvent, StoreEvent } from './contract/schemas.ts'
import { createByLink } from './by-link.ts'
import type { ByLink } from './by-link.ts'
import { readEvents } from './events.ts'
import type { EventsOptions } from './events.ts'
import { createOperations } from './operations.ts'
import type { Operations } from './operations.ts'
import type { Target } from './transport.ts'
import { waitForDevices } from './wait.ts'
import type { WaitOptions } from './wait.ts'

/** Options of `createClient`. */
export interface ClientOptions {
  /** Address of a store: `http://127.0.0.1:3472`. In a page that the store serves: `location.origin`. */
  readonly url: string
  /** Bearer token: the text of the home's `token` file, or the right that a pairing code was exchanged for. */
  readonly token?: string
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** `Origin` header for programs outside a browser; browsers set their own. */
  readonly origin?: string
}

/** A store, as a program sees it. */
export interface Client extends Operations, ByLink {
  /** The same calls to a provider that the store knows by name, made through the store; `local` is the store itself. */
  provider(name: string): Client
  /** Events from now on; reconnects by itself, ends when `signal` aborts. Throws when the first connection fails or the right was taken away. */
  events(options?: EventsOptions): AsyncGenerator<StoreEvent, void>
  /** One receipt per device once each holds the newest version of the folder. See `WaitOptions`; throws TIMED_OUT and CANCELLED. */
  wait(folder: string, options?: WaitOptions): Promise<ReceiptEvent[]>
}

/** Makes a client; nothing is sent before its first call. */
export function createClient(options: ClientOptions): Client {
  return clientOf({
    url: options.url.replace(/\/+$/, ''),
    token: options.token ?? null,
    // Browsers refuse a fetch that is called as a method of something else.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    origin: options.origin ?? null,
    provider: null,
  })
}

function clientOf(target: Target): Client {
  const calls = {
    ...createOperations(target),
    ...createByLink(target),
    provider: (name: string) => clientOf({ ...target, provider: name === 'local' ? null : name }),
    events: (options: EventsOptions = {}) => readEvents(target, options),
  }
  return { ...calls, wait: (folder, options = {}) => waitForDevices(calls, folder, options) }
}
