/** Tables in the page: made, filled, edited, searched, paged through, taken in and out, and followed live, as a person does it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Client, TableRow } from '@hyper-store/client'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, pairWith, runningStore, share } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const ROWS = 100_000
const keyOf = (number: number) => `r${String(number).padStart(6, '0')}`

const world = {} as { stores: Stores; a: TestStore; b: TestStore; api: Client; browser: TestBrowser; large: string }
const skip = { skip: noBrowser }

before(async () => {
  if (noBrowser !== false) return
  world.stores = await createStores('hyper-store-page-')
  world.a = await runningStore(world.stores, 'laptop')
  world.api = await apiOf(world.a)
  await world.a.shell('mkdir work && echo x > work/a.txt')
  await share(world.a, 'work')
  const { key } = await world.api.createTable({ title: 'Large' })
  const lines = Array.from({ length: ROWS }, (_, at) => `{"key":"${keyOf(at + 1)}","type":"json","value":{"n":${at + 1}}}`)
  await world.api.importRows(key, new TextEncoder().encode(lines.join('\n')))
  world.large = key
  world.browser = await openBrowser({ viewport: SIZES.desktop })
})

// Each page holds a connection to its store, and browsers have few.
afterEach(async () => {
  for (const page of world.browser?.context.pages() ?? []) await page.close()
})

after(async () => {
  await world.browser?.[Symbol.asyncDispose]()
  await world.stores?.[Symbol.asyncDispose]()
})

/** A page at a table with these rows. */
async function openTable(title: string, rows: Readonly<Record<string, unknown>>): Promise<OpenPage & { readonly key: string }> {
  const { key } = await world.api.createTable({ title })
  const changes = Object.entries(rows).map(([key, value]) => ({ key, type: 'json' as const, value }))
  if (changes.length > 0) await world.api.changeRows(key, { changes })
  return { ...(await openPage(world.browser.context, world.a, `/tables/${key}`)), key }
}
const cell = (page: Page, text: string) => page.getByRole('gridcell', { name: text, exact: true })
async function rowsOf(table: string): Promise<TableRow[]> {
  return (await world.api.getRows(table)).rows
}
async function valueOf(table: string, key: string): Promise<unknown> {
  return (await world.api.getRow(table, { key })).value
}

