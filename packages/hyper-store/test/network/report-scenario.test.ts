/**
 * The scenario of the report: A and B share a folder by way of a raspberry and are never on at the same time. In three network
 * namespaces without a route to anywhere else; where those are not allowed, on loopback with the services stopped instead.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { ClassicLevel } from 'classic-level'
import type { Item, ItemDevice, ReceiptEvent } from '@hyper-store/client'
import { decodeZ32 } from '../../src/core/links.ts'
import { homeAt } from '../../src/service/home.ts'
import { createLoopbackSite, createSite, whyLoopback } from '../fixtures/sites.ts'
import type { Site } from '../fixtures/sites.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { createTestnet } from '../fixtures/testnet.ts'
import { until } from '../fixtures/transports.ts'
import { changeTree, makeTree, treeFacts } from '../fixtures/trees.ts'

const why = whyLoopback()
if (why !== false) console.log(`# on loopback: ${why}`)

const MINUTES_3 = { timeout: 180_000 }

test('configurations 1 to 4 as printed, through dat-store: a change of A reaches B by the raspberry alone', MINUTES_3, async () => {
  const bin = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-bin-'))
  try {
    await using maker = await createStores()
    await (await maker.add('alias')).ok(['alias', 'dat-store', '--dir', bin])
    // Configurations 1 and 2: what the units start; the report's raspberry trusts its network.
    await using site = await createSite({ path: bin, pi: ['--open'] })
    const { a, b, pi } = site
    await makeTree(path.join(a.dir, 'source'))

    // Configuration 3.
    await a.shell(`dat-store set-provider ${site.piUrl} raspberry\nmkdir mydat`)
    await a.shell('cp -a source/. mydat')
    await a.shell('dat-store add ./mydat')
    const link = linkOf(await a.shell('dat-store list'), 'mydat')
    await a.shell(`dat-store add ${link} raspberry`)
    await a.shell('dat-store wait ./mydat raspberry --timeout 60')
    const page = await a.shell(
      `node -e 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)' ${site.piUrl}/gateway/${link.slice(8)}/`,
    )
    assert.match(page, /letters/)

    // Configuration 4, with A off.
    await site.cut('a')
    await site.plug('b')
    await b.shell(`dat-store set-provider ${site.piUrl} raspberry`)
    const listed = linkOf(await b.shell('dat-store list raspberry'), 'mydat')
    assert.equal(listed, link)
    await b.shell(`dat-store clone ./mydat ${listed}`)
    await b.shell('dat-store wait ./mydat --timeout 60')
    const first = await treeFacts(path.join(a.dir, 'mydat'))
    assert.deepEqual(await treeFacts(path.join(b.dir, 'mydat')), first)

    await changeThroughThePi(site, 'mydat')
    await neverMet(site)
    assert.equal(pi.running, true)
  } finally {
    await rm(bin, { recursive: true, force: true })
  }
})

test('with rights by code, status says who holds what, live or as of when', MINUTES_3, async () => {
  await using site = await createSite()
  const { a, b, pi } = site
  await makeTree(path.join(a.dir, 'mydat'))
  await pair(site, a)
  await a.ok(['add', './mydat', 'raspberry'])
  const receipts = await a.json<ReceiptEvent>(['wait', './mydat', 'raspberry', '--timeout', '60'])
  assert.deepEqual(
    receipts.map((receipt) => [receipt.device.key, receipt.complete]),
    [[pi.deviceKey, true]],
  )
  const shared = await itemOf(a, './mydat')
  assert.deepEqual(held(shared), { [a.deviceKey]: shared.version, [pi.deviceKey]: shared.version })

  await site.cut('a')
  await site.plug('b')
  await pair(site, b)
  await b.ok(['clone', './mydat', shared.link])
  await b.ok(['wait', './mydat', '--timeout', '60'])
  assert.deepEqual(await treeFacts(path.join(b.dir, 'mydat')), await treeFacts(path.join(a.dir, 'mydat')))
  // A is off and B never met it: the raspberry handed B what A had signed.
  for (const store of [b, pi]) {
    await until(`${store.name} knows that A is off`, async () => deviceOf(await itemOf(store, shared.link), a)?.live === false, 40_000)
    await until(`${store.name} knows what B has`, async () => deviceOf(await itemOf(store, shared.link), b)?.complete === true)
    const item = await itemOf(store, shared.link)
    assert.deepEqual(held(item), { [a.deviceKey]: shared.version, [pi.deviceKey]: shared.version, [b.deviceKey]: shared.version })
    assert.ok(item.devices.every((device) => device.complete && device.at !== null))
    assert.match(await store.ok(['status', shared.link]), /laptop a +device +holds version \d+ \(as of \d\d:\d\d:\d\d\), complete/)
  }
  // A sits there with its cable pulled and tells what the raspberry had when it last heard of it.
  if (site.apart) {
    await until('A knows that the raspberry is out of reach', async () => deviceOf(await itemOf(a, './mydat'), pi)?.live === false, 40_000)
    const alone = await itemOf(a, './mydat')
    assert.deepEqual([alone.state, deviceOf(alone, pi)?.complete, deviceOf(alone, pi)?.version], ['up-to-date', true, shared.version])
    assert.match(await a.ok(['status', './mydat']), /raspberry +provider +holds version \d+ \(as of \d\d:\d\d:\d\d\), complete/)
  }

  await changeThroughThePi(site, 'mydat', async () => {
    // A has changed, the raspberry has it, B is off with the version of before.
    await until('A knows what B has', async () => deviceOf(await itemOf(a, './mydat'), b) !== undefined)
    const item = await itemOf(a, './mydat')
    assert.ok(item.version > shared.version)
    assert.deepEqual(held(item), { [a.deviceKey]: item.version, [pi.deviceKey]: item.version, [b.deviceKey]: shared.version })
    assert.deepEqual([deviceOf(item, b)?.complete, deviceOf(item, b)?.live], [false, false])
    assert.deepEqual([deviceOf(item, pi)?.complete, deviceOf(item, pi)?.live], [true, true])
  })
  await neverMet(site)
})

test('over a DHT alone: the raspberry is a provider by its device key', MINUTES_3, async () => {
  await using testnet = await createTestnet()
  await using site = await createLoopbackSite({ service: ['--bootstrap', testnet.bootstrap.join(',')] })
  const { a, b } = site
  await makeTree(path.join(a.dir, 'mydat'))
  await pair(site, a, 'key')
  await a.ok(['add', './mydat', 'raspberry'])
  await a.ok(['wait', './mydat', 'raspberry', '--timeout', '60'])
  await site.cut('a')
  await site.plug('b')
  await pair(site, b, 'key')
  const [kept] = await b.json<Item>(['list', 'raspberry'])
  await b.ok(['clone', './mydat', kept?.link ?? ''])
  await b.ok(['wait', './mydat', '--timeout', '60'])
  assert.deepEqual(await treeFacts(path.join(b.dir, 'mydat')), await treeFacts(path.join(a.dir, 'mydat')))
  await changeThroughThePi(site, 'mydat')
  await neverMet(site)
})

test('a blind raspberry carries a private folder and holds nothing that can be read', MINUTES_3, async () => {
  await using site = await createSite()
  const { a, b, pi } = site
  await makeTree(path.join(a.dir, 'x'), { secret: 'The secret words of A.' })
  await pair(site, a)
  const link = await a.ok(['add', '--private', './x', 'raspberry', '--blind'])
  assert.match(link, /^hyper:\/\/[a-z0-9]{52}#[a-z0-9]{52}$/)
  await a.ok(['wait', './x', 'raspberry', '--timeout', '60'])
  await site.cut('a')
  await site.plug('b')
  await pair(site, b)
  await b.ok(['clone', './x', link])
  await b.ok(['wait', './x', '--timeout', '60'])
  assert.deepEqual(await treeFacts(path.join(b.dir, 'x')), await treeFacts(path.join(a.dir, 'x')))
  await changeThroughThePi(site, 'x')
  await neverMet(site)

  await pi.stop()
  const secret = link.split('#')[1] ?? ''
  const key = Buffer.from(decodeZ32(secret) ?? [])
  assert.equal(key.byteLength, 32)
  const names = ['read me.txt', 'letter 12', 'large.bin', 'été 日本', 'renamed letter', 'a new folder']
  const contents = ['The secret words of A.', 'Letter 30\nLetter 30', 'echo hello', 'A new letter.']
  const needles: [string, Buffer][] = [...names, ...contents, secret, key.toString('hex'), key.toString('base64url')].map((text) => [
    text,
    Buffer.from(text),
  ])
  needles.push(['the raw key', key])
  await a.stop()
  const both = async (home: string) => [...(await found(home, needles)), ...(await foundInState(home, needles))]
  assert.ok((await both(a.home)).includes(key.toString('hex')), 'the search itself works: A has the key')
  assert.deepEqual(await both(pi.home), [])
})

/** B goes off, A comes back and changes everything, the raspberry gets it, A goes off, B comes back and gets it. */
async function changeThroughThePi(site: Site, folder: string, whileBIsOff: () => Promise<void> = async () => {}): Promise<void> {
  const { a, b } = site
  await site.cut('b')
  await site.plug('a')
  await changeTree(path.join(a.dir, folder))
  await a.ok(['wait', `./${folder}`, 'raspberry', '--timeout', '90'])
  await whileBIsOff()
  const { version } = await itemOf(a, `./${folder}`)
  const wanted = await treeFacts(path.join(a.dir, folder))
  await site.cut('a')
  await site.plug('b')
  await until('B has the newest version', async () => (await itemOf(b, `./${folder}`)).version >= version, 60_000)
  await b.ok(['wait', `./${folder}`, '--timeout', '60'])
  assert.equal((await itemOf(b, `./${folder}`)).version, version)
  assert.deepEqual(await treeFacts(path.join(b.dir, folder)), wanted)
}

