/** Addresses of stores that have a folder, out of invites: dialled for as long as the folder is joined or kept. */
import type { ConnectionBook } from '../hyper/transports/connections.ts'
import { ProviderDialer } from '../hyper/transports/provider-dialer.ts'

/** So many addresses are dialled in all. */
const MAX_ADDRESSES = 64

/** Dials each address once, however many folders name it. */
export class Addresses {
  readonly #book: () => ConnectionBook
  /** This store's own addresses are left out. */
  readonly #isOwn: (url: string) => boolean
  readonly #dialers = new Map<string, { readonly dialer: ProviderDialer; readonly folders: Set<string> }>()

  constructor(options: { book: () => ConnectionBook; isOwn: (url: string) => boolean }) {
    this.#book = options.book
    this.#isOwn = options.isOwn
  }

  /** Dials the addresses that a folder's invite named; malformed ones are left out. */
  use(folder: string, urls: readonly string[]): void {
    for (const url of urls) {
      if (!isHttpUrl(url) || this.#isOwn(url)) continue
      const known = this.#dialers.get(url)
      if (known !== undefined) known.folders.add(folder)
      else if (this.#dialers.size < MAX_ADDRESSES)
        this.#dialers.set(url, { dialer: new ProviderDialer({ url, book: this.#book(), via: 'direct' }), folders: new Set([folder]) })
    }
  }

  /** A folder needs its addresses no more. */
  drop(folder: string): void {
    for (const [url, { dialer, folders }] of this.#dialers) {
      folders.delete(folder)
      if (folders.size > 0) continue
      this.#dialers.delete(url)
      void dialer.close()
    }
  }

  async close(): Promise<void> {
    for (const { dialer } of this.#dialers.values()) await dialer.close()
    this.#dialers.clear()
  }
}

function isHttpUrl(text: string): boolean {
  try {
    const { protocol } = new URL(text)
    return protocol === 'http:' || protocol === 'https:'
  } catch {
    return false
  }
}