test('a table is made, on its own or in a shared folder, and is in the list', skip, async () => {
  const opened = await openPage(world.browser.context, world.a, '/tables')
  const { page, complaints } = opened
  await page.getByRole('button', { name: 'New table' }).first().click()
  await page.getByRole('button', { name: 'Make the table' }).click()
  await page.getByText('Give it a name.').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('Birds')
  await page.getByRole('switch', { name: 'Private' }).click()
  await page.getByRole('button', { name: 'Make the table' }).click()
  await page.getByRole('heading', { name: 'Birds', level: 1 }).waitFor()
  await page.getByText('No rows yet').waitFor()
  assert.equal((await world.api.getTable('Birds')).private, true)

  await opened.go('/tables')
  await page.getByRole('button', { name: 'Open one' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('to do')
  await page.getByRole('button', { name: 'Make the table' }).click()
  await page.getByRole('heading', { name: 'to do', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Add row' }).first().click()
  await page.getByRole('textbox', { name: 'Key' }).fill('milk')
  await page.getByRole('textbox', { name: 'Value' }).fill('{"done": false}')
  await page.getByRole('button', { name: 'Save' }).click()
  await cell(page, 'milk').waitFor()

  await page.getByRole('link', { name: 'All tables' }).click()
  for (const name of ['Birds', 'Large', 'to do']) await page.getByRole('main').getByRole('link', { name }).waitFor()
  await page.getByText('100,000 rows').waitFor()
  await page.getByText('1 row · in work').waitFor()
  await assertAccessible(page, 'tables')
  assert.deepEqual(complaints, [])
})

test('rows are added, edited in place by keys, deleted, and had back', skip, async () => {
  const { page, complaints, key } = await openTable('Cities', {
    oslo: { people: 700, name: 'Oslo' },
    rome: { people: 2800, name: 'Rome', tags: ['old'] },
  })
  await cell(page, 'Oslo').click()
  await page.keyboard.press('F2')
  await page.getByRole('textbox', { name: 'oslo, name' }).fill('Oslo, Norway')
  await page.keyboard.press('Enter')
  await page.getByText('Row changed').waitFor()
  assert.deepEqual(await valueOf(key, 'oslo'), { people: 700, name: 'Oslo, Norway' })

  // The focus is back on the cell; a number stays a number.
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('7')
  await page.keyboard.type('10')
  await page.keyboard.press('Enter')
  await until('the number', async () => JSON.stringify(await valueOf(key, 'oslo')) === '{"people":710,"name":"Oslo, Norway"}')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'oslo, people' }).fill('0')
  await page.keyboard.press('Escape')
  await cell(page, '710').waitFor()

  await page.getByRole('button', { name: 'Add row' }).click()
  await page.getByRole('textbox', { name: 'Key' }).fill('rome')
  await page.getByRole('textbox', { name: 'Value' }).fill('{oops')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('This is no JSON yet').waitFor()
  await page.getByRole('textbox', { name: 'Value' }).fill('{"people": 900}')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('There is a row with this key already').waitFor()
  await page.getByRole('textbox', { name: 'Key' }).fill('turin')
  await assertAccessible(page, 'new row')
  await page.getByRole('button', { name: 'Save' }).click()
  await cell(page, 'turin').click()

  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Space')
  await page.getByText('2 rows selected').waitFor()
  await page.keyboard.press('Delete')
  await page.getByText('2 rows deleted').waitFor()
  assert.deepEqual(
    (await rowsOf(key)).map(({ key }) => key),
    ['oslo'],
  )
  await page
    .getByText('2 rows deleted')
    .locator('xpath=ancestor::*[@role="dialog" or @role="alertdialog"][1]')
    .getByRole('button', { name: 'Undo' })
    .click()
  await cell(page, 'turin').waitFor()
  assert.deepEqual(await valueOf(key, 'rome'), { people: 2800, name: 'Rome', tags: ['old'] })
  await assertAccessible(page, 'a table')
  assert.deepEqual(complaints, [])
})

test('an old value of a row is restored, and the table is seen as it was', skip, async () => {
  const { page, key } = await openTable('Prices', { tea: 3 })
  await world.api.changeRows(key, {
    changes: [
      { key: 'tea', type: 'json', value: 4 },
      { key: 'rum', type: 'text', value: 'dear' },
    ],
  })
  await cell(page, '4').waitFor()
  await page.getByRole('button', { name: 'Open row tea' }).click()
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('button', { name: 'Restore' }).click()
  await page.getByText('Old value restored').waitFor()
  assert.equal(await valueOf(key, 'tea'), 3)

  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Changes' }).click()
  await page.getByRole('button', { name: 'See the table then' }).last().click()
  await page.getByText('This is the table as it was').waitFor()
  await cell(page, 'rum').waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('button', { name: 'Add row' }).count(), 0)
  await page.getByRole('button', { name: 'Back to now' }).click()
  await cell(page, 'rum').waitFor()
})

test('100,000 rows are paged to the end and back, gone to by key, and searched', skip, async () => {
  const { page, complaints } = await openPage(world.browser.context, world.a, `/tables/${world.large}`)
  await cell(page, keyOf(200)).waitFor()
  assert.equal(await cell(page, keyOf(201)).count(), 0)
  await page.getByRole('button', { name: 'Next page' }).click()
  await cell(page, keyOf(400)).waitFor()
  await page.getByRole('button', { name: 'Last page' }).click()
  await cell(page, keyOf(ROWS)).waitFor()
  assert.ok(await page.getByRole('button', { name: 'Next page' }).isDisabled())
  await page.getByRole('button', { name: 'Previous page' }).click()
  await cell(page, keyOf(ROWS - 200)).waitFor()
  await page.getByRole('textbox', { name: 'Go to key' }).fill(keyOf(50_000))
  await page.keyboard.press('Enter')
  await cell(page, keyOf(50_199)).waitFor()
  await page.getByRole('textbox', { name: 'Key begins with' }).fill('r0999')
  await cell(page, keyOf(99_900)).waitFor()
  await page.getByRole('textbox', { name: 'Key begins with' }).fill('')
  await page.getByRole('searchbox', { name: 'Search in keys and values' }).fill('77777')
  // All rows are looked at, which takes its time where the machine has other work.
  await cell(page, keyOf(77_777)).waitFor({ timeout: 90_000 })
  assert.equal(await page.getByRole('row').count(), 2)
  await page.getByRole('searchbox').fill('nowhere')
  await page.getByText('No row has that in it').waitFor({ timeout: 90_000 })
  assert.deepEqual(complaints, [])
})

test('rows below a name are one line, and the way back is shown', skip, async () => {
  const { page } = await openTable('Weather', { 'home/cellar/1': 11, 'home/roof/1': 25, note: 'x', 'work/1': 20 })
  await page.getByRole('gridcell', { name: 'Rows below home' }).click()
  await page.getByRole('gridcell', { name: 'Rows below cellar' }).focus()
  await page.keyboard.press('Enter')
  await cell(page, 'home/cellar/1').waitFor()
  await page.getByRole('navigation', { name: 'Where in the table' }).getByRole('button', { name: 'home' }).click()
  await page.getByRole('gridcell', { name: 'Rows below roof' }).waitFor()
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await cell(page, 'home/roof/1').waitFor()
  await page.getByRole('button', { name: 'All rows' }).click()
  await cell(page, 'work/1').waitFor()
})

test('a file with a wrong line puts nothing and names the line; a right one is imported; exports are what was imported', skip, async () => {
  const { page, complaints, key } = await openTable('Books', {})
  await page.getByRole('button', { name: 'Import' }).click()
  const choose = async (name: string, text: string) =>
    await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  const run = page.getByRole('button', { name: 'Import', exact: true }).last()
  await choose('books.csv', 'isbn,title,year\n1,Solaris,1961\n2,"Ubik"\n')
  await page.getByText('Line 3 has 2 of 3 cells').waitFor()
  await choose(
    'books.ndjson',
    `{"isbn":"1","title":"Solaris"}\n${'\n'.repeat(60)}${Array.from({ length: 60 }, (_, at) => `{"isbn":"${at}","n":1}`).join('\n')}\n{"title":"no key"}\n`,
  )
  await page.getByRole('region', { name: 'First 5 rows' }).waitFor()
  await run.click()
  await page.getByText('Line 122 has no key. Nothing was put.').waitFor()
  assert.deepEqual(await rowsOf(key), [])

  await choose('books.csv', 'isbn,title,year\n1,Solaris,1961\n2,"Ubik, a ""novel""",1969\n')
  await page.getByRole('region', { name: 'First 2 rows' }).getByText('Ubik, a "novel"').waitFor()
  await assertAccessible(page, 'import')
  await run.click()
  await page.getByText('2 rows imported').waitFor()
  assert.deepEqual(
    (await rowsOf(key)).map(({ key, value }) => [key, value]),
    [
      ['1', { title: 'Solaris', year: 1961 }],
      ['2', { title: 'Ubik, a "novel"', year: 1969 }],
    ],
  )

  const exported = async (name: string) => {
    await page.getByRole('button', { name: 'More' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()])
    return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')]
  }
  assert.deepEqual(await exported('Export as CSV'), ['Books.csv', 'key,title,year\n1,Solaris,1961\n2,"Ubik, a ""novel""",1969\n'])
  const [name, text] = await exported('Export as NDJSON')
  assert.equal(name, 'Books.ndjson')
  assert.equal(
    text,
    '{"key":"1","value":{"title":"Solaris","year":1961}}\n{"key":"2","value":{"title":"Ubik, a \\"novel\\"","year":1969}}\n',
  )
  assert.deepEqual(complaints, [])
})

test('what another writer changes appears at once and is counted; an edit over it is asked about', skip, async () => {
  const { page, key } = await openTable('Stock', { nails: { count: 5 } })
  await cell(page, '5').waitFor()
  await world.a.ok(['bee', 'put', key, 'screws', '{"count":9}'])
  await cell(page, 'screws')
    .or(page.getByRole('gridcell', { name: 'screws' }))
    .first()
    .waitFor()
  await page.getByText('1 change by others').waitFor()

  await cell(page, '5').dblclick()
  await page.getByRole('textbox', { name: 'nails, count' }).fill('6')
  await world.api.changeRows(key, { changes: [{ key: 'nails', type: 'json', value: { count: 50, of: 'steel' } }] })
  await page.getByText('2 changes by others').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('It says “50” now.').waitFor()
  await page.getByRole('button', { name: 'Put mine' }).click()
  await page.getByText('Row changed').waitFor()
  assert.deepEqual(await valueOf(key, 'nails'), { count: 6, of: 'steel' })
})

test('on a phone a table is read, searched and changed, also with names that would break a page', skip, async () => {
  const { page, complaints } = await openTable(`<b>x</b>\u202egnp ${'long '.repeat(30)}`, {
    '<img src=x onerror=alert(1)>': { '\u202eevil': '<script>alert(1)</script>', ['f'.repeat(200)]: 'v'.repeat(5000) },
    b: null,
  })
  await page.setViewportSize(SIZES.phone)
  await page.getByRole('gridcell', { name: '<script>alert(1)</script>' }).waitFor()
  await assertAccessible(page, 'a table on a phone')
  await page.getByRole('button', { name: 'Open row b' }).click()
  await page.getByRole('textbox', { name: 'Value' }).fill('"seen"')
  await assertAccessible(page, 'a row on a phone')
  await page.getByRole('button', { name: 'Save' }).click()
  await cell(page, 'seen').waitFor()
  await page.setViewportSize({ width: 320, height: 700 })
  await assertAccessible(page, 'a table on a small phone')
  assert.deepEqual(complaints, [])
})

test('a table of another device says that it is read-only', skip, async () => {
  const b = (world.b = await runningStore(world.stores, 'desk'))
  await pairWith(world.a, b)
  const item = await world.api.createTable({ title: 'Theirs', provider: 'desk' })
  await world.api.changeRows(item.key, { changes: [{ key: 'a', type: 'json', value: 1 }] })
  const api = await apiOf(b)
  await until('the table', async () => (await api.getTable(item.key)).rows === 1)
  const { page, complaints } = await openPage(world.browser.context, b, `/tables/${item.key}`)
  await page.getByText('You can look at this table, not change it').waitFor()
  await cell(page, 'a').dblclick()
  await page.getByRole('dialog').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
  assert.deepEqual(complaints, [])
})

test('a table of a box is opened through the page of the own store, changed, and followed live', skip, async () => {
  const box = await apiOf(world.b)
  const { key } = await box.createTable({ title: 'Cellar' })
  await box.changeRows(key, { changes: [{ key: 'jam', type: 'json', value: { jars: 9 } }] })
  const { page, complaints } = await openPage(world.browser.context, world.a, '/tables')
  await page.getByRole('button', { name: 'Which store: laptop' }).click()
  await page.getByRole('menuitem', { name: 'desk' }).click()
  await page.getByText('You are looking at desk').waitFor()
  await page.getByRole('link', { name: 'Tables' }).click()
  const list = page.getByRole('region', { name: 'Tables' })
  await list.getByRole('link', { name: 'Theirs' }).waitFor()
  assert.equal(await list.getByRole('link', { name: 'Large' }).count(), 0, 'tables of the own store are not among them')
  await list.getByRole('link', { name: 'Cellar' }).click()

  await cell(page, '9').dblclick()
  await page.getByRole('textbox', { name: 'jam, jars' }).fill('8')
  await page.keyboard.press('Enter')
  await page.getByText('Row changed').waitFor()
  assert.deepEqual((await box.getRow(key, { key: 'jam' })).value, { jars: 8 })
  await page.getByRole('button', { name: 'Add row' }).click()
  await page.getByRole('textbox', { name: 'Key' }).fill('plums')
  await page.getByRole('textbox', { name: 'Value' }).fill('{"jars": 3}')
  await page.getByRole('button', { name: 'Save' }).click()
  await cell(page, 'plums').waitFor()
  assert.deepEqual((await box.getRow(key, { key: 'plums' })).value, { jars: 3 })
  await box.changeRows(key, { changes: [{ key: 'quinces', type: 'json', value: { jars: 70 } }] })
  await cell(page, '70').waitFor()
  await page.getByText('1 change by others').waitFor()
  await assertAccessible(page, 'a table of a box')

  await page.getByRole('button', { name: 'More' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export as CSV' }).click()])
  assert.equal(await readFile(await download.path(), 'utf8'), 'key,jars\njam,8\nplums,3\nquinces,70\n')

  await page.getByRole('link', { name: 'All tables' }).click()
  await page.getByRole('button', { name: 'New table' }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Attic')
  await page.getByRole('button', { name: 'Make the table' }).click()
  await page.getByRole('heading', { name: 'Attic', level: 1 }).waitFor()
  assert.equal((await box.getTable('Attic')).writable, true)
  await page.getByRole('link', { name: 'Back to laptop' }).click()
  await page.getByRole('link', { name: 'Tables' }).click()
  await page.getByRole('main').getByRole('link', { name: 'Large' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Attic' }).count(), 0)
  assert.deepEqual(complaints, [])
})
