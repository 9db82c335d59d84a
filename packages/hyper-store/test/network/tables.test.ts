/** Tables between real stores: made on one, kept by a provider, with and without the key, read by a third as rows come. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { apiOf, codeOf, itemOf, pairWith, runningStore, whole } from '../fixtures/lab.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

process.env['HYPER_STORE_PASSPHRASE'] = 'correct horse battery'

/** Two stores that have the third as provider. */
async function storesAroundPi(stores: Stores): Promise<{ pi: TestStore; desk: TestStore; couch: TestStore }> {
  const pi = await runningStore(stores, 'pi')
  const desk = await runningStore(stores, 'desk')
  const couch = await runningStore(stores, 'couch')
  await pairWith(desk, pi)
  await pairWith(couch, pi)
  return { pi, desk, couch }
}

test('a table is made, kept by a provider that signs for it, and read by whoever has the link, rows as they come', async () => {
  await using stores = await createStores()
  const { pi, desk, couch } = await storesAroundPi(stores)
  const [atDesk, atCouch, atPi] = [await apiOf(desk), await apiOf(couch), await apiOf(pi)]

  const made = await atDesk.createTable({ title: 'birds', provider: 'pi' })
  assert.deepEqual([made.kind, made.title, made.rows, made.writable, made.kept, made.private], ['table', 'birds', 0, true, true, false])
  await atDesk.putRow(made.link, { key: 'crow' }, Buffer.from('{"legs":2}'))
  await atDesk.changeRows('birds', {
    changes: [
      { key: 'herons/grey', type: 'text', value: 'tall' },
      { key: 'gone', type: 'json', value: 1 },
    ],
  })
  await atDesk.deleteRow('birds', { key: 'gone' })

  const kept = await whole(pi, made.key, 5)
  assert.deepEqual([kept.kind, kept.title, kept.files, kept.state], ['table', 'birds', 0, 'up-to-date'])
  await itemOf(desk, made.key, ({ devices }) => devices.some(({ name, complete, at }) => name === 'pi' && complete && at !== null))
  assert.equal(await codeOf(atPi.putRow(made.key, { key: 'x' }, Buffer.from('1'))), 'NOT_WRITER')

  // By its link alone, without keeping it.
  const row = await atCouch.getRow(made.link, { key: 'crow' })
  assert.deepEqual([row.type, row.value], ['json', { legs: 2 }])
  assert.equal((await atCouch.getTable(made.link)).kept, false)

  // Nothing was known of the link when it was to lie in a folder.
  const wrong = path.join(couch.dir, 'wrong')
  await atCouch.addFolder({ link: made.link, path: wrong })
  const refused = await itemOf(couch, made.key, ({ problem }) => problem?.code === 'WRONG_KIND')
  assert.deepEqual([refused.kind, refused.state], ['table', 'error'])
  await atCouch.removeFolder(made.key, { deleteData: 'true' })

  await atCouch.addFolder({ link: made.link })
  const there = await whole(couch, made.key, 5)
  assert.deepEqual([there.kind, there.title], ['table', 'birds'])
  assert.equal(await codeOf(atCouch.addFolder({ link: made.link, path: `${couch.dir}/birds` })), 'WRONG_KIND')
  const end = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const change of atCouch.watchTable(made.link, { since: 0, signal: end.signal })) {
      seen.push(`${change.op} ${change.key}`)
      if (seen.length >= 6) end.abort()
    }
  })().catch(() => undefined)
  await until('the past', async () => seen.length >= 4)
  await atDesk.changeRows('birds', {
    changes: [
      { key: 'stork', type: 'json', value: null },
      { key: 'tern', type: 'json', value: 1 },
    ],
  })
  await until('what is new', async () => seen.length >= 6)
  end.abort()
  await watching
  assert.deepEqual(seen, ['put crow', 'put herons/grey', 'put gone', 'delete gone', 'put stork', 'put tern'])

  await desk.stop()
  await desk.serve()
  const again = await apiOf(desk)
  assert.deepEqual(
    (await again.getRows('birds', {})).rows.map(({ key }) => key),
    ['crow', 'herons/grey', 'stork', 'tern'],
  )
  await again.putRow('birds', { key: 'wren' }, Buffer.from('"small"'))
  await until('the new row', async () => (await atCouch.getTable(made.key)).rows === 5)
  assert.equal((await again.getRow('birds', { key: 'wren' })).value, 'small')
  assert.equal((await again.getFolder('birds')).kind, 'table')

  // Lost and restored: what came after the backup comes back, and the log goes on where it was.
  const file = path.join(stores.dir, 'desk.backup')
  await desk.ok(['backup', file])
  await again.putRow('birds', { key: 'after' }, Buffer.from('"the backup"'))
  const { version } = await again.getTable('birds')
  await whole(pi, made.key, version)
  await desk.stop()
  const anew = await stores.add('anew')
  await anew.ok(['restore-backup', file])
  await anew.serve(['--port', '0', '--lan-only', '--no-lan'])
  const atAnew = await apiOf(anew)
  await itemOf(anew, made.key, (item) => item.state === 'up-to-date' && item.version === version)
  assert.equal((await atAnew.getRow('birds', { key: 'after' })).value, 'the backup')
  await atAnew.putRow('birds', { key: 'anew' }, Buffer.from('1'))
  await until('the row after the restore', async () => (await atCouch.getTable(made.key)).rows === 7)
  assert.equal((await atCouch.getFolder(made.key)).problem, null)
})

