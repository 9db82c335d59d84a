/** A small HTTP server that speaks the contract from a table, for tests of its callers. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Item, ItemDevice } from '@hyper-store/client'

/** A request as a handler sees it; `path` is decoded, without query. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}
/** An answer: JSON with its status, or whatever the handler writes itself (`undefined`). */
export type Answer = { readonly status?: number; readonly json: unknown } | undefined
export type Handler = (seen: Seen, response: ServerResponse) => Answer | Promise<Answer>

export interface FakeStore extends AsyncDisposable {
  readonly url: string
  readonly seen: Seen[]
}

/** Starts it on a free loopback port. */
export async function startFakeStore(handler: Handler): Promise<FakeStore> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '/', 'http://fake')
    const one: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    }
    seen.push(one)
    const given = await handler(one, response)
    if (given === undefined) return
    response.writeHead(given.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(given.json))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A link that is valid and belongs to nobody. */
export const LINK = `hyper://${'y'.repeat(51)}o`

/** An item with defaults. */
export function makeItem(changes: Partial<Item> = {}): Item {
  return {
    kind: 'folder',
    link: LINK,
    key: LINK.slice('hyper://'.length),
    path: '/home/a/photos',
    title: 'photos',
    mode: 'send-receive',
    version: 12,
    files: 1234,
    bytes: 1_200_000_000,
    state: 'up-to-date',
    progress: 1,
    peers: 1,
    private: false,
    role: 'owner',
    devices: [makeDevice({ name: 'laptop', role: 'this' })],
    bytesPerSecond: 0,
    secondsLeft: null,
    problem: null,
    ...changes,
  }
}

/** A device of an item, complete unless told otherwise. */
export function makeDevice(changes: Partial<ItemDevice> & { name: string }): ItemDevice {
  return {
    key: changes.name.padEnd(52, 'y'),
    role: 'device',
    version: 12,
    complete: true,
    at: '2026-11-03T10:32:05.000Z',
    live: true,
    progress: 1,
    ...changes,
  }
}

/** A promise with its resolver outside. */
export function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve: () => resolve() }
}
