/** One folder in a real browser: browsed, searched, filled, changed, shared and set, as a person does it on a desk and on a phone. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { assertAccessible, complaintsOf, openPage, SIZES, tokenOf } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import { plainPicture } from '../fixtures/png.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

/** Entries of a large folder: several pages. */
const MANY = 2500
const LONG_NAME = `${'long '.repeat(50)}x.txt`
const TURNED = 'evil\u202Egnp.exe'
const HTML = '<img src=x onerror="document.title=1">.txt'

describe('the page of a folder', { skip: noBrowser }, () => {
  let stores: Stores
  let laptop: TestStore
  let pi: TestStore
  let browser: TestBrowser
  let trip = { key: '', link: '' }
  let letters = { key: '', link: '' }
  let open: OpenPage
  const onDisk = (...names: string[]): string => path.join(laptop.dir, 'trip', ...names)

  before(async () => {
    stores = await createStores('hyper-store-page-folder-')
    ;[laptop, pi] = await Promise.all([runningStore(stores, 'laptop'), runningStore(stores, 'raspberry')])
    await pairWith(laptop, pi)
    await mkdir(onDisk('Lisbon/old town'), { recursive: true })
    await mkdir(onDisk('Porto'))
    for (const name of ['notes.txt', 'img 9.txt', 'img 10.txt', HTML, TURNED, LONG_NAME])
      await writeFile(onDisk(name), `content of ${name}`)
    await writeFile(onDisk('red.png'), plainPicture(640, 400, [200, 120, 90]))
    await writeFile(onDisk('Lisbon/old town/castle.txt'), 'a castle')
    await mkdir(path.join(laptop.dir, 'letters'))
    await writeFile(path.join(laptop.dir, 'letters/to ann.txt'), 'dear ann')
    letters = await share(laptop, 'letters', { private: true, provider: 'raspberry', blind: true })
    trip = await share(laptop, 'trip', { provider: 'raspberry' })
    await whole(laptop, trip.key)
    browser = await openBrowser({ viewport: SIZES.desktop })
    open = await openPage(browser.context, laptop)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  const rowOf = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
  /** Shows a place of the one page that most tests go on with. */
  const at = async (place: string): Promise<OpenPage> => {
    await open.go('/')
    // What was told before covers nothing now.
    await open.page.evaluate(
      `document.querySelectorAll('[role=region] [role=dialog] button[aria-label=Close]').forEach((one) => one.click())`,
    )
    await open.go(place)
    return open
  }
  const names = async (page: Page): Promise<string[]> => await page.getByRole('grid').getByRole('link').allTextContents()

  test('files are browsed as a list and as pictures, folders first, and the choice is remembered', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await rowOf(page, 'notes.txt').waitFor()
    const shown = await names(page)
    assert.deepEqual(shown.slice(0, 2), ['Lisbon', 'Porto'])
    assert.ok(shown.indexOf('img 9.txt') < shown.indexOf('img 10.txt'), 'numbers go by value')
    await page.getByRole('button', { name: 'Name' }).click()
    await page.getByRole('columnheader', { name: 'Name' }).and(page.locator('[aria-sort="descending"]')).waitFor()
    assert.deepEqual((await names(page)).slice(0, 2), ['Porto', 'Lisbon'])
    await page.getByRole('button', { name: 'Name' }).click()
    // Lines are used again for other files: a press in the moment of sorting meets the one that comes.
    await until('the order', async () => (await names(page))[0] === 'Lisbon')

    await page.getByRole('link', { name: 'Lisbon', exact: true }).click()
    await page.getByRole('link', { name: 'old town', exact: true }).click()
    await rowOf(page, 'castle.txt').waitFor()
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'All files' }).click()
    await rowOf(page, 'notes.txt').waitFor()

    await page.getByRole('button', { name: 'Pictures' }).click()
    const tile = page.getByRole('gridcell').filter({ hasText: 'red.png' })
    await tile.locator('img').waitFor()
    const size =
      (await tile
        .locator('img')
        .evaluate('(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])')
        .catch(() => null)) ??
      (await tile
        .locator('img')
        .evaluate((image: { naturalWidth: number; naturalHeight: number }) => [image.naturalWidth, image.naturalHeight]))
    assert.deepEqual(size, [320, 200], 'it was made small')
    await page.reload()
    await page.getByRole('gridcell').filter({ hasText: 'red.png' }).locator('img').waitFor()
    await assertAccessible(page, 'pictures')
    await page.getByRole('button', { name: 'List' }).click()
    await rowOf(page, 'notes.txt').waitFor()
    await assertAccessible(page, 'list')
    assert.deepEqual(complaints.splice(0), [])
  })

  test('names that would break a page are harmless, and shown as they are', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await page.getByRole('link', { name: HTML, exact: true }).waitFor()
    await page.getByRole('link', { name: 'evil\uFFFDgnp.exe' }).waitFor()
    const box = await page.getByRole('link', { name: LONG_NAME }).boundingBox()
    assert.ok(box !== null && box.width < 700)
    assert.notEqual(await page.title(), '1')
    await page.getByRole('button', { name: `Actions for ${HTML}` }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByLabel(`New name of ${HTML}`).fill('tame.txt')
    await page.keyboard.press('Enter')
    await rowOf(page, 'tame.txt').waitFor()
    await until('the file on disk', () => existsSync(onDisk('tame.txt')) && !existsSync(onDisk(HTML)))
    assert.deepEqual(complaints.splice(0), [])
  })

  test('search finds names in all folders, and says where they are', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await rowOf(page, 'notes.txt').waitFor()
    await page.getByLabel('Search in this folder').fill('CASTLE')
    await page.getByText('1 match').waitFor()
    assert.match((await rowOf(page, 'castle.txt').textContent()) ?? '', /Lisbon\/old town/)
    await page.getByLabel('Search in this folder').fill('no such thing')
    await page.getByText('Nothing is called like that here').waitFor()
    await page.keyboard.press('Escape')
    await rowOf(page, 'notes.txt').waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('files are uploaded, a taken name is asked about once, and a folder that is dropped or chosen comes whole', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}/files/Porto`)
    await page.getByText('Nothing is in this folder yet').waitFor()
    const field = page.getByLabel('Upload files')
    const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
    await field.first().setInputFiles([file('wine.txt', 'red'), file('bridge.txt', 'high')])
    await rowOf(page, 'wine.txt').waitFor()
    await page.getByText('2 files uploaded').waitFor()
    assert.equal(await readFile(onDisk('Porto/wine.txt'), 'utf8'), 'red')

    await field.first().setInputFiles([file('wine.txt', 'white'), file('bridge.txt', 'higher'), file('river.txt', 'blue')])
    await page.getByRole('dialog', { name: '2 names are taken' }).getByRole('button', { name: 'Keep both' }).click()
    await rowOf(page, 'wine (2).txt').waitFor()
    await rowOf(page, 'river.txt').waitFor()
    assert.equal(await readFile(onDisk('Porto/wine.txt'), 'utf8'), 'red')
    assert.equal(await readFile(onDisk('Porto/wine (2).txt'), 'utf8'), 'white')
    await field.first().setInputFiles([file('wine.txt', 'rose')])
    await page.getByRole('dialog', { name: 'This name is taken' }).getByRole('button', { name: 'Replace' }).click()
    await until('the new content', async () => (await readFile(onDisk('Porto/wine.txt'), 'utf8')) === 'rose')

    const outside = path.join(stores.dir, 'outside/walks')
    await mkdir(path.join(outside, 'empty'), { recursive: true })
    await mkdir(path.join(outside, 'deep/er'), { recursive: true })
    for (const name of ['one.txt', 'deep/two.txt', 'deep/er/three.txt']) await writeFile(path.join(outside, name), name)
    await dropFiles(page, [outside])
    await rowOf(page, 'walks').waitFor()
    await until('the dropped folder', () =>
      ['empty', 'one.txt', 'deep/two.txt', 'deep/er/three.txt'].every((name) => existsSync(onDisk('Porto/walks', name))),
    )

    await rename(outside, path.join(stores.dir, 'outside/hikes'))
    const choosing = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Upload a folder' }).click()
    await (await choosing).setFiles(path.join(stores.dir, 'outside/hikes'))
    await rowOf(page, 'hikes').waitFor()
    for (const name of ['one.txt', 'deep/two.txt', 'deep/er/three.txt'])
      await until(name, async () => (await readFile(onDisk('Porto/hikes', name), 'utf8').catch(() => '')) === name)
    assert.deepEqual(complaints.splice(0), [])
  })

  test('things are made, renamed, moved and deleted, and each can be taken back', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await rowOf(page, 'notes.txt').waitFor()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.getByLabel('Name of the folder').fill('Faro')
    await page.keyboard.press('Enter')
    await rowOf(page, 'Faro').waitFor()
    assert.ok(existsSync(onDisk('Faro')))

    await page.getByLabel('Choose notes.txt').check()
    await page.getByLabel('Choose img 9.txt').check()
    await page.getByText('2 chosen').waitFor()
    await page.getByRole('button', { name: 'Move' }).click()
    const dialog = page.getByRole('dialog', { name: 'Move 2 things' })
    await dialog.getByRole('button', { name: 'Faro' }).click()
    await dialog.getByText('No other folders are here.').waitFor()
    await dialog.getByRole('button', { name: 'Move here' }).click()
    await page.getByText('2 things moved to Faro').waitFor()
    assert.deepEqual((await readdir(onDisk('Faro'))).sort(), ['img 9.txt', 'notes.txt'])
    await undo(page, '2 things moved to Faro')
    await rowOf(page, 'notes.txt').waitFor()
    await until('both are back', () => existsSync(onDisk('notes.txt')) && existsSync(onDisk('img 9.txt')))

    // Dragged onto a folder, they go into it.
    await page.getByLabel('Choose img 9.txt').check()
    await rowOf(page, 'img 9.txt').dragTo(rowOf(page, 'Faro'))
    await until('it was moved', () => existsSync(onDisk('Faro/img 9.txt')))
    await rowOf(page, 'img 9.txt').waitFor({ state: 'detached' })

    await page.getByLabel('Choose Faro').check()
    await page.getByLabel('Choose img 10.txt').check()
    await page.getByText('2 chosen').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('2 things deleted').waitFor()
    assert.ok(!existsSync(onDisk('Faro')) && !existsSync(onDisk('img 10.txt')))
    const { versions } = await (await apiOf(laptop)).getHistory(trip.key, { limit: '1' })
    assert.equal(versions[0]?.changes[0]?.op, 'delete')
    await undo(page, '2 things deleted')
    await until('they are back', () => existsSync(onDisk('Faro/img 9.txt')) && existsSync(onDisk('img 10.txt')))
    // All that comes back is in the list: lines are used again for other files, and a press while they shift meets another one.
    await rowOf(page, 'Faro').waitFor()
    await rowOf(page, 'img 10.txt').waitFor()
    assert.equal(await readFile(onDisk('Faro/img 9.txt'), 'utf8'), 'content of img 9.txt')

    await page.getByLabel('Choose all').click()
    await page.getByRole('button', { name: 'Choose none' }).click()
    await page.getByLabel('Choose notes.txt').check()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
    assert.equal(download.suggestedFilename(), 'notes.txt')
    assert.deepEqual(complaints.splice(0), [])
  })

  test('two tabs agree, and a change on disk shows in both without losing what is chosen', async () => {
    const one = await at(`/folders/${trip.key}`)
    const other = await browser.context.newPage()
    const two = { page: other, complaints: complaintsOf(other) }
    await other.goto(`${laptop.url}/#/folders/${trip.key}`)
    await rowOf(one.page, 'notes.txt').waitFor()
    await rowOf(two.page, 'notes.txt').waitFor()
    await one.page.getByLabel('Choose notes.txt').check()
    await writeFile(onDisk('aaa new.txt'), 'new')
    await rowOf(one.page, 'aaa new.txt').waitFor()
    await rowOf(two.page, 'aaa new.txt').waitFor()
    assert.ok(await one.page.getByLabel('Choose notes.txt').isChecked())
    await two.page.getByLabel('Choose aaa new.txt').check()
    await two.page.getByRole('button', { name: 'Delete' }).click()
    await rowOf(one.page, 'aaa new.txt').waitFor({ state: 'detached' })
    assert.ok(await one.page.getByLabel('Choose notes.txt').isChecked())
    assert.deepEqual([...one.complaints, ...two.complaints], [])
    await two.page.close()
  })

  test('by keyboard alone one goes in, chooses, renames, deletes and comes back', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}/files/Porto`)
    await rowOf(page, 'bridge.txt').waitFor()
    const list = page.getByRole('grid', { name: 'Files and folders' })
    await list.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Shift+ArrowUp')
    await page.getByText('2 chosen').waitFor()
    await page.keyboard.press('Control+a')
    await page.getByText(/^[5-9] chosen$/).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await rowOf(page, 'deep').waitFor()
    await page.goBack()
    await rowOf(page, 'river.txt').waitFor()
    await list.focus()
    await page.keyboard.press('End')
    for (let step = 0; step < 9 && !(await rowOf(page, 'river.txt').and(page.locator('[aria-selected="true"]')).count()); step++)
      await page.keyboard.press('ArrowUp')
    await page.keyboard.press('F2')
    await page.getByLabel('New name of river.txt').fill('a/b')
    await page.getByText('A name can’t be empty').waitFor()
    await page.getByLabel('New name of river.txt').fill('stream.txt')
    await page.keyboard.press('Enter')
    await rowOf(page, 'stream.txt').and(page.locator('[aria-selected="true"]')).waitFor()
    await page.keyboard.press('Delete')
    await rowOf(page, 'stream.txt').waitFor({ state: 'detached' })
    assert.ok(!existsSync(onDisk('Porto/stream.txt')))
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a public folder is read by its link without a right, a private one by a signed link until that is revoked', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await page.getByLabel('Choose notes.txt').check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share notes.txt' })
    const address = (await dialog.getByRole('textbox', { name: 'Link for browsers' }).textContent()) ?? ''
    await dialog.getByRole('img', { name: /QR/ }).waitFor()
    assert.match((await dialog.getByRole('textbox', { name: 'Link for hyper-store' }).textContent()) ?? '', /^hyper:\/\/\w+\/notes\.txt$/)
    await assertAccessible(page, 'sharing')
    assert.equal(await (await fetch(address)).text(), 'content of notes.txt')

    await at(`/folders/${letters.key}`)
    await rowOf(page, 'to ann.txt').waitFor()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const signed = (await page.getByRole('textbox', { name: 'Link for browsers' }).textContent()) ?? ''
    assert.equal(await (await fetch(new URL('to%20ann.txt', signed.endsWith('/') ? signed : `${signed}/`))).text(), 'dear ann')
    await page.getByRole('button', { name: 'Revoke the link to whole folder' }).click()
    await page.getByText('Revoked: the link opens nothing any more').waitFor()
    assert.equal((await fetch(signed)).status, 410)
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a folder of many pages of files is read on, scrolled to its end, and kept in step', async () => {
    const big = path.join(laptop.dir, 'big')
    await mkdir(big)
    await Promise.all(Array.from({ length: MANY }, (_, n) => writeFile(path.join(big, `${n}.txt`), '')))
    const { key } = await share(laptop, 'big')
    await whole(laptop, key)
    const { page, complaints } = await at(`/folders/${key}`)
    await page.getByText(`${MANY.toLocaleString('en')} entries`).waitFor()
    assert.ok((await page.getByRole('row').count()) < 100, 'only those in view are drawn')
    await page.getByRole('grid').focus()
    await page.keyboard.press('End')
    await rowOf(page, `${MANY - 1}.txt`)
      .and(page.locator('[aria-selected="true"]'))
      .waitFor()
    await writeFile(path.join(big, `${MANY}.txt`), 'one more')
    await page.getByText(`${(MANY + 1).toLocaleString('en')} entries`).waitFor()
    assert.equal(await rowOf(page, `${MANY - 1}.txt`).getAttribute('aria-selected'), 'true')
    await page.keyboard.press('ArrowDown')
    await rowOf(page, `${MANY}.txt`).and(page.locator('[aria-selected="true"]')).waitFor()
    assert.deepEqual(complaints.splice(0), [])
    await (await apiOf(laptop)).removeFolder(key, {})
  })

  test('what can’t be done is not offered, and why is said', async () => {
    const other = await openPage(browser.context, pi, `/folders/${trip.key}`)
    const { page, complaints } = other
    await rowOf(page, 'notes.txt').waitFor()
    await page.getByText('This store keeps the folder for somebody else.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Add', exact: true }).count(), 0)
    await page.getByLabel('Choose notes.txt').check()
    assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), 0)
    await other.go(`/folders/${letters.key}`)
    await page.getByText('can read none of it').waitFor()
    assert.deepEqual(complaints.splice(0), [])
    await page.close()
  })

  test('the past is read-only, and a file of it is brought back', async () => {
    const api = await apiOf(laptop)
    const { version } = await api.getFolder(trip.key)
    await api.removeEntry(trip.key, { path: 'img 10.txt' })
    const { page, complaints } = await at(`/folders/${trip.key}/at/${version}/files`)
    await page.getByText(`The folder as it was at version ${version}`).waitFor()
    await page.getByLabel('Choose img 10.txt').check()
    assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), 0)
    await page.getByRole('button', { name: 'Bring this back' }).click()
    await page.getByText('Brought back').waitFor()
    await until('it is there again', () => existsSync(onDisk('img 10.txt')))
    await page.getByRole('link', { name: 'Return to today' }).click()
    await page.getByRole('button', { name: 'Add', exact: true }).waitFor()
    await rowOf(page, 'img 10.txt').waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a right that ends in the middle of an upload is asked for again, and the upload goes on', async () => {
    const api = await apiOf(laptop)
    const { code } = await api.createPair({})
    await browser.context.clearCookies()
    const { page } = open
    await page.goto('about:blank')
    await page.goto(`${laptop.url}/#code=${code}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await open.go(`/folders/${trip.key}/files/Faro`)
    await rowOf(page, 'img 9.txt').waitFor()
    const cable = await page.context().newCDPSession(page)
    const speed = async (bytesPerSecond: number) =>
      await cable.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: bytesPerSecond,
      })
    await speed(400_000)
    const content = Buffer.alloc(300_000, 'slow ')
    await page
      .getByLabel('Upload files')
      .first()
      .setInputFiles(Array.from({ length: 6 }, (_, n) => ({ name: `slow ${n}.bin`, mimeType: '', buffer: content })))
    await page.getByRole('progressbar', { name: 'slow 0.bin' }).waitFor()
    const device = (await api.listDevices()).find(({ name }) => name.startsWith('Chrome'))
    assert.ok(device !== undefined)
    await api.revokeDevice(device.key)
    await speed(-1)
    const dialog = page.getByRole('dialog', { name: 'Log in to this store' })
    await dialog.getByLabel('Token').fill(await tokenOf(laptop))
    await page.keyboard.press('Enter')
    await page.getByText('6 files uploaded').waitFor()
    for (let n = 0; n < 6; n++) assert.equal((await readFile(onDisk(`Faro/slow ${n}.bin`))).byteLength, content.byteLength)
    // Chromium itself notes each answer of 401.
    assert.deepEqual(
      open.complaints.splice(0).filter((text) => !text.includes('401') && !text.includes('ERR_')),
      [],
    )
  })

  test('the settings of a folder hold, and leaving it leaves the files', async () => {
    const { page, complaints } = await at(`/folders/${letters.key}/settings`)
    await page.getByLabel('Name', { exact: true }).fill('Letters & notes')
    await page.getByRole('button', { name: 'Save' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Letters & notes' }).waitFor()
    await page.getByRole('button', { name: 'Read all of it again' }).click()
    await page.getByText('Letters & notes is whole: 1 file').waitFor()
    await page.getByLabel('Path in the folder').fill('.git/x')
    await page.getByRole('button', { name: 'Try', exact: true }).click()
    await page
      .getByText(/Left out|Not left out/)
      .first()
      .waitFor()
    await assertAccessible(page, 'settings of a folder')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on' }).first().click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    assert.deepEqual(complaints.splice(0), [])
    // While the folder goes, changes of it are still told; what is asked about them would be refused.
    const asked: string[] = []
    let isGoing = false
    page.on('request', (request) => {
      if (isGoing && request.url().includes(`/folders/${letters.key}/`)) asked.push(request.url())
    })
    await page.route('**/api/v1/folders/*', async (route) => {
      if (route.request().method() !== 'DELETE') return await route.fallback()
      isGoing = true
      const askedAnew = page.waitForRequest(/\/api\/v1\/(?!folders)/u)
      await writeFile(path.join(laptop.dir, 'letters/last.txt'), 'one more')
      await askedAnew
      await route.continue()
    })
    await page.getByRole('button', { name: 'Stop keeping', exact: true }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop keeping' }).click()
    await page.getByText('Letters & notes is not kept here any more').waitFor()
    await until('it is not kept', async () => (await (await apiOf(laptop)).listFolders()).length === 1)
    assert.equal(await readFile(path.join(laptop.dir, 'letters/to ann.txt'), 'utf8'), 'dear ann')
    assert.deepEqual(asked, [])
    assert.deepEqual(complaints.splice(0), [])
  })

  test('on a phone a folder is browsed, filled and shared with a thumb', async () => {
    const { page, complaints } = await at(`/folders/${trip.key}`)
    await page.setViewportSize(SIZES.phone)
    await rowOf(page, 'notes.txt').waitFor()
    await assertAccessible(page, 'a folder on a phone')
    await page.getByRole('link', { name: 'Lisbon', exact: true }).click()
    await page.getByRole('link', { name: 'old town', exact: true }).waitFor()
    await page
      .getByLabel('Upload files')
      .first()
      .setInputFiles([{ name: 'phone.txt', mimeType: 'text/plain', buffer: Buffer.from('from a phone') }])
    await rowOf(page, 'phone.txt').waitFor()
    assert.equal(await readFile(onDisk('Lisbon/phone.txt'), 'utf8'), 'from a phone')
    await page.getByRole('button', { name: 'Actions for phone.txt' }).click()
    await page.getByRole('menuitem', { name: 'Share' }).click()
    await page.getByRole('img', { name: /QR/ }).waitFor()
    await assertAccessible(page, 'sharing on a phone')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
    assert.deepEqual(complaints.splice(0), [])
  })
})

/** Takes back what a toast tells of. */
async function undo(page: Page, words: string): Promise<void> {
  await page.getByRole('dialog').filter({ hasText: words }).getByRole('button', { name: 'Undo' }).click()
}

/** Drops files and folders of this machine into the middle of a page, as a person does from a file manager. */
async function dropFiles(page: Page, files: string[]): Promise<void> {
  const cable = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await cable.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data })
  await cable.detach()
}
