/** Boards in a real browser over real stores: two people write live, off line and through kills; nothing is lost, nothing is reloaded, nothing runs. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { cardsOf } from '@hyper-store/client/board'
import * as Y from 'yjs'
import { openBoardSocket } from '../fixtures/board-socket.ts'
import { apiOf, pairWith, share } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { put, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

/** How often the store is killed while somebody types. */
const KILLS = Number(process.env['HYPER_STORE_BOARD_KILLS'] ?? 2)

describe('boards in the page', { skip: noBrowser, timeout: 240_000 + KILLS * 10_000 }, () => {
  let stores: Stores
  let laptop: TestStore
  let raspberry: TestStore
  let browser: TestBrowser
  let one: OpenPage
  let two: OpenPage
  let key: string
  let board: string

  before(async () => {
    stores = await createStores('hyper-store-page-board-')
    ;[{ laptop }, { raspberry }, browser] = await Promise.all([
      storesOnPorts(stores, ['laptop']),
      storesOnPorts(stores, ['raspberry']),
      openBrowser({ viewport: SIZES.desktop }),
    ])
    await pairWith(laptop, raspberry)
    await put(laptop, 'plans/read me.txt', 'hello')
    ;({ key } = await share(laptop, 'plans', { provider: 'raspberry' }))
    one = await openPage(browser.context, laptop, `/folders/${key}/boards`)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  const cards = (page: Page) => page.locator('.react-flow__node')
  const card = (page: Page, text: string) => cards(page).filter({ hasText: text })
  const pane = (page: Page) => page.locator('.react-flow__pane')
  const saved = (page: Page, text: RegExp) => page.getByRole('status').getByText(text).waitFor()
  /** Writes a note at a free place of the surface. */
  async function note(page: Page, text: string, at: { x: number; y: number }): Promise<void> {
    await pane(page).dblclick({ position: at })
    await page.getByRole('textbox', { name: 'Note' }).waitFor()
    await page.keyboard.type(text)
    await page.keyboard.press('Escape')
    await card(page, text).waitFor()
  }

  test('a board is made, a note is written on it, and it is said where it is saved', async () => {
    const { page } = one
    await page.getByRole('heading', { name: 'No boards yet' }).waitFor()
    await assertAccessible(page, 'a folder without boards')
    await page.getByRole('button', { name: 'New board' }).click()
    await page.getByLabel('Name of the board').fill('Trip <b>to</b> Faro')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Trip <b>to</b> Faro' }).waitFor()
    await note(page, 'Book the train', { x: 200, y: 160 })
    await saved(page, /^Saved on laptop and raspberry$/)
    const { boards } = await (await apiOf(laptop)).listBoards(key)
    assert.deepEqual([boards.length, boards[0]?.cards], [1, 1])
    board = boards[0]?.id ?? ''
    await assertAccessible(page, 'a board')
    await page.emulateMedia({ colorScheme: 'dark' })
    await assertAccessible(page, 'a board in the dark')
    await page.emulateMedia({ colorScheme: 'light' })
    assert.deepEqual(one.complaints, [])
  })

  test('two people see each other write, move and point, live, through the box’s own page too', async () => {
    two = await openPage(browser.context, raspberry, `/folders/${key}/boards/${board}`)
    await card(two.page, 'Book the train').waitFor()
    await note(one.page, 'Pack the tent', { x: 240, y: 400 })
    await card(two.page, 'Pack the tent').waitFor()
    await two.page.getByRole('list', { name: 'Here now' }).getByRole('button', { name: 'Follow laptop' }).waitFor()
    const before = await card(two.page, 'Pack the tent').boundingBox()
    const box = await card(one.page, 'Pack the tent').boundingBox()
    assert.ok(box !== null && before !== null)
    await one.page.bringToFront()
    await one.page.mouse.move(box.x + 40, box.y + 30)
    await one.page.mouse.down()
    await one.page.mouse.move(box.x + 240, box.y + 60, { steps: 8 })
    // The button is still held: the other sees it while it happens.
    await two.page.locator('.react-flow__viewport-portal').getByText('laptop').waitFor()
    await until('the other sees it move', async () => ((await card(two.page, 'Pack the tent').boundingBox())?.x ?? 0) > before.x + 100)
    await one.page.mouse.up()
    await until('it is written', async () => {
      const { items } = await (await apiOf(raspberry)).getBoard(key, board)
      return (items.find(({ text }) => text === 'Pack the tent')?.pos[0] ?? 0) > 0
    })
  })

  test('a box keeps the board to be read and changed; what it may not do is said', async () => {
    // A provider that is no member keeps all and writes nothing.
    await assert.rejects(async () => (await apiOf(raspberry)).addCard(key, board, { type: 'text', text: 'no' }), { code: 'FORBIDDEN' })
    assert.equal(await two.page.getByRole('button', { name: 'Add', exact: true }).count(), 0)
  })

  test('the store is killed while somebody types: nothing is lost, nothing is reloaded', async () => {
    const { page } = one
    await page.evaluate(() => ((globalThis as unknown as { marked: boolean }).marked = true))
    await pane(page).dblclick({ position: { x: 600, y: 120 } })
    await page.getByRole('textbox', { name: 'Note' }).waitFor()
    let all = ''
    for (let kill = 1; kill <= KILLS; kill++) {
      await page.keyboard.type(`${kill}a `)
      await saved(page, /^Saved on laptop/)
      await page.keyboard.type(`${kill}b `)
      await laptop.kill()
      await page.keyboard.type(`${kill}c `)
      await saved(page, /^Not saved yet/)
      await laptop.serve()
      await saved(page, /^Saved on laptop/)
      all += `${kill}a ${kill}b ${kill}c `
      // What was said to be saved is there after the next kill.
      const { items } = await (await apiOf(laptop)).getBoard(key, board)
      assert.ok(
        items.some(({ text }) => text?.trim() === all.trim()),
        `everything typed is there after kill ${kill}`,
      )
    }
    await page.keyboard.press('Escape')
    await card(page, all.trim()).waitFor()
    await card(two.page, all.trim()).waitFor()
    assert.equal(await page.evaluate(() => (globalThis as unknown as { marked?: boolean }).marked), true)
    // Chromium itself notes each connection that is refused.
    assert.deepEqual(
      one.complaints.splice(0).filter((text) => !/ERR_|WebSocket/.test(text)),
      [],
    )
  })

  test('edits outlive a tab that is closed while the store is away', async () => {
    await laptop.kill()
    await note(one.page, 'written in the dark', { x: 620, y: 420 })
    await until('the browser keeps it', async () =>
      one.page.evaluate(async () => {
        const { indexedDB } = globalThis as unknown as { indexedDB: { databases(): Promise<{ name?: string }[]> } }
        return (await indexedDB.databases()).some(({ name }) => name?.startsWith('hyper-store-board/') === true)
      }),
    )
    await one.page.close()
    await laptop.serve()
    one = await openPage(browser.context, laptop, `/folders/${key}/boards/${board}`)
    await card(one.page, 'written in the dark').waitFor()
    await card(two.page, 'written in the dark').waitFor()
  })

  test('a card says which devices do not have its newest edit yet', async () => {
    await raspberry.stop()
    await note(one.page, 'only here so far', { x: 420, y: 60 })
    await card(one.page, 'only here so far').getByRole('img', { name: 'Not on raspberry yet' }).waitFor()
    await saved(one.page, /^raspberry is \d+ edits? behind$/)
    await raspberry.serve()
    await card(one.page, 'only here so far').getByRole('img', { name: 'Not on raspberry yet' }).waitFor({ state: 'detached' })
    await card(two.page, 'only here so far').waitFor()
  })

  test('cards are deleted, brought back, undone, copied and moved by keys', async () => {
    const { page } = one
    await card(page, 'Book the train').click()
    await page.keyboard.press('Delete')
    await card(page, 'Book the train').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await card(page, 'Book the train').waitFor()
    const count = await cards(page).count()
    await card(page, 'Book the train').click()
    const { items } = await (await apiOf(laptop)).getBoard(key, board)
    const before = items.find(({ text }) => text === 'Book the train')?.pos
    await page.keyboard.press('ArrowDown')
    await until('it moved', async () => {
      const now = (await (await apiOf(laptop)).getBoard(key, board)).items.find(({ text }) => text === 'Book the train')
      return now?.pos[1] === (before?.[1] ?? 0) + 20
    })
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Backspace')
    await until('all are gone', async () => (await cards(page).count()) === 0)
    await page.getByRole('button', { name: 'More about this board' }).click()
    await page.getByRole('menuitem', { name: 'Trash' }).click()
    await page
      .getByRole('dialog')
      .getByRole('listitem')
      .filter({ hasText: 'Pack the tent' })
      .getByRole('button', { name: 'Bring back' })
      .click()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Trash', exact: true }).waitFor({ state: 'detached' })
    await card(page, 'Pack the tent').waitFor()
    await page.keyboard.press('Control+z')
    await card(page, 'Pack the tent').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await until('all are back', async () => (await cards(page).count()) === count)
  })

  test('files that are dropped land in the folder and show on the board; a link leads out safely', async () => {
    const { page } = one
    await page.locator('input[type=file]').setInputFiles([
      { name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('the plan') },
      {
        name: 'bad.svg',
        mimeType: 'image/svg+xml',
        buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=\'ran\'"/>'),
      },
    ])
    await card(page, 'plan.txt').waitFor()
    assert.ok(existsSync(path.join(laptop.dir, 'plans/Boards/Trip <b>to<_b> Faro/plan.txt')))
    await card(page, 'bad.svg').waitFor()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Link' }).click()
    await page.getByLabel('Address').fill('https://example.org/a')
    await page.keyboard.press('Enter')
    assert.equal(await page.getByRole('link', { name: 'example.org' }).getAttribute('rel'), 'noopener noreferrer')
  })

  test('what programs and strangers put on a board is text, or a grey card with the reason; nothing runs', async () => {
    const { page } = one
    const api = await apiOf(laptop)
    const script = '<script>document.title="ran"</script><img src=x onerror="document.title=\'ran\'">'
    await api.addCard(key, board, { type: 'text', text: script, pos: [0, 900] })
    await api.addCard(key, board, { type: 'thread', title: script, text: script, pos: [400, 900] })
    await api.addCard(key, board, { type: 'link', url: 'javascript:document.title="ran"', title: script, pos: [800, 900] })
    await api.addCard(key, board, { type: 'contact', name: script, pos: [1200, 900] })
    await using stranger = await openBoardSocket(laptop, key, board)
    stranger.doc.transact(() => {
      const broken = new Y.Map<unknown>([
        ['type', 'link'],
        ['pos', [1400, 900]],
      ])
      cardsOf(stranger.doc).set('broken', broken)
      cardsOf(stranger.doc).set('__proto__', 'no card at all')
    })
    await until('all came', async () => (await api.getBoard(key, board)).grey.length === 2)
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('This card can’t be shown').first().waitFor()
    await page.getByText('its address is missing').waitFor()
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
    assert.equal(await page.locator('.react-flow__node script, .react-flow__node img[src="x"]').count(), 0)
    assert.notEqual(await page.title(), 'ran')
    assert.deepEqual(
      one.complaints.splice(0).filter((text) => !/ERR_|WebSocket/.test(text)),
      [],
    )
  })

  test('on a phone a board is looked at and written on', async () => {
    const { page } = one
    await page.setViewportSize(SIZES.phone)
    await page.reload()
    await cards(page).first().waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await assertAccessible(page, 'a board on a phone')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Note' }).click()
    await page.getByRole('textbox', { name: 'Note' }).waitFor()
    await page.keyboard.type('from the phone')
    await page.keyboard.press('Escape')
    await until('the box has it', async () =>
      (await (await apiOf(raspberry)).getBoard(key, board)).items.some(({ text }) => text === 'from the phone'),
    )
    await page.setViewportSize(SIZES.desktop)
  })
})
