/** Time travel over real stores: folders of several writers, readers, keepers, and the gateway at any version. */
import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { History } from '@hyper-store/client/contract'
import { freePort } from '../cli/world.ts'
import { apiOf, cloneTo, codeOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { invite, join, sameTrees, treeOf } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

const TIMEOUT = { timeout: 150_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore

before(async () => {
  stores = await createStores()
  const port = async () => ['--port', String(await freePort())]
  ana = await runningStore(stores, 'ana', await port())
  ben = await runningStore(stores, 'ben', await port())
})
after(async () => stores[Symbol.asyncDispose]())

async function put(store: TestStore, name: string, text: string): Promise<void> {
  const file = path.join(store.dir, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
}
const text = async (store: TestStore, name: string) => readFile(path.join(store.dir, name), 'utf8').catch(() => null)

async function historyAt(store: TestStore, ref: string, file?: string): Promise<History> {
  return (await apiOf(store)).getHistory(ref, { limit: '1000', ...(file === undefined ? {} : { path: file }) })
}

/** What the gateway answers below a version; status, or the text. */
async function served(store: TestStore, address: string): Promise<string> {
  const token = (await readFile(path.join(store.home, 'token'), 'utf8')).trim()
  const response = await fetch(`${store.url}/gateway/${address}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  })
  const body = await response.text()
  return response.ok ? body : String(response.status)
}

test('two writers see one history; each brings back what the other changed, and it spreads', TIMEOUT, async () => {
  await put(ana, 'two/notes.txt', 'written by ana')
  await put(ana, 'two/sub/deep.txt', 'deep')
  const { key } = await share(ana, 'two')
  await join(ben, (await invite(ana, key)).code, 'two')
  const both = [ana, ben].map((store) => ({ store, name: 'two', ref: key }))
  const first = await sameTrees(both, (tree) => 'notes.txt' in tree)
  const early = (await (await apiOf(ana)).getFolder(key)).version
  await put(ben, 'two/notes.txt', 'ben wrote more than ana')
  await put(ben, 'two/ben.txt', 'new')
  await sameTrees(both, (tree) => 'ben.txt' in tree && tree['notes.txt'] !== first['notes.txt'])
  await rm(path.join(ana.dir, 'two/sub'), { recursive: true })
  await sameTrees(both, (tree) => !('sub/deep.txt' in tree))
  const late = (await (await apiOf(ana)).getFolder(key)).version

  const [mine, theirs] = [await historyAt(ana, key), await historyAt(ben, key)]
  assert.deepEqual(theirs, mine)
  assert.equal(mine.versions[0]?.version, late)
  const byBen = mine.versions
    .filter(({ device }) => device === 'ben')
    .flatMap(({ changes }) => changes.map(({ op, path: at }) => `${op} ${at}`))
  assert.ok(byBen.includes('change notes.txt') && byBen.includes('add ben.txt'), byBen.join())
  const notes = await historyAt(ben, key, 'notes.txt')
  assert.deepEqual(
    notes.versions.map(({ device, changes }) => [device, changes[0]?.op, changes[0]?.sizeAfter]),
    [
      ['ben', 'change', 23],
      ['ana', 'add', 14],
    ],
  )
  assert.ok(notes.versions.every(({ at }) => at !== null))

  const diff = await (await apiOf(ben)).getDiff(key, { from: String(early), to: String(late) })
  assert.deepEqual(diff, await (await apiOf(ana)).getDiff(key, { from: String(early), to: String(late) }))
  assert.deepEqual(
    diff.changes.map(({ op, path: at }) => `${op} ${at}`),
    ['add ben.txt', 'change notes.txt', 'delete sub/deep.txt'],
  )

  // The gateways of both serve both versions alike, with listings.
  for (const store of [ana, ben]) {
    assert.equal(await served(store, `${key}+${early}/notes.txt`), 'written by ana')
    assert.equal(await served(store, `${key}+${late}/notes.txt`), 'ben wrote more than ana')
    assert.equal(await served(store, `${key}/notes.txt`), 'ben wrote more than ana')
    assert.equal(await served(store, `${key}+${early}/ben.txt`), '404')
    assert.equal(await served(store, `${key}+${early}/sub/deep.txt`), 'deep')
    assert.equal(await served(store, `${key}+${late}/sub/`), '404')
    assert.equal(await served(store, `${key}+${late + 1000}/notes.txt`), '404')
    assert.equal(await served(store, `${key}+0/notes.txt`), '404')
    // What was written off line may still come and take its place before: no cache may hold a version for ever.
    const token = (await readFile(path.join(store.home, 'token'), 'utf8')).trim()
    const head = await fetch(`${store.url}/gateway/${key}+${early}/notes.txt`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}` },
    })
    assert.doesNotMatch(head.headers.get('cache-control') ?? '', /immutable/)
    const names = (JSON.parse(await served(store, `${key}+${early}/`)) as { name: string; kind: string }[]).map(
      ({ name, kind }) => `${kind} ${name}`,
    )
    assert.deepEqual(names, ['file notes.txt', 'folder sub'])
  }

  // Ben undoes what ana deleted and what he wrote himself; ana gets it.
  const restored = await (await apiOf(ben)).restoreFolder(key, { version: early })
  assert.deepEqual(
    restored.changes.map(({ op, path: at }) => `${op} ${at}`),
    ['delete ben.txt', 'change notes.txt', 'add sub/deep.txt'],
  )
  assert.deepEqual(await sameTrees(both, (tree) => JSON.stringify(tree) === JSON.stringify(first)), first)
  assert.equal(await text(ana, 'two/notes.txt'), 'written by ana')
  // And ana undoes that, of one file.
  await (await apiOf(ana)).restoreFolder(key, { path: 'notes.txt', version: late })
  await sameTrees(both, (tree) => tree['notes.txt'] !== first['notes.txt'])
  assert.equal(await text(ben, 'two/notes.txt'), 'ben wrote more than ana')
})

