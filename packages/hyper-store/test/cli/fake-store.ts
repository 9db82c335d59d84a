/** A small HTTP server that speaks the contract from a table, for tests of what commands print. */
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Item, ItemDevice } from '@hyper-store/client'

/** `GET /api/v1/folders` → what to answer; a function gets the body of the request. */
export type Answers = Record<string, unknown>

export interface FakeStore extends AsyncDisposable {
  readonly url: string
  /** Calls as `GET /api/v1/folders`, in order, without those that find the service. */
  readonly calls: string[]
  readonly bodies: unknown[]
}

export const KEY = `${'y'.repeat(51)}o`
export const LINK = `hyper://${KEY}`
export const AT = '2026-11-03T10:32:05.000Z'

/** Starts it and writes the home so that commands find it. Paths that are not in the table answer 404 UNKNOWN_FOLDER. */
export async function startFakeStore(home: string, answers: Answers): Promise<FakeStore> {
  const calls: string[] = []
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const call = `${request.method} ${decodeURIComponent(request.url ?? '')}`
      const body: unknown = text === '' ? null : JSON.parse(text)
      if (call !== 'GET /api/v1/store') {
        calls.push(call)
        bodies.push(body)
      }
      const store = { name: 'laptop', deviceKey: KEY, version: '0.1.0', role: 'owner', url: 'http://here', pid: process.pid }
      const found = { 'GET /api/v1/store': store, ...answers }[call]
      const answer: unknown = typeof found === 'function' ? (found as (body: unknown) => unknown)(body) : found
      if (call.startsWith('GET /api/v1/events') && Array.isArray(answer)) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const event of answer) response.write(`data: ${JSON.stringify(event)}\n\n`)
        return
      }
      const missing = {
        error: { code: 'UNKNOWN_FOLDER', message: '"x" is not kept here; hyper-store list shows what is', data: { ref: 'x' } },
      }
      const failed = answer === undefined || (answer !== null && typeof answer === 'object' && 'error' in answer)
      response.writeHead(failed ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? missing))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await mkdir(home, { recursive: true })
  await writeFile(path.join(home, 'service.json'), JSON.stringify({ url, pid: process.pid, startedAt: AT }))
  await writeFile(path.join(home, 'token'), 'secret\n')
  return {
    url,
    calls,
    bodies,
    async [Symbol.asyncDispose]() {
      // The tests' own process is no service: nobody may end it.
      await writeFile(path.join(home, 'service.json'), '{}')
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An item with defaults. */
export function makeItem(changes: Partial<Item> = {}): Item {
  return {
    kind: 'folder',
    link: LINK,
    key: KEY,
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
    devices: [makeDevice({ name: 'laptop', role: 'this' }), makeDevice({ name: 'raspberry', role: 'provider' })],
    bytesPerSecond: 0,
    secondsLeft: null,
    problem: null,
    ...changes,
  }
}

/** A device of an item, complete unless told otherwise. */
export function makeDevice(changes: Partial<ItemDevice> & { name: string }): ItemDevice {
  const key = changes.name.padEnd(52, 'y')
  return { key, role: 'device', version: 12, complete: true, at: AT, live: true, progress: 1, ...changes }
}