/** Neither has ever been connected to the other. */
async function neverMet({ a, b }: Site): Promise<void> {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const met = one.events.filter((event) => event.event === 'peer' && event.key === other.deviceKey)
    assert.deepEqual(met, [])
  }
}

/** Pairs with the raspberry by a code of it, at its address or by its device key. */
async function pair({ pi, piUrl, apart }: Site, store: TestStore, by: 'url' | 'key' = 'url'): Promise<void> {
  const line = await pi.ok(['pair'])
  const [, target = '', code = ''] = /^hyper-store set-provider (\S+)#(\S+) pi$/.exec(line) ?? []
  if (apart) assert.equal(target, piUrl, 'the line to paste names the raspberry as others reach it')
  await store.ok(['set-provider', `${by === 'key' ? pi.deviceKey : piUrl}#${code}`, 'raspberry'])
}

async function itemOf(store: TestStore, ref: string): Promise<Item> {
  const [item] = await store.json<Item>(['status', ref])
  assert.ok(item)
  return item
}

function deviceOf(item: Item, { deviceKey }: TestStore): ItemDevice | undefined {
  return item.devices.find((device) => device.key === deviceKey)
}

function held(item: Item): Record<string, number> {
  return Object.fromEntries(item.devices.map((device) => [device.key, device.version]))
}

function linkOf(list: string, title: string): string {
  const row = list
    .split('\n')
    .map((line) => line.split('\t'))
    .find((cells) => cells[1] === title)
  assert.ok(row, list)
  return row[0] ?? ''
}

/** Which of the needles any file below a folder holds, by its name or content. */
async function found(root: string, needles: readonly (readonly [string, Buffer])[]): Promise<string[]> {
  const hits = new Set<string>()
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const full = path.join(entry.parentPath, entry.name)
    const content = Buffer.concat([Buffer.from(full), await readFile(full)])
    for (const [name, needle] of needles) if (content.includes(needle)) hits.add(name)
  }
  return [...hits]
}

/** The same in the records of the state database, whose files may be compressed. */
async function foundInState(home: string, needles: readonly (readonly [string, Buffer])[]): Promise<string[]> {
  const { stateFolder } = homeAt(home)
  const database = new ClassicLevel<Buffer, Buffer>(path.join(stateFolder, 'level'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    createIfMissing: false,
  })
  await database.open()
  const records = (await database.iterator().all()).flat()
  await database.close()
  assert.ok(records.length > 0)
  const all = Buffer.concat(records)
  return needles.flatMap(([name, needle]) => (all.includes(needle) ? [name] : []))
}
