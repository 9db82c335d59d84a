/** The history of a folder in a real browser: listed, gone through with the slider, compared and brought back, as a person does it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Client } from '@hyper-store/client'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, runningStore, share, whole } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import { plainPicture } from '../fixtures/png.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

const LINES = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`)
const noteText = (tenth: string): string => `${LINES.with(9, tenth).join('\n')}\n`

describe('the history of a folder on the page', { skip: noBrowser }, () => {
  let stores: Stores
  let laptop: TestStore
  let browser: TestBrowser
  let api: Client
  let key = ''
  let open: OpenPage
  /** Numbers of the versions, in the order of what was done: made, notes changed, plan added, list renamed, map deleted. */
  const made: number[] = []
  const onDisk = (...names: string[]): string => path.join(laptop.dir, 'trip', ...names)
  const newest = async (): Promise<number> => (await api.getHistory(key, { limit: '1' })).versions[0]?.version ?? 0

  before(async () => {
    stores = await createStores('hyper-store-page-history-')
    laptop = await runningStore(stores, 'laptop')
    await mkdir(onDisk('Lisbon'), { recursive: true })
    await writeFile(onDisk('notes.txt'), noteText('line 10'))
    await writeFile(onDisk('list.txt'), 'a list of what is packed')
    for (let index = 0; index < 7; index++) await writeFile(onDisk('Lisbon', `map ${index}.txt`), `map ${index}`)
    ;({ key } = await share(laptop, 'trip'))
    await whole(laptop, key)
    api = await apiOf(laptop)
    const steps = [
      async () => {},
      async () => writeFile(onDisk('notes.txt'), noteText('the tenth')),
      async () => writeFile(onDisk('plan.txt'), 'a plan'),
      async () => rename(onDisk('list.txt'), onDisk('packed.txt')),
      async () => rm(onDisk('Lisbon/map 3.txt')),
    ]
    for (const step of steps) {
      await step()
      await api.rescanFolder(key)
      made.push(await newest())
    }
    browser = await openBrowser({ viewport: SIZES.desktop })
    open = await openPage(browser.context, laptop)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  const at = async (place: string): Promise<OpenPage> => {
    await open.page.setViewportSize(SIZES.desktop)
    await open.go('/')
    await open.go(place)
    return open
  }
  const versionCard = (page: Page, version: number) => page.getByRole('article', { name: `Version ${version}`, exact: true })
  const fileLink = (page: Page, name: string) => page.getByRole('grid').getByRole('link', { name, exact: true })
  const bringBack = async (page: Page): Promise<void> => {
    // What tells that it was done is a dialog too.
    const dialog = page.getByRole('dialog', { name: /^Bring back/ })
    await dialog.getByText('Nothing is lost').waitFor()
    await dialog.getByRole('button', { name: 'Bring back', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
  }

  test('versions are listed newest first, with who, when and what, and more of a long one on demand', async () => {
    const { page, complaints } = await at(`/folders/${key}/history`)
    await versionCard(page, made[4] ?? 0).waitFor()
    const words = (await page.getByRole('article').allTextContents()).map((text) => text.replace(/\s+/g, ' '))
    assert.match(words[0] ?? '', /by laptop.*as it is now.*deleted.*map 3\.txt/)
    assert.match(words[1] ?? '', /renamed.*packed\.txt.*from list\.txt/)
    assert.match(words[2] ?? '', /added.*plan\.txt/)
    assert.match(words[3] ?? '', /changed.*notes\.txt/)
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    const long = page.getByRole('article').filter({ hasText: /and \d+ more/ })
    await long.getByRole('button', { name: /^and \d+ more$/ }).click()
    await page.getByRole('link', { name: 'map 6.txt' }).waitFor()
    await assertAccessible(page, 'history')
    const link = versionCard(page, made[3] ?? 0).getByRole('link', { name: 'See the folder then' })
    await link.click()
    await fileLink(page, 'packed.txt').waitFor()
    await page.getByRole('slider', { name: 'Moment' }).waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('the slider goes back by keys, and the files are those of then', async () => {
    const { page, complaints } = await at(`/folders/${key}`)
    await fileLink(page, 'packed.txt').waitFor()
    assert.equal(await page.getByRole('slider').count(), 0, 'it is put away at first')
    await page.getByRole('button', { name: 'Go back in time' }).click()
    const slider = page.getByRole('slider', { name: 'Moment' })
    await slider.and(page.locator(':focus')).waitFor()
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^Now: .*by laptop$/)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await fileLink(page, 'list.txt').waitFor()
    await fileLink(page, 'plan.txt').waitFor()
    await page.getByText(`Version ${made[2]} · laptop · 1 change`).waitFor()
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', new RegExp(`version ${made[2]}, by laptop$`))
    await assertAccessible(page, 'the slider in the past')
    await page.keyboard.press('ArrowLeft')
    await fileLink(page, 'plan.txt').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Now', exact: true }).click()
    await fileLink(page, 'packed.txt').waitFor()
    await page.getByLabel('Go to a day').fill('2001-01-01T10:00')
    await page.getByText('did not exist yet on that day').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Go back in time' }).waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('two versions are compared, with what is different in a text', async () => {
    const { page, complaints } = await at(`/folders/${key}/history`)
    await page.getByLabel(`Choose version ${made[0]} to compare`).click()
    await page.getByText(`Version ${made[0]} is chosen`).waitFor()
    await page.getByLabel(`Choose version ${made[3]} to compare`).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByRole('heading', { name: `From version ${made[0]} to version ${made[3]}` }).waitFor()
    await page.getByText('1 file added, 1 file changed, 1 file renamed').waitFor()
    await page.getByRole('button', { name: 'changed notes.txt' }).click()
    const text = page.getByRole('table')
    await text.getByRole('cell', { name: 'Deleted: line 10' }).waitFor()
    await text.getByRole('cell', { name: 'Added: the tenth' }).waitFor()
    await text.getByText('6 lines the same').waitFor()
    await assertAccessible(page, 'a comparison')
    await page.getByRole('button', { name: 'In one' }).click()
    await text.getByRole('cell', { name: 'Added: the tenth' }).waitFor()
    await page.getByRole('button', { name: 'Back to the versions' }).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a picture that changed is seen before and after', async () => {
    const versions: number[] = []
    for (const colour of [
      [200, 30, 30],
      [30, 30, 200],
    ] as const) {
      await writeFile(onDisk('map.png'), plainPicture(40, 30, colour))
      await api.rescanFolder(key)
      versions.push(await newest())
    }
    const { page, complaints } = await at(`/folders/${key}/history`)
    for (const version of versions) await page.getByLabel(`Choose version ${version} to compare`).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByRole('button', { name: 'changed map.png' }).click()
    const pictures = page.getByRole('figure').getByRole('img')
    const widths = async () =>
      await pictures.evaluateAll((all) => all.map((one) => (one as unknown as { naturalWidth: number }).naturalWidth))
    await until('both are drawn', async () => (await widths()).join() === '40,40')
    const [before, after] = await Promise.all(['Before', 'After'].map(async (name) => page.getByRole('img', { name }).screenshot()))
    assert.ok(before !== undefined && after !== undefined && !before.equals(after), 'they are not the same picture')
    await assertAccessible(page, 'a comparison of pictures')
    await api.removeEntry(key, { path: 'map.png' })
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a file is brought back after a look at what would change, and that can be undone', async () => {
    const { page, complaints } = await at(`/folders/${key}/history`)
    const then = (made[4] ?? 0) - 1
    await versionCard(page, made[4] ?? 0)
      .getByRole('button', { name: `Bring back Lisbon/map 3.txt of version ${then}` })
      .click()
    await page.getByRole('dialog', { name: `Bring back map 3.txt as of version ${then}?` }).waitFor()
    await page.getByRole('dialog').getByText('comes back').first().waitFor()
    await bringBack(page)
    await until('the file', () => existsSync(onDisk('Lisbon/map 3.txt')))
    await page.getByText('1 file brought back').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Everything is as before again').waitFor()
    await until('no file', () => !existsSync(onDisk('Lisbon/map 3.txt')))
    assert.deepEqual(complaints.splice(0), [])
  })

  test('on a phone the whole folder is brought back from the slider, with what was saved meanwhile safe, and undone', async () => {
    const { page, complaints } = await at(`/folders/${key}`)
    await page.setViewportSize(SIZES.phone)
    await page.getByRole('button', { name: 'Go back in time' }).click()
    await page.getByRole('slider', { name: 'Moment' }).press('Home')
    await fileLink(page, 'packed.txt').waitFor({ state: 'detached' })
    await assertAccessible(page, 'the slider on a phone')
    await open.go(`/folders/${key}/at/${made[0]}/files`)
    await fileLink(page, 'list.txt').waitFor()
    await page.getByRole('button', { name: 'See what would come back' }).click()
    await page.getByRole('dialog', { name: `Bring back the whole folder as of version ${made[0]}?` }).waitFor()
    await page.getByRole('dialog').getByText('Nothing is lost').waitFor()
    await assertAccessible(page, 'bringing back on a phone')
    await writeFile(onDisk('plan.txt'), 'a better plan')
    await bringBack(page)
    await until('the folder of then', async () => {
      const notes = await readFile(onDisk('notes.txt'), 'utf8').catch(() => '')
      return existsSync(onDisk('list.txt')) && !existsSync(onDisk('plan.txt')) && notes === noteText('line 10')
    })
    await fileLink(page, 'list.txt').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await until('the folder of before', async () => {
      const [notes, plan] = await Promise.all(['notes.txt', 'plan.txt'].map((name) => readFile(onDisk(name), 'utf8').catch(() => '')))
      const isNamed = existsSync(onDisk('packed.txt')) && !existsSync(onDisk('list.txt'))
      return isNamed && notes === noteText('the tenth') && plan === 'a better plan'
    })
    await page.getByText('Everything is as before again').waitFor()

    await open.go(`/folders/${key}/history`)
    await page.getByRole('article').first().waitFor()
    await page.getByLabel(`Choose version ${made[0]} to compare`).click()
    await assertAccessible(page, 'history on a phone')
    await page.getByRole('button', { name: 'Compare with now' }).click()
    await page.getByRole('heading', { name: / to now$/ }).waitFor()
    await page.getByRole('button', { name: 'changed notes.txt' }).click()
    await page.getByRole('cell', { name: 'the tenth' }).waitFor()
    await assertAccessible(page, 'a comparison on a phone')
    assert.deepEqual(complaints.splice(0), [])
  })
})
