/** Settings in the page: the store's name and ways, space, trash, health, log and looks; and the page while its store is off. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Client, Item } from '@hyper-store/client'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, cloneTo, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import { put } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const world = {} as { stores: Stores; a: TestStore; api: Client; work: Item; browser: TestBrowser }
const skip = { skip: noBrowser }

before(async () => {
  if (noBrowser !== false) return
  world.stores = await createStores('hyper-store-page-')
  // A name on the command line could not be changed in the page.
  world.a = await world.stores.add('laptop')
  await world.a.serve(['--port', '0', '--lan-only', '--no-lan'])
  world.api = await apiOf(world.a)
  await world.a.shell('mkdir work')
  await writeFile(path.join(world.a.dir, 'work', 'plan.bin'), Buffer.alloc(400_000, 1))
  const { key } = await share(world.a, 'work')
  const first = await whole(world.a, key)
  await writeFile(path.join(world.a.dir, 'work', 'plan.bin'), Buffer.alloc(1000, 2))
  world.work = await whole(world.a, key, first.version + 1)
  world.browser = await openBrowser({ viewport: SIZES.desktop, colorScheme: 'light' })
})

// Each page holds a connection to its store, and browsers have few.
afterEach(async () => {
  for (const page of world.browser?.context.pages() ?? []) await page.close()
})

after(async () => {
  await world.browser?.[Symbol.asyncDispose]()
  await world.stores?.[Symbol.asyncDispose]()
})

const hasAddress = Object.values(networkInterfaces()).some((some) => some?.some(({ internal, family }) => !internal && family === 'IPv4'))
const paper = async (page: Page) => await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')

const looksLike = async (page: Page, colour: string) => await until('the colour', async () => (await paper(page)) === colour)

test('the store gets another name; what was set on the command line says so; others are let in by a switch', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings')
  const name = page.getByRole('textbox', { name: 'Name' })
  await name.fill('')
  await page.getByText('A store needs a name.').waitFor()
  await name.fill('Ann’s <b>desk</b>')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The store has a new name').waitFor()
  await page.getByRole('button', { name: 'Which store: Ann’s <b>desk</b>' }).waitFor()
  assert.equal((await world.api.getStore()).name, 'Ann’s <b>desk</b>')
  const lan = page.getByRole('switch', { name: 'In the local network' })
  assert.ok(await lan.isDisabled())
  assert.equal(await page.getByText('Set when the service was started').count(), 2)

  const reach = page.getByRole('switch', { name: 'Other machines may open it' })
  await reach.click()
  // The port is closed and opened anew: for a moment nobody answers.
  const settings = async () => await world.api.getSettings().catch(() => null)
  let address: string | undefined
  await until('the reach', async () => {
    const now = await settings()
    address = now?.addresses[0]
    return now?.reach === 'network' && (address !== undefined || !hasAddress)
  })
  if (address !== undefined) await page.getByRole('img', { name: `Code that leads to ${address}` }).waitFor()
  await assertAccessible(page, 'general settings')
  await reach.click()
  await page.getByText('Only programs of this machine reach it now.').waitFor()
  await until('the port', async () => (await settings())?.addresses.length === 0)
  // The port is opened anew, which cuts the stream of events once.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('ERR_')),
    [],
  )
})

test('light, dark and high contrast change the colours, and stay so after a reload', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/look')
  await page.getByRole('heading', { name: 'Colours' }).waitFor()
  const light = await paper(page)
  await page.getByRole('button', { name: 'Dark' }).click()
  await until('the dark', async () => (await paper(page)) !== light)
  const dark = await paper(page)
  await page.getByRole('button', { name: 'High' }).click()
  await looksLike(page, 'rgb(0, 0, 0)')
  await page.reload()
  await page.getByText('Live', { exact: true }).waitFor()
  await looksLike(page, 'rgb(0, 0, 0)')
  await page.getByRole('button', { name: 'High', pressed: true }).waitFor()
  await assertAccessible(page, 'high contrast')
  await page.getByRole('button', { name: 'Normal' }).click()
  await looksLike(page, dark)
  await page.getByRole('button', { name: 'As the system' }).first().click()
  await looksLike(page, light)
  assert.deepEqual(complaints, [])
})

test('the browser’s offer to install the page is kept until somebody takes it', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/look')
  // The offer itself is the browser's: where one makes an offer of its own, that would ask a person.
  await page.evaluate(`addEventListener('beforeinstallprompt', (event) => event.isTrusted && event.stopImmediatePropagation(), true)
  dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
    prompt: async () => { globalThis.wasAsked = true },
  }))`)
  await page.getByRole('button', { name: 'Install' }).click()
  await until('the question', async () => (await page.evaluate('globalThis.wasAsked')) === true)
  await page.getByRole('button', { name: 'Install' }).waitFor({ state: 'detached' })
  assert.deepEqual(complaints, [])
})

test('space is told as the store tells it, and a rule for older versions frees them', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/space')
  const row = page.getByRole('row', { name: /work/ })
  await row.waitFor()
  const [folder] = (await world.api.getSpace()).folders
  assert.ok(folder !== undefined && folder.history >= 400_000)
  assert.deepEqual((await row.getByRole('cell').allInnerTexts()).slice(0, 2), ['1.0 kB', `${Math.round(folder.history / 1000)} kB`])
  await page.getByRole('img', { name: 'in all folders, by folder and kind' }).waitFor()
  await page.getByRole('meter', { name: 'Disk in use' }).waitFor()
  await assertAccessible(page, 'space')

  await page.getByRole('button', { name: 'Change what is kept of work' }).click()
  await page.getByRole('combobox', { name: 'Keep' }).click()
  await page.getByRole('option', { name: 'The last versions' }).click()
  const versions = page.getByRole('textbox', { name: 'How many versions' })
  await versions.fill('0')
  await page.getByText('A whole number of at least 1.').waitFor()
  await versions.fill('1')
  await page.getByText('At most').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/^\d+(\.\d)? [kM]B freed$/).waitFor()
  await row.getByText('the last 1 version').waitFor()
  await row.getByRole('cell', { name: '0 B' }).first().waitFor()
  assert.equal((await world.api.getSpace()).folders[0]?.history, 0)
  assert.deepEqual(complaints, [])
})

test('what another device deleted is had back from the trash, or deleted for good', skip, async () => {
  const b = await runningStore(world.stores, 'desk')
  await pairWith(b, world.a)
  await b.shell('mkdir letters && echo one > letters/one.txt && echo two > letters/two.txt && echo three > letters/three.txt')
  const { link, key } = await share(b, 'letters')
  await cloneTo(world.a, 'letters', link)
  await itemOf(world.a, key, ({ files, state }) => files === 3 && state === 'up-to-date')
  await b.shell('rm letters/one.txt letters/two.txt')
  await until('the trash', async () => (await world.api.listTrash(key)).length === 2)

  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/trash')
  await page.setViewportSize(SIZES.phone)
  await page.getByText('2 files, 8 B').waitFor()
  await assertAccessible(page, 'trash on a phone')
  await page.getByRole('button', { name: 'Restore one.txt' }).click()
  await page.getByText('1 file restored').waitFor()
  await page.getByText('1 file, 4 B').waitFor()

  await page.getByRole('button', { name: 'Empty the trash of letters' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByText('Nothing was that old').waitFor()
  await page.getByRole('button', { name: 'Empty the trash of letters' }).click()
  await page.getByRole('combobox', { name: 'What to delete for good' }).click()
  await page.getByRole('option', { name: 'Everything' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
  assert.deepEqual(await world.api.listTrash(key), [])
  assert.deepEqual(complaints, [])
})

test('the doctor tells its checks with their cures, and a folder is verified', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/health')
  for (const name of ['Home folder', 'Disk', 'Clock']) await page.getByRole('heading', { name }).waitFor()
  await assertAccessible(page, 'health')
  await page.getByRole('combobox', { name: 'Folder' }).click()
  await page.getByRole('option', { name: 'work' }).click()
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(/^work is whole: 1 file, .* read$/).waitFor()
  assert.deepEqual(complaints, [])
})

test('the log is filtered, and says when nothing is there', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings/log')
  await page.getByRole('searchbox', { name: 'Only lines with' }).fill('no line says this')
  await page.getByText(/^0 of \d+ lines?$/).waitFor()
  await assertAccessible(page, 'log')
  assert.deepEqual(complaints, [])
})

test('a box is named, tidied and looked into through the page of the own store, which stays as it is', skip, async () => {
  const box = await world.stores.add('raspberry')
  await box.serve(['--port', '0', '--lan-only', '--no-lan'])
  await pairWith(world.a, box)
  await put(box, 'films/one.bin', 'x'.repeat(200_000))
  const { key } = await share(box, 'films')
  const first = await whole(box, key)
  await put(box, 'films/one.bin', 'y')
  await whole(box, key, first.version + 1)
  const api = await apiOf(box)
  const own = await world.api.getSettings()

  const { page, complaints } = await openPage(world.browser.context, world.a, '/settings')
  await page.getByRole('button', { name: `Which store: ${own.name}` }).click()
  await page.getByRole('menuitem', { name: 'raspberry' }).click()
  const before = (await api.getStore()).name
  await page.getByText(`You are looking at ${before}`).waitFor()
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  const name = page.getByRole('textbox', { name: 'Name' })
  await until('the name', async () => (await name.inputValue()) === before)
  await name.fill('Box in the attic')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('You are looking at Box in the attic').waitFor()
  assert.equal((await api.getStore()).name, 'Box in the attic')
  await page.getByRole('textbox', { name: 'Path of the home folder' }).getByText(box.home).waitFor()
  await assertAccessible(page, 'settings of a box')

  await page.getByRole('link', { name: 'Space' }).click()
  await page.getByRole('row', { name: /films/ }).waitFor()
  assert.equal(await page.getByRole('row', { name: /work/ }).count(), 0, 'what the own store holds is not told here')
  await page.getByRole('button', { name: 'Change what is kept of films' }).click()
  await page.getByRole('combobox', { name: 'Keep' }).click()
  await page.getByRole('option', { name: 'The last versions' }).click()
  await page.getByRole('textbox', { name: 'How many versions' }).fill('1')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/^\d+(\.\d)? [kM]B freed$/).waitFor()
  assert.equal((await api.getSpace()).folders[0]?.history, 0)
  await page.getByRole('link', { name: 'Health' }).click()
  await page.getByRole('heading', { name: 'Home folder' }).waitFor()
  await page.getByRole('combobox', { name: 'Folder' }).click()
  await page.getByRole('option', { name: 'films' }).click()
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(/^films is whole: 1 file, /).waitFor()

  await page.getByRole('link', { name: `Back to ${own.name}` }).click()
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await until('the own name', async () => (await name.inputValue()) === own.name)
  assert.deepEqual(await world.api.getSettings(), own)
  assert.deepEqual(complaints, [])
})

test('all parts fit a phone, and a small one', skip, async () => {
  const opened = await openPage(world.browser.context, world.a, '/settings')
  const { page, complaints } = opened
  await page.setViewportSize({ width: 320, height: 700 })
  for (const [part, ready] of [
    ['', 'This store'],
    ['/space', 'What it holds'],
    ['/health', 'Checks'],
    ['/look', 'Colours'],
  ] as const) {
    await opened.go(`/settings${part}`)
    await page.getByRole('heading', { name: ready }).waitFor()
    await assertAccessible(page, `settings${part} on a small phone`)
  }
  assert.deepEqual(complaints, [])
})

test('the page opens while its store is off, says so, and goes on without a reload once it is back', skip, async () => {
  const { page } = await openPage(world.browser.context, world.a, '/settings/look')
  await until('the worker', async () => await page.evaluate<boolean>('navigator.serviceWorker.controller !== null'))
  const names = async () =>
    await page.evaluate<string[]>(`caches.keys().then((names) => Promise.all(names.map(async (name) =>
    (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).then((lists) => lists.flat())`)
  await until('the files', async () => (await names()).includes('/'))
  const { port } = new URL(world.a.url)

  await page.getByRole('link', { name: 'General' }).click()
  await page.getByRole('button', { name: 'Stop the service' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop the service' }).click()
  await page.getByText('Reconnecting…').waitFor()
  await until('the end of the service', () => !world.a.running)
  await page.reload()
  await page.getByRole('heading', { name: 'Your store does not answer' }).waitFor()
  await assertAccessible(page, 'the page while its store is off')
  await page.evaluate('globalThis.isSamePage = true')

  await world.a.serve(['--lan-only', '--no-lan', '--open', '--port', port])
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'This store', exact: true }).waitFor()
  assert.equal(await page.evaluate('globalThis.isSamePage'), true)
  await page.getByRole('link', { name: 'Log' }).click()
  await page.getByRole('list', { name: 'Lines of the log' }).getByText('Open to everyone on this network').waitFor()
  const kept = await names()
  assert.deepEqual(
    kept.filter((name) => name !== '/' && !/^\/(assets\/|icon|manifest\.)/.test(name)),
    [],
    'no answer of the store is kept',
  )
})

test('the page can be installed: its manifest and its pictures are served', skip, async () => {
  const { page } = await openPage(world.browser.context, world.a)
  const found = await page.evaluate<
    [string, number, string | null][]
  >(`fetch('/manifest.webmanifest').then((answer) => answer.json()).then(({ icons }) =>
    Promise.all(icons.map(async ({ src }) => { const answer = await fetch(src); return [src, answer.status, answer.headers.get('content-type')] })))`)
  assert.deepEqual(
    found.map(([, status, type]) => `${status} ${type}`),
    ['200 image/svg+xml', '200 image/png', '200 image/png', '200 image/png'],
  )
})
