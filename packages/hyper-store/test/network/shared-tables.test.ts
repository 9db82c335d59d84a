/** Tables in folders that several real stores share: written on all sides, apart and together, by those who may. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RowEvent } from '@hyper-store/client'
import { apiOf, codeOf, itemOf, pairWith } from '../fixtures/lab.ts'
import { invite, join, membersOf, placesOf, put, sameTrees, shareWith, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const TIMEOUT = { timeout: 120_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore
let sam: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  ;({ ana, ben, sam, raspberry: pi } = await storesOnPorts(stores, ['ana', 'ben', 'sam', 'raspberry']))
  await pairWith(ana, pi)
})
after(async () => stores[Symbol.asyncDispose]())

async function putRow(store: TestStore, table: string, key: string, value: unknown): Promise<void> {
  await (await apiOf(store)).putRow(table, { key }, Buffer.from(JSON.stringify(value)))
}

/** Rows of a table as key → value. */
async function rowsOf(store: TestStore, table: string): Promise<Record<string, unknown>> {
  const { rows } = await (await apiOf(store)).getRows(table, {})
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

/** Waits until all these stores show the same rows, and `fits` holds. */
async function sameRows(
  all: readonly TestStore[],
  table: string,
  fits: (rows: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  let last: Record<string, unknown>[] = []
  try {
    await until(
      'the same rows',
      async () => {
        // Who just joined may not have the beginning of the folder yet.
        last = await Promise.all(all.map(async (store) => rowsOf(store, table).catch((error: unknown) => ({ error: String(error) }))))
        return last.every((rows) => fits(rows) && JSON.stringify(rows) === JSON.stringify(last[0]))
      },
      30_000,
    )
  } catch (error) {
    throw new Error(`The rows were last ${JSON.stringify(last)}`, { cause: error })
  }
  return last[0] ?? {}
}

test('two stores write one table together and apart, see it live, and have it after a restart', TIMEOUT, async () => {
  const key = await shareWith(ana, 'birds-folder', [ben], { guestsWrite: true })
  const made = await (await apiOf(ana)).createTable({ title: 'birds', folder: key })
  assert.deepEqual([made.shared, made.writable, made.rows, made.title], [true, true, 0, 'birds'])
  const table = made.link
  const heard: RowEvent[] = []
  const stop = new AbortController()
  const watching = (async () => {
    for await (const event of (await apiOf(ben)).watchTable(table, { signal: stop.signal, since: 0 })) heard.push(event)
  })().catch(() => undefined)
  await putRow(ana, table, 'crow', { colour: 'black' })
  await putRow(ben, table, 'heron', 'grey')
  await sameRows([ana, ben], table, (rows) => Object.keys(rows).length === 2)
  await until('both rows are heard', () => heard.length === 2)
  stop.abort()
  await watching
  assert.deepEqual(heard.map((event) => `${event.key} by ${event.device ?? ''}`).sort(), ['crow by ana', 'heron by ben'])
  await ben.stop()
  await putRow(ana, table, 'crow', 'by ana')
  await putRow(ana, table, 'stork', 'white')
  await ana.stop()
  await ben.serve()
  await putRow(ben, table, 'crow', 'by ben, later')
  await (await apiOf(ben)).deleteRow(table, { key: 'heron' })
  await ana.serve()
  const rows = await sameRows([ana, ben], table, (now) => 'stork' in now && !('heron' in now))
  assert.deepEqual(rows, { crow: 'by ben, later', stork: 'white' })
  const [mine, theirs] = await Promise.all([ana, ben].map(async (store) => (await apiOf(store)).getTable(table)))
  assert.equal(mine?.version, theirs?.version)
  const { changes } = await (await apiOf(ana)).getTableHistory(table, { key: 'crow' })
  assert.deepEqual(
    changes.map(({ value, device }) => [value, device]),
    [
      ['by ben, later', 'ben'],
      ['by ana', 'ana'],
      [{ colour: 'black' }, 'ana'],
    ],
  )
  const first = changes.at(-1)
  assert.deepEqual((await (await apiOf(ben)).getRow(table, { key: 'crow', version: String(first?.version) })).value, { colour: 'black' })
  // Files of the folder go on as before.
  await put(ben, 'birds-folder/more.txt', 'more')
  await sameTrees(placesOf([ana, ben], 'birds-folder', key), (tree) => 'more.txt' in tree)
})

test('a reader of the folder reads its tables, and may not write them', TIMEOUT, async () => {
  const key = await shareWith(ana, 'read-folder', [])
  const { link } = await (await apiOf(ana)).createTable({ title: 'facts', folder: key })
  await putRow(ana, link, 'sky', 'blue')
  await join(ben, (await invite(ana, key, { role: 'reader' })).code, 'read-folder')
  await sameRows([ana, ben], link, (rows) => rows['sky'] === 'blue')
  assert.equal((await (await apiOf(ben)).getTable(link)).writable, false)
  assert.equal(await codeOf(putRow(ben, link, 'sky', 'grey')), 'NOT_WRITER')
  assert.equal(await codeOf((await apiOf(ben)).createTable({ title: 'mine', folder: key })), 'NOT_WRITER')
})

test('a box that keeps the folder blind carries the rows, and rows of a removed writer come no more', TIMEOUT, async () => {
  const key = await shareWith(ana, 'box-folder', [ben, sam], {
    private: true,
    keeper: { provider: 'raspberry', blind: true },
    guestsWrite: true,
  })
  const { link, private: isPrivate } = await (await apiOf(ana)).createTable({ title: 'notes', folder: key })
  assert.equal(isPrivate, true)
  await until('sam knows the table', async () => (await codeOf((await apiOf(sam)).getTable(link))) === 'done')
  await putRow(sam, link, 'sam', 'was here')
  await sameRows([ana, ben, sam], link, (rows) => 'sam' in rows)
  await ben.stop()
  await putRow(ana, link, 'ana', 'while ben sleeps')
  const { version } = await (await apiOf(ana)).getTable(link)
  await itemOf(pi, key, (item) => item.state === 'up-to-date' && item.version >= version)
  assert.equal(await codeOf((await apiOf(pi)).getRows(`${key}/notes`, {})), 'FORBIDDEN')
  await ana.stop()
  await ben.serve()
  await sameRows([ben], link, (rows) => rows['ana'] === 'while ben sleeps')
  await ana.serve()
  await (await apiOf(ana)).removeMember(key, 'sam')
  await membersOf(ben, key, (m) => m.people.every((person) => person.name !== 'sam') && m.epoch === 2)
  await itemOf(sam, key, (item) => item.problem?.code === 'REMOVED_MEMBER')
  const late = await codeOf(putRow(sam, link, 'sam', 'from outside'))
  await putRow(ben, link, 'ben', 'after sam')
  const rows = await sameRows([ana, ben], link, (now) => 'ben' in now)
  assert.deepEqual(rows, { ana: 'while ben sleeps', ben: 'after sam', sam: 'was here' })
  assert.notEqual(late, 'DEFECT')
  assert.ok(!('ben' in (await rowsOf(sam, link).catch(() => ({})))))
})