test('a private table is kept blind, comes to whoever has the whole link, and goes on after a removal', async () => {
  await using stores = await createStores()
  const { pi, desk, couch } = await storesAroundPi(stores)
  const [atDesk, atCouch, atPi] = [await apiOf(desk), await apiOf(couch), await apiOf(pi)]
  const made = await atDesk.createTable({ title: 'diary', private: true, provider: 'pi', blind: true })
  await atDesk.putRow(made.link, { key: 'secret' }, Buffer.from('"a"'))
  const kept = await itemOf(pi, made.key, ({ state, version }) => state === 'up-to-date' && version === 2)
  assert.deepEqual([kept.kind, kept.mode, kept.private], ['table', 'keep-blind', true])
  assert.equal(await codeOf(atPi.getRows(made.key, {})), 'FORBIDDEN')
  await itemOf(desk, made.key, ({ devices }) => devices.some(({ name, complete }) => name === 'pi' && complete))

  await atCouch.addFolder({ link: made.link })
  await whole(couch, made.key, 2)
  assert.deepEqual(
    (await atCouch.getRows(made.key, {})).rows.map(({ value }) => value),
    ['a'],
  )
  assert.equal((await atCouch.getTable(made.key)).private, true)

  await atDesk.pauseFolder('diary')
  assert.equal((await atDesk.getFolder('diary')).state, 'paused')
  await atDesk.resumeFolder('diary', {})
  await atDesk.removeFolder('diary', {})
  await atDesk.addFolder({ link: made.link })
  await atDesk.putRow(made.link, { key: 'second' }, Buffer.from('"b"'))
  await until('the second row', async () => (await atCouch.getTable(made.key)).rows === 2)
})

test('rows are imported all or not at all, and what is wrong is told with its line', async () => {
  await using stores = await createStores()
  const desk = await runningStore(stores, 'desk')
  const api = await apiOf(desk)
  const { link } = await api.createTable({ title: 'many' })
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `{"key":"row/${i}","value":{"n":${i}}}\n`).join('')
  assert.equal((await api.importRows(link, Buffer.from(lines(1000)))).changed, 1000)
  const before = await api.getTable(link)
  assert.equal(before.rows, 1000)
  const wrong = api.importRows(link, Buffer.from(`${lines(2000)}\n{"key":"a/${'x'.repeat(5000)}","value":1}\n`))
  await assert.rejects(wrong, { code: 'BAD_ROW', message: /^Line 2002: the key has 5002 bytes/ })
  assert.equal((await api.getTable(link)).version, before.version)
  assert.deepEqual((await api.getRows(link, { shallow: 'true' })).subs, ['row/'])
  assert.equal((await api.getRows(link, { prefix: 'row/99', limit: '5' })).rows.length, 5)
  assert.equal((await api.getRows(`${link}/row`, { gte: '998' })).rows.length, 2)
})
