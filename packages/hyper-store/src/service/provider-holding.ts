/** Asks providers whether they still keep the folders that they are said to keep: who does not counts as holding no more. */
import { ROUTES, StoreInfo } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { parseKey } from '../core/links.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { createSerial, type Serial } from '../lib/serial.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { type ProviderReply, type ProviderRequest, type Providers, readLimited } from './providers.ts'
import type { ReceiptBook } from './receipt-book.ts'

/** What happens to a connection at once is one occasion to ask. */
const SOON_MS = 100
/** How long a provider has to answer. */
const ANSWER_MS = 8_000
/** Path of the call that removes a folder. */
const REMOVED = /^\/api\/v1\/folders\/([^/?]+)(?:\?|$)/u

const Unknown = v.object({ error: v.object({ code: v.literal('UNKNOWN_FOLDER') }) })

/** What asking needs from the store around it. */
export interface ProviderHoldingOptions {
  readonly providers: Providers
  readonly receipts: ReceiptBook
  readonly replication: Replication
  readonly folders: () => KeptFolders
  /** A provider was found to keep a folder no more. */
  readonly onDropped: (folder: KeptFolder) => void
}

/** Asks on each occasion, until `close`. Who can't be reached or gives no right is believed as before. */
export class ProviderHolding {
  readonly #o: ProviderHoldingOptions
  readonly #stop = new AbortController()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  /** One round with each provider at a time, by its name. */
  readonly #rounds = new Map<string, Serial>()

  constructor(options: ProviderHoldingOptions) {
    this.#o = options
  }

  /** A device is connected again, or let go of something: as a provider it is asked soon. */
  connected(deviceKey: string): void {
    if (this.#stop.signal.aborted || this.#timers.has(deviceKey)) return
    const ask = (): void => {
      this.#timers.delete(deviceKey)
      const name = this.#o.providers.nameOfDevice(deviceKey)
      if (name !== null) void this.#ask(name, null)
    }
    this.#timers.set(deviceKey, setTimeout(ask, SOON_MS))
  }

  /** Calls a provider; after a call that removed a folder there it is asked, before the answer is given. Throws what `Providers.call` does. */
  async call(name: string, request: ProviderRequest): Promise<ProviderReply> {
    const reply = await this.#o.providers.call(name, request)
    const removed = request.method === 'DELETE' && reply.status < 400 ? REMOVED.exec(request.path)?.[1] : undefined
    // By another word than its key it may be any.
    if (removed !== undefined) await this.#ask(name, parseKey(removed))
    return reply
  }

  /** Asks nobody any more. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all([...this.#rounds.values()].map(async (round) => round.run(async () => undefined)))
  }

  /** Asks about one folder, or about all that the provider is said to keep. Never throws. */
  async #ask(name: string, key: string | null): Promise<void> {
    const round = this.#rounds.get(name) ?? createSerial()
    this.#rounds.set(name, round)
    await round.run(async () => this.#askAll(name, key)).catch(() => undefined)
  }

  async #askAll(name: string, key: string | null): Promise<void> {
    const { providers, receipts, folders } = this.#o
    const device = providers.keyOf(name)
    if (device === null || this.#stop.signal.aborted) return
    const asked = folders().all.filter(
      (folder) =>
        (key === null || folder.key === key) && (folder.record.providers.includes(name) || receipts.of(folder.key, device) !== null),
    )
    if (asked.length === 0) return
    // At its address there may be another store by now.
    const info = await providers.callJson(name, 'GET', ROUTES.getStore.path, { schema: StoreInfo })
    if (info.deviceKey !== device) return
    for (const folder of asked) await this.#askOne(name, device, folder)
  }

  async #askOne(name: string, device: string, folder: KeptFolder): Promise<void> {
    const { blindProviders } = folder.record
    const droppedAt = await this.#keptNoMoreAt(name, folder.key)
    if (droppedAt === null || this.#stop.signal.aborted || this.#o.folders().get(folder.key) !== folder) return
    // It was asked to keep it meanwhile (which makes this list anew): the answer may be older than that.
    if (folder.record.blindProviders !== blindProviders) {
      await this.#askOne(name, device, folder)
      return
    }
    await this.#o.receipts.drop(folder.key, droppedAt, device)
    const stays = (other: string): boolean => this.#o.providers.keyOf(other) !== device
    const { record } = folder
    await folder.remember({ providers: record.providers.filter(stays), blindProviders: record.blindProviders.filter(stays) })
    for (const { shared } of [...folder.set.all, ...folder.set.boards.all]) this.#o.replication.offerAnew(shared, device)
    // What was lent in trust on it is to be stored again.
    folder.retainer.soon()
    this.#o.onDropped(folder)
  }

  /** The moment, by the provider's clock, at which it answered that it does not know the folder; null for any other answer. */
  async #keptNoMoreAt(name: string, key: string): Promise<number | null> {
    const reply = await this.#o.providers.call(name, {
      method: 'GET',
      path: ROUTES.getFolder.path.replace(':folder', key),
      body: null,
      accept: 'application/json',
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    const text = reply.body === null ? '' : await readLimited(reply.body)
    if (reply.status !== 404 || !v.is(Unknown, parsed(text))) return null
    // Its receipts are dated by the same clock. Whole seconds: never later than the answer.
    const at = Date.parse(reply.headers['date'] ?? '')
    return Number.isSafeInteger(at) && at >= 0 ? at : Date.now()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
