/** The page in high contrast, as it is chosen in the page and as a system forces its colours: every main screen, light and dark. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES, untilTrue } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { invite, put } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

/** A place, and what it shows once it is there. */
type Seen = readonly [place: string, ready: (page: Page) => Locator]

describe('high contrast', { skip: noBrowser }, () => {
  let stores: Stores
  let laptop: TestStore
  let browser: TestBrowser
  let open: OpenPage
  let screens: readonly Seen[]

  before(async () => {
    stores = await createStores('hyper-store-page-')
    let box: TestStore
    ;[laptop, box, browser] = await Promise.all([
      runningStore(stores, 'laptop'),
      runningStore(stores, 'raspberry'),
      openBrowser({ viewport: SIZES.desktop }),
    ])
    await pairWith(laptop, box)
    const api = await apiOf(laptop)
    await put(laptop, 'plans/read me.txt', 'hello')
    await put(laptop, 'plans/old/letter.txt', 'Dear Ben')
    const { key } = await share(laptop, 'plans', { provider: 'raspberry' })
    const { version } = await whole(laptop, key)
    await put(laptop, 'plans/read me.txt', 'hello again')
    await whole(laptop, key, version + 1)
    await put(laptop, 'photos/lake.txt', 'a lake')
    await api.pauseFolder((await share(laptop, 'photos')).key, {})
    await invite(laptop, key)
    const { key: table } = await api.createTable({ title: 'Birds', provider: 'raspberry' })
    await api.changeRows(table, { changes: [{ key: 'swift', type: 'json', value: { seen: 12, note: 'summer' } }] })
    const { id } = await api.createBoard(key, { title: 'Trip' })
    for (const colour of ['lemon', 'fir', 'ink'] as const) await api.addCard(key, id, { type: 'text', text: `A ${colour} card`, colour })
    await api.addCard(key, id, { type: 'file', file: { path: 'read me.txt', size: null, mime: 'text/plain' } })

    const heading = (name: string | RegExp) => (page: Page) => page.getByRole('main').getByRole('heading', { name, exact: true }).first()
    const text = (words: string | RegExp) => (page: Page) => page.getByRole('main').getByText(words).first()
    const folder = `/folders/${key}`
    screens = [
      ['/', (page) => page.getByRole('article', { name: 'plans' })],
      [folder, text('read me.txt')],
      [`${folder}/people`, (page) => page.getByRole('button', { name: /Take back/ })],
      [`${folder}/history`, text('read me.txt')],
      [`${folder}/settings`, heading(/./)],
      [`${folder}/boards`, text('Trip')],
      [`${folder}/boards/${id}`, text('A fir card')],
      ['/tables', heading('Birds')],
      [`/tables/${table}`, (page) => page.getByRole('gridcell', { name: 'summer' })],
      ['/devices', (page) => page.getByRole('listitem', { name: 'raspberry' }).getByText('online')],
      ['/activity', heading(/./)],
      ['/settings', heading('This store')],
      ['/settings/space', (page) => page.getByRole('row', { name: /plans/ })],
      ['/settings/look', heading('Colours')],
    ]
    open = await openPage(browser.context, laptop)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  /** Looks at every screen. */
  async function walk(about: string): Promise<void> {
    for (const [place, ready] of screens) {
      await open.go(place)
      // There are many of them: looked for more often than a browser's own waiting does.
      await until(place, async () => await ready(open.page).isVisible())
      await assertAccessible(open.page, `${place} ${about}`)
    }
  }

  test('every screen can be read where the system forces its own colours', async () => {
    await open.page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' })
    // Loaded with them, as with a system that has them.
    await open.page.reload()
    await walk('in forced colours')
    assert.deepEqual(open.complaints, [])
  })

  test('what is open, chosen, switched on or filled is told apart where the system forces its own colours', async () => {
    const { page } = open
    await open.go('/settings')
    const reach = page.getByRole('switch', { name: 'Other machines may open it' })
    await reach.waitFor()
    const colourOf = async (one: Locator) => await styleOf(one, 'background-color')
    assert.notEqual(await colourOf(reach.locator('span')), await colourOf(reach), 'the knob of a switch is seen')
    const main = page.getByRole('navigation', { name: 'Main' })
    assert.equal(await styleOf(main.getByRole('link', { name: 'Settings' }), 'outline-style'), 'solid')
    assert.equal(await styleOf(main.getByRole('link', { name: 'Tables' }), 'outline-style'), 'none')
    const parts = page.getByRole('navigation', { name: 'Parts of the settings' })
    const lineOf = async (name: string) => await styleOf(parts.getByRole('link', { name }), 'border-bottom-color')
    assert.notEqual(await lineOf('General'), await lineOf('Look'), 'only the part that is open is underlined')
    await open.go('/settings/space')
    const disk = page.getByRole('meter', { name: 'Disk in use' })
    assert.notEqual(await colourOf(disk.locator('div')), await colourOf(disk))
    await open.go('/settings/look')
    const theme = page.getByRole('group', { name: 'Light or dark' })
    assert.equal(await styleOf(theme.getByRole('button', { pressed: true }), 'outline-style'), 'solid')
    assert.equal(await styleOf(theme.getByRole('button', { pressed: false }).first(), 'outline-style'), 'none')
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every screen can be read in the ${colorScheme} high contrast that is chosen in the page`, async () => {
      const { page } = open
      await page.emulateMedia({ forcedColors: 'none', colorScheme })
      await open.go('/settings/look')
      await page.getByRole('button', { name: 'High' }).click()
      await untilTrue(page, `document.documentElement.dataset.contrast === 'high'`)
      await walk(`in ${colorScheme} high contrast`)
      const here = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' })
      assert.equal(await styleOf(here, 'outline-style'), 'solid', 'where one is has more than a colour')
      assert.deepEqual(open.complaints, [])
    })
  }
})

async function styleOf(one: Locator, property: string): Promise<string> {
  return await one.evaluate((element, name) => {
    const page = globalThis as unknown as { getComputedStyle(of: unknown): { getPropertyValue(name: string): string } }
    return page.getComputedStyle(element).getPropertyValue(name)
  }, property)
}
