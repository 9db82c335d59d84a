/** The overview and the activity of real stores in a real browser: what is safe where, what wants a decision, what happens. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, itemOf, pairWith, share } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { beginJoin, invite, joinIn, put, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const OPTIONS = { skip: noBrowser, timeout: 120_000 }

let stores: Stores
let laptop: TestStore
let raspberry: TestStore
let ben: TestStore
let browser: TestBrowser
let own: OpenPage

before(async () => {
  if (noBrowser !== false) return
  stores = await createStores('hyper-store-overview-')
  ;[{ laptop }, { raspberry }, { ben }, browser] = await Promise.all([
    storesOnPorts(stores, ['laptop']),
    storesOnPorts(stores, ['raspberry']),
    storesOnPorts(stores, ['ben']),
    openBrowser({ viewport: SIZES.desktop }),
  ])
  await pairWith(laptop, raspberry)
  await pairWith(ben, laptop)
  own = await openPage(browser.context, laptop)
})
after(async () => {
  await browser?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

const head = (page: Page) => page.getByRole('heading', { level: 1 })
const says = (page: Page, text: string | RegExp) => head(page).filter({ hasText: text }).waitFor()
const cardOf = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true })
const decisionOf = (page: Page, title: string | RegExp) =>
  page
    .getByRole('region', { name: 'Wants a decision' })
    .getByRole('article')
    .filter({ has: page.getByRole('heading', { name: title }) })
const lately = (page: Page) => page.getByRole('region', { name: 'Lately' }).getByRole('listitem')
const filesIn = async (store: TestStore, name: string) =>
  (await readdir(path.join(store.dir, name))).filter((file) => !file.startsWith('.')).sort()

async function fill(store: TestStore, name: string, count: number, size = 5): Promise<void> {
  await mkdir(path.join(store.dir, name), { recursive: true })
  for (let n = 0; n < count; n++) await writeFile(path.join(store.dir, name, `file ${n}.txt`), 'x'.repeat(size))
}

async function menu(card: Locator, page: Page, entry: string): Promise<void> {
  await card.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: entry }).click()
}

test('an empty store leads to the first steps; a folder appears, goes to the box, and is said to be safe there', OPTIONS, async () => {
  const { page } = own
  await page.getByRole('heading', { name: 'Nothing is kept here yet' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Begin' }).getAttribute('href'), '#/welcome')
  await assertAccessible(page, 'an empty overview')
  const box = await openPage(browser.context, raspberry)

  await fill(laptop, 'photos', 3, 1_000_000)
  await share(laptop, 'photos')
  await says(page, 'Nobody else has 1 folder yet')
  await cardOf(page, 'photos').getByText('Only here').waitFor()
  await page.getByRole('button', { name: 'Keep on raspberry too' }).click()
  await says(page, /^Everything is safe on raspberry, \d/)
  const card = cardOf(page, 'photos')
  await card.getByRole('listitem').filter({ hasText: 'raspberry complete' }).waitFor()
  await card.getByText('3 files, 3.0 MB').waitFor()
  assert.equal(await card.getByRole('progressbar').count(), 0, 'what is done has no bar')
  await page.getByRole('list', { name: 'Devices' }).first().getByText('raspberry').waitFor()
  await says(box.page, /^Everything is whole on raspberry/)
  assert.deepEqual(box.complaints, [])
  await box.page.close()
  // A page behind another one draws once a second only.
  await page.bringToFront()
})

test('what happens is told as it happens; a box that goes off is waited for, and all is safe again when it is back', OPTIONS, async () => {
  const { page } = own
  await put(laptop, 'photos/<i>one more.txt', 'x')
  await lately(page)
    .filter({ hasText: /^laptop added .*in photos/ })
    .first()
    .waitFor()
  await lately(page).filter({ hasText: 'raspberry has everything of photos' }).first().waitFor()
  await cardOf(page, 'photos').getByText('4 files').waitFor()
  await says(page, /^Everything is safe on raspberry/)
  await raspberry.stop()
  await cardOf(page, 'photos')
    .getByText(/complete, seen \d/)
    .waitFor()
  await says(page, /^Everything is safe on raspberry/)
  await put(laptop, 'photos/while away.txt', 'x')
  await says(page, '1 folder waits for raspberry, which is off')
  await cardOf(page, 'photos').getByText('Waits for raspberry').waitFor()
  await raspberry.serve()
  await says(page, /^Everything is safe on raspberry/)
})

test('a folder is paused, goes on, is checked, and is no longer kept, each from its card', OPTIONS, async () => {
  const { page } = own
  await fill(laptop, 'scans', 1)
  await share(laptop, 'scans')
  const card = cardOf(page, 'scans')
  await card.getByText('Only here').waitFor()
  await menu(card, page, 'Keep it on raspberry too')
  await card.getByText('Safe').waitFor()
  await card.getByRole('button', { name: 'Pause scans' }).click()
  await says(page, '1 folder is paused')
  await card.getByRole('button', { name: 'Go on scans' }).click()
  await card.getByText('Safe').waitFor()
  await menu(card, page, 'Check again')
  await page.getByText('scans was checked: everything is as it should be').waitFor()
  await menu(card, page, 'Stop keeping')
  await page.getByRole('alertdialog').getByText('stay where they are').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await menu(card, page, 'Stop keeping')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop keeping' }).click()
  await card.waitFor({ state: 'detached' })
  assert.deepEqual(await filesIn(laptop, 'scans'), ['file 0.txt'])
})

test('files that vanished stop a folder: they are brought back, or deleted everywhere, as a person says', OPTIONS, async () => {
  const { page } = own
  // What vanishes vanishes in one step: a look at the folder in between would see a few deletions that are nobody's mistake.
  await fill(laptop, 'letters', 4)
  await fill(laptop, 'letters/old', 8)
  const { key } = await share(laptop, 'letters', { provider: 'raspberry' })
  await itemOf(raspberry, key, (item) => item.state === 'up-to-date' && item.files === 12)
  const vanish = async () => rename(path.join(laptop.dir, 'letters/old'), await mkdtemp(path.join(laptop.dir, 'gone-')))
  await vanish()
  await says(page, '1 folder wants a decision')
  await cardOf(page, 'letters').getByText('Needs you').waitFor()
  const stop = decisionOf(page, '8 of 12 files are gone')
  assert.equal((await itemOf(raspberry, key, () => true)).files, 12)
  await stop.getByRole('button', { name: 'No, bring them back' }).click()
  await stop.waitFor({ state: 'detached' })
  await until('the files', async () => (await filesIn(laptop, 'letters/old')).length === 8)
  await cardOf(page, 'letters').getByText('Safe').waitFor()

  await vanish()
  await stop.getByRole('button', { name: 'Yes, delete them everywhere' }).click()
  await page.getByRole('alertdialog').getByText('deleted on all devices').waitFor()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Yes, delete them everywhere' }).click()
  await stop.waitFor({ state: 'detached' })
  await itemOf(raspberry, key, (item) => item.state === 'up-to-date' && item.files === 4)
})

test(
  'a guest is let in by the four words that both see; files changed in two places are settled as a person chooses',
  OPTIONS,
  async () => {
    const { page } = own
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await put(laptop, `plans/${name}`, 'first')
    const { key } = await share(laptop, 'plans')
    const guest = await beginJoin(ben, (await invite(laptop, key, { approve: true })).code, 'plans')
    const waiting = await joinIn(ben, guest.id, ['waiting'])
    const request = decisionOf(page, 'ben wants to join')
    for (const word of (waiting.words ?? 'none').split(/[\s-]+/)) await request.getByText(word, { exact: true }).waitFor()
    await request.getByRole('button', { name: 'They match: let in' }).click()
    await joinIn(ben, guest.id, ['joined'])
    await request.waitFor({ state: 'detached' })
    await itemOf(ben, key, (item) => item.state === 'up-to-date' && item.files === 3)
    await cardOf(page, 'plans').getByRole('link', { name: 'Shared with 2 people: laptop, ben' }).waitFor()

    for (const store of [laptop, ben]) await (await apiOf(store)).pauseFolder(key)
    for (const store of [laptop, ben])
      for (const name of ['one.txt', 'two.txt', 'three.txt']) await put(store, `plans/${name}`, `${name} of ${store.name}`)
    for (const store of [laptop, ben]) await (await apiOf(store)).resumeFolder(key, {})
    await decisionOf(page, '3 files were changed in two places').getByRole('button', { name: 'Choose' }).click()
    const dialog = page.getByRole('dialog', { name: 'Changed in two places in plans' })
    await dialog.getByText('laptop (this device)').first().waitFor()
    await assertAccessible(page, 'the list of conflicts')
    await dialog.getByRole('button', { name: 'Keep this one: one.txt of ben' }).click()
    await dialog.getByRole('heading', { name: 'one.txt' }).waitFor({ state: 'detached' })
    await dialog.getByRole('button', { name: 'Keep this one: two.txt of laptop' }).click()
    await dialog.getByRole('heading', { name: 'two.txt' }).waitFor({ state: 'detached' })
    await dialog.getByRole('button', { name: 'Keep both: three.txt' }).click()
    await dialog.waitFor({ state: 'detached' })
    const textOf = async (store: TestStore, name: string) => readFile(path.join(store.dir, 'plans', name), 'utf8')
    for (const store of [laptop, ben]) {
      await until('the settled files', async () => (await filesIn(store, 'plans')).length === 4)
      assert.deepEqual([await textOf(store, 'one.txt'), await textOf(store, 'two.txt')], ['one.txt of ben', 'two.txt of laptop'])
    }
  },
)

test('hostile titles are shown as they are and turn nothing around; decisions and cards fit a phone', OPTIONS, async () => {
  const { page } = own
  const title = `\u202Egpj.exe<img src=x onerror=alert(1)>${'W'.repeat(160)}`
  await fill(laptop, 'hostile', 12)
  const api = await apiOf(laptop)
  await api.addFolder({ path: path.join(laptop.dir, 'hostile'), title })
  await cardOf(page, title.replace('\u202E', '\uFFFD')).waitFor()
  await until('the first scan', async () => (await api.listFolders()).find((item) => item.title === title)?.files === 12)
  await rm(path.join(laptop.dir, 'hostile'), { recursive: true })
  await decisionOf(page, 'The folder is not where it was').waitFor()
  await assertAccessible(page, 'an overview with decisions')
  await page.setViewportSize(SIZES.phone)
  await assertAccessible(page, 'an overview with decisions on a phone')
  await page.setViewportSize({ width: 320, height: 640 })
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing is wider than a small phone')
  await page.setViewportSize(SIZES.desktop)
  await api.removeFolder(title, {})
  await decisionOf(page, 'The folder is not where it was').waitFor({ state: 'detached' })
})

test('the activity shows the feed by kind and folder, transfer over time, and which device holds what', OPTIONS, async () => {
  const { page } = own
  await own.go('/activity')
  await page
    .getByRole('img', { name: /^Transfer over time, Last hour/ })
    .locator('canvas')
    .waitFor()
  await page.getByRole('button', { name: 'Last day' }).click()
  await page.getByRole('img', { name: /^Transfer over time, Last day/ }).waitFor()
  const map = page.getByRole('region', { name: 'Folders and the devices that hold them' })
  await map.getByRole('columnheader', { name: /raspberry\s*online/ }).waitFor()
  const row = map.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^photos/ }) })
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['complete', 'complete', '–\nnot kept there'])
  const feed = page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'What happened' }) })
    .first()
  await feed.getByRole('heading', { name: 'Today' }).waitFor()
  await feed.getByText(/^laptop .*deleted 8 files.* in letters/).waitFor()
  await feed.getByRole('button', { name: 'Devices' }).click()
  await feed.getByText('raspberry came online').waitFor()
  assert.equal(await feed.getByText(/in letters/).count(), 0)
  await feed.getByRole('button', { name: 'Files' }).click()
  await feed.getByRole('combobox', { name: 'Folder' }).click()
  await page.getByRole('option', { name: 'photos' }).click()
  const line = feed
    .getByRole('listitem')
    .filter({ hasText: /^laptop added/ })
    .first()
  assert.equal(await feed.getByText(/in letters/).count(), 0)
  await line.getByText('Show the files').click()
  await line.getByRole('link', { name: '<i>one more.txt' }).waitFor()
  await assertAccessible(page, 'the activity')
  await page.setViewportSize(SIZES.phone)
  await assertAccessible(page, 'the activity on a phone')
  await page.setViewportSize(SIZES.desktop)
})

test('while thousands of files are added the page answers, and in the end tells what became of them', OPTIONS, async () => {
  const { page, complaints } = own
  // Anew, with nothing chosen.
  await own.go('/')
  await own.go('/activity')
  const api = await apiOf(laptop)
  await Promise.all(['many a', 'many b'].map(async (name) => fill(laptop, name, 1000)))
  await Promise.all(['many a', 'many b'].map(async (name) => share(laptop, name, { provider: 'raspberry' })))
  for (const name of ['many a', 'many b']) await page.getByRole('rowheader', { name }).waitFor()
  for (const kind of ['Copies', 'Files', 'Devices', 'All']) {
    await page.getByRole('button', { name: kind, exact: true }).click()
    await page.locator(`button[aria-pressed="true"]`, { hasText: kind }).waitFor()
  }
  for (const name of ['many a', 'many b']) {
    await until('the scan', async () => (await api.getFolder(name)).files === 1000)
    await page.getByText(`raspberry has everything of ${name}`).waitFor()
  }
  await own.go('/')
  await cardOf(page, 'many a')
    .getByText(/^1,000 files/)
    .waitFor()
  await cardOf(page, 'many b').getByText('Safe').waitFor()
  await lately(page)
    .filter({ hasText: /laptop added [\d,]+ files in many [ab]/ })
    .first()
    .waitFor()
  assert.deepEqual(complaints, [])
})
