/** Conflicts between real stores: what was edited apart is listed on both, and a decision on one reaches the other's disk. */
import assert from 'node:assert/strict'
import { readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, pairWith, share } from '../fixtures/lab.ts'
import { invite, join, placesOf, put, sameTrees, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const TIMEOUT = { timeout: 120_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore

before(async () => {
  stores = await createStores()
  ;({ ana, ben } = await storesOnPorts(stores, ['ana', 'ben']))
  await pairWith(ana, ben)
})
after(async () => stores[Symbol.asyncDispose]())

const fileOf = (store: TestStore, name: string) => path.join(store.dir, 'notes', name)

/** Both stand still while this happens. */
async function apart(key: string, deeds: () => Promise<void>): Promise<void> {
  for (const store of [ana, ben]) await (await apiOf(store)).pauseFolder(key)
  await deeds()
  for (const store of [ana, ben]) await (await apiOf(store)).resumeFolder(key, {})
}

test('two edits made apart stand side by side until one of the two is chosen, or both', TIMEOUT, async () => {
  for (const name of ['one.txt', 'two.txt', 'three.txt', 'four.txt']) await put(ana, `notes/${name}`, 'first')
  const { key } = await share(ana, 'notes')
  await join(ben, (await invite(ana, key)).code, 'notes')
  const places = placesOf([ana, ben], 'notes', key)
  await sameTrees(places, (tree) => Object.keys(tree).length === 4)
  await apart(key, async () => {
    for (const name of ['one.txt', 'two.txt', 'three.txt', 'four.txt']) {
      await put(ana, `notes/${name}`, `ana edits ${name}`)
      await put(ben, `notes/${name}`, `ben edits ${name}, later`)
    }
  })
  const tree = await sameTrees(places, (shown) => Object.keys(shown).length === 8)
  const copies = Object.keys(tree).filter((name) => name.includes('(conflict '))
  assert.equal(copies.length, 4)
  for (const store of [ana, ben]) {
    const listed = await (await apiOf(store)).listConflicts(key)
    assert.deepEqual(listed.map((conflict) => conflict.path).sort(), ['four.txt', 'one.txt', 'three.txt', 'two.txt'])
    assert.deepEqual(listed.map((conflict) => conflict.copy).sort(), copies.sort())
    const { entries } = await (await apiOf(store)).listEntries(key, { match: 'CONFLICT' })
    assert.deepEqual(
      entries.map((entry) => entry.path),
      copies,
      'copies are found by what their name adds',
    )
  }
  const api = await apiOf(ana)
  await api.settleConflict(key, { path: 'one.txt', keep: 'mine' })
  await api.settleConflict(key, { path: copies.find((name) => name.startsWith('two ')) ?? '', keep: 'theirs' })
  const left = await api.settleConflict(key, { path: 'three.txt', keep: 'both' })
  assert.deepEqual(
    left.map((conflict) => conflict.path),
    ['four.txt'],
  )
  // By hand, on the other side: the copy becomes a file of its own.
  await rename(fileOf(ben, copies.find((name) => name.startsWith('four ')) ?? ''), fileOf(ben, 'five.txt'))
  const settled = await sameTrees(places, (shown) => 'five.txt' in shown && !Object.keys(shown).some((name) => name.includes('(conflict ')))
  assert.equal(Object.keys(settled).length, 6)
  assert.equal(await readFile(fileOf(ben, 'one.txt'), 'utf8'), 'ana edits one.txt')
  assert.equal(await readFile(fileOf(ana, 'two.txt'), 'utf8'), 'ben edits two.txt, later')
  assert.deepEqual(await api.listConflicts(key), [])
  await assert.rejects(api.settleConflict(key, { path: 'one.txt', keep: 'mine' }), { code: 'NOT_FOUND' })
})

test('a conflict file that was left beside a file is listed and settled as one', TIMEOUT, async () => {
  const copy = 'plan (conflict phone 2026-11-22 10-32).md'
  await put(ana, 'alone/plan.md', 'the plan')
  await put(ana, `alone/${copy}`, 'another plan')
  await put(ana, 'alone/lonely (conflict phone 2026-11-22 10-32).md', 'its file is gone')
  const { key } = await share(ana, 'alone')
  const api = await apiOf(ana)
  let listed = await api.listConflicts(key)
  await until('the first scan', async () => (listed = await api.listConflicts(key)).length > 0)
  assert.deepEqual(
    listed.map((conflict) => [conflict.path, conflict.copy, conflict.copyDevice]),
    [['plan.md', copy, 'phone']],
  )
  assert.deepEqual(await api.settleConflict(key, { path: 'plan.md', keep: 'theirs' }), [])
  await sameTrees(placesOf([ana], 'alone', key), (tree) => !(copy in tree))
  assert.equal(await readFile(path.join(ana.dir, 'alone/plan.md'), 'utf8'), 'another plan')
})

test('settling a conflict file that has a copy of its own leaves the file beside it alone', TIMEOUT, async () => {
  const place = (store: TestStore, name: string) => path.join(store.dir, 'deep', name)
  const file = 'plan (conflict phone 2026-11-22 10-32).md'
  await put(ana, 'deep/plan.md', 'the plan')
  await put(ana, `deep/${file}`, 'another plan')
  const { key } = await share(ana, 'deep')
  await join(ben, (await invite(ana, key)).code, 'deep')
  const places = placesOf([ana, ben], 'deep', key)
  await sameTrees(places, (tree) => Object.keys(tree).length === 2)
  await apart(key, async () => {
    for (const store of [ana, ben]) await put(store, `deep/${file}`, `another plan of ${store.name}`)
  })
  await sameTrees(places, (tree) => Object.keys(tree).length === 3)
  await (await apiOf(ana)).settleConflict(key, { path: file, keep: 'mine' })
  await sameTrees(places, (tree) => Object.keys(tree).length === 2)
  assert.equal(await readFile(place(ben, 'plan.md'), 'utf8'), 'the plan')
  assert.equal(await readFile(place(ben, file), 'utf8'), 'another plan of ana')
})
