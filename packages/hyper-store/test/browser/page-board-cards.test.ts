/** What is on a board, in a real browser: every type of card, search with its keys, comments, history, pictures, following, carets. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, share } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { pdf } from '../fixtures/pdf.ts'
import { plainPicture } from '../fixtures/png.ts'
import { put, storesOnPorts } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { makeTone } from '../fixtures/tone.ts'
import { until } from '../fixtures/transports.ts'

describe('cards and search in the page', { skip: noBrowser, timeout: 240_000 }, () => {
  let stores: Stores
  let laptop: TestStore
  let browser: TestBrowser
  let one: OpenPage
  let page: Page
  let key: string
  let board: string

  before(async () => {
    stores = await createStores('hyper-store-page-cards-')
    ;[{ laptop }, browser] = await Promise.all([storesOnPorts(stores, ['laptop']), openBrowser({ viewport: SIZES.desktop })])
    await put(laptop, 'plans/Lisbon/old town.txt', 'x')
    await put(laptop, 'plans/trams.txt', 'x')
    ;({ key } = await share(laptop, 'plans'))
    const api = await apiOf(laptop)
    ;({ id: board } = await api.createBoard(key, { title: 'Trip' }))
    one = await openPage(browser.context, laptop, `/folders/${key}/boards/${board}`)
    ;({ page } = one)
    await page.getByRole('heading', { name: 'Trip' }).waitFor()
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  const cards = (on: Page) => on.locator('.react-flow__node')
  const card = (on: Page, text: string) => cards(on).filter({ hasText: text })
  const boardNow = async () => await (await apiOf(laptop)).getBoard(key, board)
  /** Puts something on the board by the menu. */
  async function add(entry: string): Promise<void> {
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: entry, exact: true }).click()
  }
  /** Writes into the list that is open, and takes its first line. */
  async function choose(text: string, keys = 'Enter'): Promise<void> {
    const list = page.getByRole('dialog').getByRole('combobox')
    await list.fill(text)
    await page.getByRole('option', { name: text }).first().waitFor()
    await page.keyboard.press(keys)
    await list.waitFor({ state: 'detached' })
  }
  /** Goes to a card, as the search does. */
  async function show(on: OpenPage, text: string): Promise<void> {
    const { items } = await boardNow()
    const id = items.find((one) => [one.text, one.title, one.url].some((part) => part?.includes(text) === true))?.id ?? ''
    await on.go(`/folders/${key}/boards/${board}`)
    await on.go(`/folders/${key}/boards/${board}/${id}`)
    await card(on.page, text).first().waitFor()
    await until('it is large', async () => ((await card(on.page, text).first().boundingBox())?.width ?? 0) > 200)
  }
  async function cardMenu(text: string, entry: string): Promise<void> {
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await card(page, text)
      .first()
      .click({ button: 'right', position: { x: 60, y: 12 } })
    await page.getByRole('menuitem', { name: entry, exact: true }).click()
  }

  test('threads, folders, tables, people and boards become cards that show what they stand for', async () => {
    const api = await apiOf(laptop)
    const { key: table, link } = await api.createTable({ title: 'Costs' })
    await laptop.json(['bee', 'put', link, 'train', '"12 euro"'])
    assert.ok(table !== '')
    await add('Thread')
    await card(page, 'Nobody wrote yet').getByLabel('Write a message').fill('When do we go?')
    await page.keyboard.press('Enter')
    await card(page, 'When do we go?').waitFor()
    await add('Folder')
    await choose('Lisbon')
    await card(page, 'old town.txt').waitFor()
    await put(laptop, 'plans/Lisbon/castle.txt', 'x')
    await card(page, 'castle.txt').waitFor()
    await add('Table')
    await choose('Costs')
    await card(page, '12 euro').waitFor()
    await add('Person')
    await choose('laptop')
    await card(page, 'laptop').first().waitFor()
    await add('New board on this one')
    await page.getByLabel('Name of the board').fill('Where to eat')
    await page.keyboard.press('Enter')
    await card(page, 'Where to eat').getByText('0 cards').waitFor()
    assert.deepEqual(
      (await boardNow()).items.map(({ type }) => type),
      ['thread', 'folder', 'table', 'contact', 'board'],
    )
    await page.getByRole('button', { name: 'Show all' }).click()
    await card(page, 'Where to eat').getByRole('link').click()
    await page.getByRole('heading', { name: 'Where to eat' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Trip' }).waitFor()
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('pictures, sounds, films and documents show themselves; an SVG, a page of HTML and what is broken do not', async () => {
    await page.locator('input[type=file]').setInputFiles([
      { name: 'red.png', mimeType: 'image/png', buffer: plainPicture(40, 30) },
      { name: 'tone.wav', mimeType: 'audio/wav', buffer: makeTone(1) },
      { name: 'story.pdf', mimeType: 'application/pdf', buffer: Buffer.from(pdf(['page one', 'page two'])) },
      { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>document.title="ran"</script>') },
      { name: 'torn.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
    ])
    await card(page, 'torn.png').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await card(page, 'red.png').getByRole('img').waitFor()
    await card(page, 'tone.wav').locator('audio').waitFor()
    const story = card(page, 'story.pdf')
    await story.getByText('1 of 2').waitFor()
    await story.getByText('page one').waitFor({ state: 'attached' })
    await story.getByRole('button', { name: 'Next page' }).click()
    await story.getByText('page two').waitFor({ state: 'attached' })
    await until('the torn one is an icon', async () => (await card(page, 'torn.png').getByRole('img').count()) === 0)
    assert.equal(await card(page, 'page.html').locator('iframe').count(), 0)
    assert.notEqual(await page.title(), 'ran')
    one.complaints.length = 0
  })

  test('the search is opened by a key, finds cards, files, boards and people, and goes there without a mouse', async () => {
    const api = await apiOf(laptop)
    const far = await api.addCard(key, board, { type: 'text', text: 'Ask about the ferry', pos: [2400, 1800] })
    await page.locator('.react-flow__pane').click({ position: { x: 10, y: 10 } })
    await page.keyboard.press('/')
    const list = page.getByRole('dialog').getByRole('combobox')
    await list.waitFor()
    await page.getByRole('option', { name: 'Trip' }).first().waitFor()
    await assertAccessible(page, 'the search')
    await page.emulateMedia({ colorScheme: 'dark' })
    await assertAccessible(page, 'the search in the dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await list.fill('ferry')
    await page.getByRole('option', { name: 'Ask about the ferry' }).waitFor()
    await page.keyboard.press('Enter')
    await card(page, 'Ask about the ferry').waitFor()
    assert.match(page.url(), new RegExp(far.id))

    await page.keyboard.press('/')
    await choose('trams.txt', 'Shift+Enter')
    await until('it is on the board', async () => (await boardNow()).items.some(({ file }) => file?.path === 'trams.txt'))

    await page.keyboard.press('/')
    await choose('Where to eat', 'Control+Backspace')
    await until('it is put away', async () => (await api.listBoards(key)).boards.some(({ archived }) => archived))
    await page.keyboard.press('/')
    await page.getByRole('option', { name: 'Trip' }).first().waitFor()
    await page.getByRole('option', { name: 'Where to eat' }).waitFor({ state: 'detached' })
    await list.fill('where to')
    await page.getByText('Boards that were put away').waitFor()
    await list.fill(`hyper://${key}?board=${board}`)
    await page.getByRole('option', { name: 'Open this address' }).waitFor()
    await list.fill('nothing of the kind')
    await page.getByText('Nothing here has that.').waitFor()
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('a card is commented on, doubled, locked, coloured and laid behind others', async () => {
    const api = await apiOf(laptop)
    await api.addCard(key, board, { type: 'text', text: 'Pack the tent', pos: [2400, 2000] })
    await show(one, 'Pack the tent')
    await cardMenu('Pack the tent', 'Comments')
    const dialog = page.getByRole('dialog', { name: /^Comments on/ })
    await dialog.getByLabel('Write a comment').fill('Mine or yours?')
    await page.keyboard.press('Enter')
    await dialog.getByText('Mine or yours?').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await card(page, 'Pack the tent').getByRole('button', { name: '1 comment' }).waitFor()
    await card(page, 'Pack the tent').click({ position: { x: 60, y: 60 } })
    await page.keyboard.press('Control+d')
    await until('there are two', async () => (await boardNow()).items.filter(({ text }) => text === 'Pack the tent').length === 2)
    await page.keyboard.press('Control+z')
    await until('there is one again', async () => (await boardNow()).items.filter(({ text }) => text === 'Pack the tent').length === 1)
    const tent = async () => (await boardNow()).items.find(({ text }) => text === 'Pack the tent')
    await cardMenu('Pack the tent', 'Colour mint')
    await until('it is mint', async () => (await tent())?.colour === 'mint')
    await cardMenu('Pack the tent', 'Send to back')
    await until('it is below all', async () => (await boardNow()).items[0]?.text === 'Pack the tent')
    await cardMenu('Pack the tent', 'Lock in place')
    await until('it is locked', async () => (await tent())?.locked === true)
    const before = await tent()
    await card(page, 'Pack the tent').click({ position: { x: 60, y: 60 } })
    await page.keyboard.press('ArrowDown')
    await cardMenu('Pack the tent', 'Unlock')
    await until('it is free', async () => (await tent())?.locked === undefined || (await tent())?.locked === false)
    assert.deepEqual((await tent())?.pos, before?.pos)
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('cards are copied, cut and pasted, text, links and a key make cards, a frame and a line are drawn by hand, the wheel moves the board', async () => {
    const api = await apiOf(laptop)
    const { id } = await api.createBoard(key, { title: 'Paste' })
    await api.addCard(key, id, { type: 'text', text: 'here', pos: [0, 0] })
    await api.addCard(key, id, { type: 'text', text: 'there', pos: [400, 200] })
    await one.go(`/folders/${key}/boards/${id}`)
    await page.getByRole('heading', { name: 'Paste' }).waitFor()
    await card(page, 'there').waitFor()
    await page.locator('[data-board=fitted]').waitFor()
    // A frame around both, once they rest where they are: a box that is measured in the frame of the fitting may be that of before.
    await card(page, 'here').first().hover()
    const [first, last] = await Promise.all([card(page, 'here').first().boundingBox(), card(page, 'there').boundingBox()])
    assert.ok(first !== null && last !== null)
    await page.mouse.move(first.x - 30, first.y - 30)
    await page.mouse.down()
    await page.mouse.move(last.x + last.width + 20, last.y + last.height + 20, { steps: 6 })
    await page.mouse.up()
    await until('both are chosen', async () => (await page.locator('.react-flow__node.selected').count()) === 2)
    await page.keyboard.press('Escape')
    await until('none is chosen', async () => (await page.locator('.react-flow__node.selected').count()) === 0)
    await card(page, 'here').first().hover()
    await card(page, 'here').first().locator('.react-flow__handle-right').hover()
    await page.mouse.down()
    await page.mouse.move(last.x + 2, last.y + last.height / 2, { steps: 6 })
    await page.mouse.up()
    await until('the line is drawn', async () => (await api.getBoard(key, id)).connectors.length === 1)
    // Words are written on it by keys, and taken away again; it is deleted, and comes back.
    const lineIs = async (label: string | null) =>
      until(`the line says ${label}`, async () => {
        const [line] = (await api.getBoard(key, id)).connectors
        return label === null ? line === undefined : line !== undefined && (line.label ?? '') === label
      })
    const line = page.locator('.react-flow__edge')
    const words = page.getByRole('dialog', { name: 'Words on the line' })
    await line.focus()
    await page.keyboard.press('Enter')
    await page.locator('.react-flow__edge.selected').waitFor()
    await page.keyboard.press('F2')
    await words.getByRole('textbox').fill('because')
    await page.keyboard.press('Enter')
    await words.waitFor({ state: 'detached' })
    await lineIs('because')
    await line.locator('.react-flow__edge-textbg').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Delete the line' }).click()
    await lineIs(null)
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await lineIs('because')
    await line.locator('.react-flow__edge-textbg').dblclick()
    await words.getByRole('textbox').fill('')
    await page.keyboard.press('Enter')
    await words.waitFor({ state: 'detached' })
    await lineIs('')
    await page.locator('.react-flow__edge.selected').waitFor()
    await page.keyboard.press('Delete')
    await lineIs(null)
    await page.keyboard.press('Control+z')
    await lineIs('')
    const texts = async () =>
      (await api.getBoard(key, id)).items.map((item) => item.text ?? item.url ?? '').sort((a, b) => (a < b ? -1 : 1))
    await card(page, 'here')
      .first()
      .click({ position: { x: 20, y: 50 } })
    await page.keyboard.press('Control+c')
    await page.keyboard.press('Control+v')
    await until('it is copied', async () => (await texts()).join() === 'here,here,there')
    await page.keyboard.press('Control+x')
    await until('the copy is cut', async () => (await texts()).join() === 'here,there')
    await page.keyboard.press('Control+v')
    await until('it is pasted', async () => (await texts()).join() === 'here,here,there')
    await page.keyboard.press('Control+z')
    await until('that is undone', async () => (await texts()).join() === 'here,there')
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    for (const [pasted, all] of [
      ['https://example.org/x', 'here,https://example.org/x,there'],
      ['plain words', 'here,https://example.org/x,plain words,there'],
    ] as const) {
      await page.evaluate(async (text) => {
        const { navigator } = globalThis as unknown as { navigator: { clipboard: { writeText(text: string): Promise<void> } } }
        await navigator.clipboard.writeText(text)
      }, pasted)
      await page.keyboard.press('Control+v')
      await until(`${pasted} is pasted`, async () => (await texts()).join() === all)
    }
    await page.keyboard.press('n')
    await page.getByRole('textbox', { name: 'Note' }).waitFor()
    await page.keyboard.type('a note by key')
    await page.keyboard.press('Escape')
    await until('it is written', async () => (await texts()).includes('a note by key'))
    const before = await page.locator('.react-flow__viewport').getAttribute('style')
    await page.mouse.wheel(0, 200)
    await until('the wheel moves the board', async () => (await page.locator('.react-flow__viewport').getAttribute('style')) !== before)
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('the board is looked at as it was, and brought back, and that is undone', async () => {
    const api = await apiOf(laptop)
    const { id } = await api.createBoard(key, { title: 'Past' })
    const old = await api.addCard(key, id, { type: 'text', text: 'as it was' })
    await one.go(`/folders/${key}/boards/${id}`)
    await card(page, 'as it was').waitFor()
    const { moments } = await api.getBoardHistory(key, id)
    assert.equal(moments.length, 1)
    await page.getByRole('button', { name: 'More about this board' }).click()
    await page.getByRole('menuitem', { name: 'History' }).click()
    await page.getByRole('dialog', { name: 'History' }).getByRole('listitem').first().getByRole('button').click()
    await page.getByText(/^The board as it was/).waitFor()
    await api.changeCard(key, id, old.id, { text: 'as it is' })
    await card(page, 'as it was').waitFor()
    await page.getByRole('button', { name: 'Bring this back' }).click()
    await page.getByText('Brought back: 1 card changed').waitFor()
    const text = async () => (await api.getBoard(key, id)).items[0]?.text
    await until('it is back', async () => (await text()) === 'as it was')
    await page.getByRole('dialog').filter({ hasText: 'Brought back' }).getByRole('button', { name: 'Undo' }).click()
    await until('it is undone', async () => (await text()) === 'as it is')
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('a board is taken out as a picture and as JSON Canvas, a canvas is taken in, it is put away, and its address copied', async () => {
    await one.go(`/folders/${key}/boards/${board}`)
    await page.getByRole('heading', { name: 'Trip' }).waitFor()
    const take = async (entry: string): Promise<Buffer> => {
      await page.getByRole('menu').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'More about this board' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: entry, exact: true }).click(),
      ])
      return await readFile(await download.path())
    }
    const picture = await take('As a picture')
    assert.deepEqual([picture.subarray(1, 4).toString(), picture.byteLength > 5000], ['PNG', true])
    const canvas = JSON.parse((await take('As JSON Canvas')).toString()) as { nodes: unknown[] }
    assert.equal(canvas.nodes.length, (await boardNow()).cards)
    await one.go(`/folders/${key}/boards`)
    const { id: other } = await (await apiOf(laptop)).createBoard(key, { title: 'Taken in' })
    await one.go(`/folders/${key}/boards/${other}`)
    await page.getByRole('heading', { name: 'Taken in' }).waitFor()
    await page.getByRole('button', { name: 'More about this board' }).click()
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('menuitem', { name: 'Put a JSON Canvas on it' }).click(),
    ])
    const text = JSON.stringify({ nodes: [{ id: 'a', type: 'text', text: 'from elsewhere', x: 0, y: 0, width: 200, height: 80 }] })
    await chooser.setFiles({ name: 'x.canvas', mimeType: 'application/json', buffer: Buffer.from(text) })
    await page.getByText('1 card put on the board').waitFor()
    await card(page, 'from elsewhere').waitFor()
    await one.go(`/folders/${key}/boards/${board}`)
    await page.getByRole('heading', { name: 'Trip' }).waitFor()
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'More about this board' }).click()
    await page.getByRole('menuitem', { name: 'Copy the address of this board' }).click()
    await page.getByText('The address was copied').waitFor()
    const address = await page.evaluate(async () => {
      const { navigator } = globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      return await navigator.clipboard.readText()
    })
    assert.equal(address, `hyper://${key}?board=${board}`)
    await page.getByRole('button', { name: 'More about this board' }).click()
    await page.getByRole('menuitem', { name: 'Put away', exact: true }).click()
    await until('it is put away', async () => (await boardNow()).archived)
    assert.deepEqual(one.complaints.splice(0), [])
  })

  test('a link to a private address is not asked for a preview', async () => {
    await add('Link')
    await page.getByRole('textbox', { name: 'Address' }).fill(`${laptop.url}/`)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Link' }).waitFor({ state: 'detached' })
    await until('it is there', async () => (await boardNow()).items.some(({ type }) => type === 'link'))
    await show(one, '127.0.0.1')
    await cardMenu('127.0.0.1', 'Ask the address for a preview')
    await page.getByText('only public addresses are asked for a preview').first().waitFor()
    one.complaints.length = 0
  })

  test('somebody is followed, and the caret of who writes is seen', async () => {
    const two = await openPage(browser.context, laptop, `/folders/${key}/boards/${board}`)
    await cards(two.page).first().waitFor()
    /** Place and size of what is seen. */
    const viewport = async (on: Page) => {
      const style = (await on.locator('.react-flow__viewport').getAttribute('style')) ?? ''
      return (style.match(/-?[\d.]+/g) ?? []).map(Number)
    }
    const zoomed = (await viewport(two.page))[2]
    await page.bringToFront()
    await page.getByRole('button', { name: 'Follow laptop' }).click()
    await two.page.bringToFront()
    await two.page.getByRole('button', { name: 'Zoom out' }).click()
    await two.page.getByRole('button', { name: 'Zoom out' }).click()
    await until('the other went along', async () => {
      const [here, there] = [await viewport(page), await viewport(two.page)]
      return there[2] !== zoomed && here.length === 3 && here.every((part, i) => Math.abs(part - (there[i] ?? 0)) < 1)
    })
    for (const each of [one, two]) {
      await each.page.bringToFront()
      await show(each, 'Pack the tent')
      await card(each.page, 'Pack the tent').dblclick({ position: { x: 60, y: 60 } })
      await each.page.getByRole('textbox', { name: 'Note' }).waitFor()
    }
    await two.page.keyboard.type('!')
    await page.locator('.caret').getByText('laptop').waitFor({ state: 'attached' })
    await page.keyboard.press('Escape')
    await two.page.close()
  })

  test('a table that is wiped and a file that is gone leave a card that says so', async () => {
    await writeFile(path.join(laptop.dir, 'plans/gone.txt'), 'x')
    const api = await apiOf(laptop)
    await api.addCard(key, board, { type: 'folder', path: 'no such folder' })
    await page.getByRole('button', { name: 'Show all' }).click()
    await card(page, 'no such folder').getByText('It is not there any more, or not on this device.').waitFor({ state: 'attached' })
    one.complaints.length = 0
  })
})
