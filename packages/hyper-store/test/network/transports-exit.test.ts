/** A process that closes its transports ends by itself: no socket, timer or table node is left behind. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDevice } from '../fixtures/device-process.ts'
import { createTestnet } from '../fixtures/testnet.ts'

test('processes that are connected over TCP and the internet end by themselves after close()', async () => {
  await using testnet = await createTestnet()
  const shared = { bootstrap: testnet.bootstrap, topic: '07'.repeat(32) }
  const pi = await startDevice({ ...shared, listen: '127.0.0.1' })
  const port = pi.lines[0]?.['port']
  const laptop = await startDevice({ ...shared, dial: `http://127.0.0.1:${String(port)}` })
  await laptop.line('a connection', ({ event }) => event === 'open')
  assert.deepEqual(await Promise.all([laptop.end(), pi.end()]), [0, 0])
})

test('a process that finds nobody ends by itself after close()', async () => {
  const lonely = await startDevice({ bootstrap: ['127.0.0.1:9'], topic: '08'.repeat(32), dial: 'http://127.0.0.1:9' })
  assert.equal(await lonely.end(), 0)
})
