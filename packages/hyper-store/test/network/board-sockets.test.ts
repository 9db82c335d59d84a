/** The live connection of a board against strangers: other sites, wrong rights, garbage, and bytes without end. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WIRE, wireMessage, wireUpdate } from '@hyper-store/client/board'
import { WebSocket } from 'ws'
import { openBoardSocket } from '../fixtures/board-socket.ts'
import { apiOf, share } from '../fixtures/lab.ts'
import { tokenOf } from '../fixtures/page.ts'
import { put, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const OPTIONS = { timeout: 60_000 }
let stores: Stores
let laptop: TestStore
let key: string
let board: string
let cookie: string

before(async () => {
  stores = await createStores('hyper-store-sockets-')
  ;({ laptop } = await storesOnPorts(stores, ['laptop']))
  await put(laptop, 'plans/one.txt', 'x')
  ;({ key } = await share(laptop, 'plans'))
  board = (await (await apiOf(laptop)).createBoard(key, { title: 'Trip' })).id
  const session = await fetch(`${laptop.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: laptop.url },
    body: JSON.stringify({ token: await tokenOf(laptop) }),
  })
  cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
})
after(async () => stores?.[Symbol.asyncDispose]())

/** How a store answers a wish for a socket: the status of its refusal, or 101. */
async function answerTo(headers: Readonly<Record<string, string>>, id = board): Promise<number> {
  const socket = new WebSocket(`${laptop.url.replace('http', 'ws')}/api/v1/folders/${key}/boards/${id}/live`, { headers })
  try {
    return await new Promise<number>((resolve, reject) => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.once('error', reject)
    })
  } finally {
    socket.on('error', () => undefined)
    socket.terminate()
  }
}

test('a page of another site gets no socket, whatever cookie the browser sends along', OPTIONS, async () => {
  assert.equal(await answerTo({ cookie, origin: laptop.url }), 101)
  assert.equal(await answerTo({ cookie, origin: 'https://evil.example' }), 403)
  assert.equal(await answerTo({ cookie, origin: 'http://localhost:1' }), 403)
  assert.equal(await answerTo({ cookie, host: 'evil.example', origin: 'http://evil.example' }), 403)
  assert.equal(await answerTo({}), 401)
  assert.equal(await answerTo({ authorization: 'Bearer wrong' }), 401)
  assert.equal(await answerTo({ cookie, origin: laptop.url }, 'ab'.repeat(8)), 404)
})

test('garbage closes its socket, an update that does not parse or is too large is refused, and others go on', OPTIONS, async () => {
  await using good = await openBoardSocket(laptop, key, board)
  for (const message of [new Uint8Array(), new Uint8Array([99, 1, 2]), wireMessage(WIRE.saved, new Uint8Array(4))]) {
    await using bad = await openBoardSocket(laptop, key, board)
    bad.socket.send(message)
    await until('it is closed', () => bad.socket.readyState === bad.socket.CLOSED)
  }
  await using odd = await openBoardSocket(laptop, key, board)
  odd.socket.send(wireUpdate(1, new Uint8Array([255, 255, 255, 255])))
  odd.socket.send(wireUpdate(2, new Uint8Array(2 * 1024 * 1024)))
  await until('both are refused', () => odd.refused.length === 2)
  await using large = await openBoardSocket(laptop, key, board)
  large.socket.on('error', () => undefined)
  large.socket.send(wireUpdate(1, new Uint8Array(10 * 1024 * 1024)))
  await until('it is cut off', () => large.socket.readyState === large.socket.CLOSED)
  good.doc.getMap('board').set('title', 'Still here')
  await until('the others go on', () => good.unsaved === 0)
  assert.equal((await (await apiOf(laptop)).getBoard(key, board)).title, 'Still here')
})