test('a conflict is in the versions in which it was open, copies and all', TIMEOUT, async () => {
  await put(ana, 'clash/c.txt', 'start')
  const { key } = await share(ana, 'clash')
  await join(ben, (await invite(ana, key)).code, 'clash')
  const both = [ana, ben].map((store) => ({ store, name: 'clash', ref: key }))
  await sameTrees(both, (tree) => 'c.txt' in tree)
  const api = [await apiOf(ana), await apiOf(ben)] as const
  const early = (await api[0].getFolder(key)).version
  for (const one of api) await one.pauseFolder(key)
  await put(ana, 'clash/c.txt', 'of ana')
  await put(ben, 'clash/c.txt', 'of ben, longer')
  for (const one of api) await one.resumeFolder(key, { confirm: false })
  const tree = await sameTrees(both, (found) => Object.keys(found).length === 2)
  const copy = Object.keys(tree).find((name) => name.includes('(conflict')) ?? ''
  const open = (await api[0].getFolder(key)).version
  const [here, there] = [await text(ana, 'clash/c.txt'), await text(ana, `clash/${copy}`)]
  assert.deepEqual(new Set([here, there]), new Set(['of ana', 'of ben, longer']))

  await rm(path.join(ben.dir, 'clash', copy))
  await sameTrees(both, (found) => Object.keys(found).length === 1)
  for (const store of [ana, ben]) {
    assert.equal(await served(store, `${key}+${open}/${encodeURIComponent(copy)}`), there)
    assert.equal(await served(store, `${key}+${open}/c.txt`), here)
    assert.equal(await served(store, `${key}/${encodeURIComponent(copy)}`), '404')
    const names = (JSON.parse(await served(store, `${key}+${open}/`)) as { name: string }[]).map(({ name }) => name)
    assert.deepEqual(names, [copy, 'c.txt'].sort())
  }
  // The copy comes back as a file of its own, by its name.
  await api[0].restoreFolder(key, { path: copy, version: open })
  await sameTrees(both, (found) => Object.keys(found).length === 2)
  assert.equal(await text(ben, `clash/${copy}`), there)
  // And all of it goes back to before there was a conflict.
  await api[1].restoreFolder(key, { version: early })
  assert.deepEqual(Object.keys(await sameTrees(both, (found) => Object.keys(found).length === 1)), ['c.txt'])
  assert.equal(await text(ana, 'clash/c.txt'), 'start')
})

