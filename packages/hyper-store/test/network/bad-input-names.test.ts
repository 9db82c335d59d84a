/** What a hostile writer may call things: nothing leaves the folder, nothing stops the others, and the reason is to be seen. */
import assert from 'node:assert/strict'
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { HostileWriter } from '../fixtures/hostile-writer.ts'
import { apiOf, cloneTo, itemOf, runningStore } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let b: TestStore
let count = 0

before(async () => {
  stores = await createStores()
  b = await runningStore(stores, 'b')
})
after(async () => stores[Symbol.asyncDispose]())

/** Has a hostile writer write, then an honest file last; waits until that one is on B's disk. */
async function receive(write: (writer: HostileWriter) => Promise<void>): Promise<{ root: string; link: string; writer: HostileWriter }> {
  const writer = await HostileWriter.open()
  await writer.file('/before.txt', 'before')
  await write(writer)
  await writer.file('/zz honest.txt', 'honest')
  await writer.connect(b.url)
  const name = `copy ${++count}`
  await cloneTo(b, name, writer.link)
  const root = path.join(b.dir, name)
  await until('the honest file', async () => (await textOf(path.join(root, 'zz honest.txt'))) === 'honest', 9_000)
  assert.equal(await textOf(path.join(root, 'before.txt')), 'before')
  return { root, link: writer.link, writer }
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

test('names with .. never leave the folder', async () => {
  const { root, writer } = await receive(async (w) => {
    await w.file('/../escaped-1.txt', 'out')
    await w.file('/a/../../escaped-2.txt', 'out')
    await w.file('/..', 'out')
    await w.file('/./dot.txt', 'out')
  })
  await using _ = writer
  for (const name of ['escaped-1.txt', 'escaped-2.txt']) assert.equal(await exists(path.join(root, '..', name)), false)
  assert.deepEqual((await readdir(root)).filter((n) => n !== '.hyper-store').sort(), ['before.txt', 'zz honest.txt'])
})

test('absolute names stay in the folder or out of the disk', async () => {
  const target = path.join(stores.dir, 'absolute.txt')
  const { root, writer } = await receive(async (w) => {
    await w.file(`/${target}`, 'out')
    await w.file(target.slice(1), 'out')
  })
  await using _ = writer
  assert.equal(await exists(target), false)
  assert.equal(await exists(path.join(root, 'tmp')), false)
})

test('a file below a symlink is not written through it', async () => {
  const outside = path.join(stores.dir, 'outside')
  await mkdir(outside)
  const { root, writer, link } = await receive(async (w) => {
    await w.link_('/door', outside)
    await w.file('/door/owned.txt', 'out')
  })
  await using _ = writer
  assert.deepEqual(await readdir(outside), [])
  assert.equal((await lstat(root)).isDirectory(), true)
  const item = await itemOf(b, link, (i) => i.state === 'error' || i.state === 'up-to-date')
  if (item.state === 'error') assert.match(item.problem?.message ?? '', /door/)
})

test('a symlink that comes after the folder was made does not lead later files out', async () => {
  const outside = path.join(stores.dir, 'outside-later')
  await mkdir(outside)
  const { root, writer } = await receive(async (w) => w.file('/house/first.txt', 'in'))
  await using _ = writer
  await writer.put('/house/first.txt', null)
  await writer.link_('/house', outside)
  await writer.file('/house/second.txt', 'out')
  await writer.file('/zz last.txt', 'last')
  await until('the last file', async () => exists(path.join(root, 'zz last.txt')))
  assert.deepEqual(await readdir(outside), [])
})

test('names with NUL, empty segments and our own folder are left out', async () => {
  const { root, writer } = await receive(async (w) => {
    await w.file('/nul\0name', 'x')
    await w.file('/double//slash', 'x')
    await w.file('/.hyper-store/trash/x', 'x')
    await w.file('/.HYPER-STORE/x', 'x')
    await w.file('/.hyper\u200b-store/x', 'x')
    await w.file('/', 'x')
    await w.file('', 'x')
  })
  await using _ = writer
  assert.deepEqual((await readdir(root)).filter((n) => n !== '.hyper-store').sort(), ['before.txt', 'zz honest.txt'])
})

test('a name of 300 bytes is left out and told of', async () => {
  const { root, writer, link } = await receive(async (w) => w.file(`/${'n'.repeat(300)}`, 'x'))
  await using _ = writer
  assert.equal(
    (await readdir(root)).some((n) => n.startsWith('nnn')),
    false,
  )
  const item = await itemOf(b, link, (i) => i.state === 'error')
  assert.match(item.problem?.message ?? '', /nnn.*cannot/)
})

test('device names and trailing dots are plain names here and come as they are', { skip: process.platform === 'win32' }, async () => {
  const { root, writer } = await receive(async (w) => {
    await w.file('/CON', 'x')
    await w.file('/aux.txt', 'x')
    await w.file('/trailing.', 'x')
    await w.file('/back\\slash', 'x')
  })
  await using _ = writer
  await until('all', async () => (await readdir(root)).filter((n) => n !== '.hyper-store').length === 6)
  assert.equal(await textOf(path.join(root, 'back\\slash')), 'x')
})

test('twins in case and in composition each keep their bytes, or one is told of', async () => {
  const { root, writer, link } = await receive(async (w) => {
    await w.file('/Twin.txt', 'upper')
    await w.file('/twin.txt', 'lower')
    await w.file('/caf\u00e9', 'nfc')
    await w.file('/cafe\u0301', 'nfd')
  })
  await using _ = writer
  const item = await itemOf(b, link, (i) => i.state === 'up-to-date' || i.state === 'error')
  const names = (await readdir(root)).filter((n) => /^(twin|caf)/i.test(n))
  if (item.state === 'error') assert.match(item.problem?.message ?? '', /case|Twin|caf/)
  else assert.equal(names.length, 4)
  for (const [name, text] of [
    ['Twin.txt', 'upper'],
    ['twin.txt', 'lower'],
    ['caf\u00e9', 'nfc'],
    ['cafe\u0301', 'nfd'],
  ] as const) {
    if (names.includes(name)) assert.equal(await textOf(path.join(root, name)), text)
  }
})

test('symlinks that dangle, point outside or are absolute are kept as text and never followed', async () => {
  await writeFile(path.join(stores.dir, 'secret.txt'), 'secret')
  const { root, writer, link } = await receive(async (w) => {
    await w.link_('/dangling', 'nowhere')
    await w.link_('/outside', '../../secret.txt')
    await w.link_('/absolute', '/etc/passwd')
    await w.link_('/loop', 'loop')
  })
  await using _ = writer
  await until('the links', async () => exists(path.join(root, 'loop')))
  assert.equal(await readlink(path.join(root, 'outside')), '../../secret.txt')
  assert.equal(await readlink(path.join(root, 'absolute')), '/etc/passwd')
  const served = await fetch(`${b.url}/gateway/${link.slice(8)}/outside`)
  assert.equal((await served.text()).includes('secret'), false)
})

test('a symlink with a target that no disk can hold is left out, and the others come', async () => {
  const { root, writer } = await receive(async (w) => {
    await w.link_('/long', 't'.repeat(10_000))
    await w.link_('/nul', 'a\0b')
  })
  await using _ = writer
  assert.equal(await exists(path.join(root, 'long')), false)
  assert.equal(await exists(path.join(root, 'nul')), false)
  assert.equal((await (await apiOf(b)).listFolders()).length > 0, true)
})