test(
  'a reader looks back and takes copies, but changes nothing; a keeper takes copies; who keeps blind sees nothing',
  TIMEOUT,
  async () => {
    const port = async () => ['--port', String(await freePort())]
    const reader = await runningStore(stores, 'reader', await port())
    const keeper = await runningStore(stores, 'keeper', await port())
    const blind = await runningStore(stores, 'blind', await port())
    await put(ana, 'read/a.txt', 'one')
    await put(ana, 'read/sub/b.txt', 'bee')
    await pairWith(ana, keeper)
    await pairWith(ana, blind)
    await pairWith(reader, keeper)
    const item = await share(ana, 'read', { provider: 'keeper', private: true })
    const { key } = item
    await (await apiOf(ana)).addFolder({ path: path.join(ana.dir, 'read'), provider: 'blind', blind: true })
    const early = (await whole(ana, key)).version
    await put(ana, 'read/a.txt', 'two!')
    await (await apiOf(ana)).rescanFolder(key)
    const late = (await whole(ana, key, early + 1)).version
    await cloneTo(reader, 'read', item.link)
    await whole(reader, key, late)
    await whole(keeper, key, late)
    await whole(blind, key, late)

    const api = await apiOf(reader)
    assert.deepEqual(
      (await historyAt(reader, key, 'a.txt')).versions.map(({ changes }) => changes[0]?.op),
      ['change', 'add'],
    )
    assert.equal(await codeOf(api.restoreFolder(key, { version: early })), 'FORBIDDEN')
    const restored = await api.restoreFolder(key, { version: early, to: path.join(reader.dir, 'then') })
    assert.equal(restored.to, path.join(reader.dir, 'then'))
    assert.deepEqual(await treeOf(path.join(reader.dir, 'then')), await treeAsOf({ 'a.txt': 'one', 'sub/b.txt': 'bee' }))
    assert.equal(await text(reader, 'read/a.txt'), 'two!')

    const kept = await apiOf(keeper)
    assert.equal(await codeOf(kept.restoreFolder(key, { version: early })), 'BAD_REQUEST')
    await kept.restoreFolder(key, { path: 'a.txt', version: early, to: path.join(keeper.dir, 'a-then.txt') })
    assert.equal(await text(keeper, 'a-then.txt'), 'one')
    assert.deepEqual(await kept.listTrash(key), [])

    const closed = await apiOf(blind)
    for (const call of [closed.getHistory(key), closed.getDiff(key, { from: '1' }), closed.restoreFolder(key, { version: 1 })])
      assert.equal(await codeOf(call), 'FORBIDDEN')
  },
)

test('a file that is being edited while the folder goes back is never lost', TIMEOUT, async () => {
  await put(ana, 'busy/a.txt', 'one')
  for (let i = 0; i < 30; i++) await put(ana, `busy/f${i}.txt`, `file ${i}`)
  const { key } = await share(ana, 'busy')
  const api = await apiOf(ana)
  await api.rescanFolder(key)
  const early = (await api.getFolder(key)).version
  for (let i = 0; i < 30; i++) await put(ana, `busy/f${i}.txt`, `file ${i}, edited`)
  await api.rescanFolder(key)
  const saved: string[] = []
  const editing = new AbortController()
  const edits = (async () => {
    for (let i = 0; !editing.signal.aborted; i++) {
      saved.push(`edit ${i}`)
      await put(ana, 'busy/f7.txt', `edit ${i}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  const outcome = await codeOf(api.restoreFolder(key, { version: early }))
  editing.abort()
  await edits
  assert.ok(['done', 'NOT_ALL_RESTORED'].includes(outcome), outcome)
  // The last save stands, or what took its place has it in the trash or in history: nobody's bytes went without a trace.
  await api.rescanFolder(key)
  const found = [await text(ana, 'busy/f7.txt')]
  for (const { version } of (await historyAt(ana, key, 'f7.txt')).versions) found.push(await served(ana, `${key}+${version}/f7.txt`))
  const ids = (await api.listTrash(key)).filter(({ path: at }) => at === 'f7.txt').map(({ id }) => id)
  if (ids.length > 0) for (const { path: at } of (await api.restoreTrash(key, { ids })).restored) found.push(await text(ana, `busy/${at}`))
  assert.ok(found.includes(saved.at(-1) ?? ''), found.join(', '))
  for (let i = 0; i < 30; i++) if (i !== 7) assert.equal(await text(ana, `busy/f${i}.txt`), `file ${i}`)
})

/** A tree as `treeOf` tells it, of these texts. */
async function treeAsOf(files: Record<string, string>): Promise<Record<string, string>> {
  const name = `expected-${String(Object.keys(files).length)}`
  for (const [file, content] of Object.entries(files)) await put(ana, `${name}/${file}`, content)
  return treeOf(path.join(ana.dir, name))
}
