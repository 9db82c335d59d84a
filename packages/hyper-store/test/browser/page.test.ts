/** The page of real stores in a real browser: logging in, folders as they come, become complete and go, and a session that ends. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import { pairWith, runningStore, share } from '../fixtures/lab.ts'
import { createStores } from '../fixtures/stores.ts'
import type { TestStore } from '../fixtures/stores.ts'

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

const tokenOf = async (store: TestStore) => (await readFile(path.join(store.home, 'token'), 'utf8')).trim()

/** Everything that a page complained of; a page that works says nothing. */
function complaintsOf(page: Page): string[] {
  const said: string[] = []
  page.on('pageerror', (error) => said.push(error.message))
  page.on('console', (message) => {
    // Chromium itself notes each answer of 401, which is what a wrong token gets.
    if (message.type() === 'error' && !message.text().includes('401')) said.push(message.text())
  })
  return said
}

test('the page shows a folder appear, become complete on its provider, and go', { skip: noBrowser }, async () => {
  await using stores = await createStores('hyper-store-page-')
  const a = await runningStore(stores, 'laptop')
  const pi = await runningStore(stores, 'raspberry')
  await pairWith(a, pi)
  await using browser = await openBrowser()
  const own = await browser.context.newPage()
  const complaints = complaintsOf(own)

  await own.goto(`${a.url}/#token=${await tokenOf(a)}`)
  await own.getByText('Nothing is kept here yet.').waitFor()
  assert.equal(own.url(), `${a.url}/`, 'the token stays in no address')
  assert.equal(await own.getByRole('heading', { level: 1 }).textContent(), 'laptop')
  await own.getByText('Live', { exact: true }).waitFor()

  const other = await browser.context.newPage()
  await other.goto(`${pi.url}/#token=${await tokenOf(pi)}`)
  await other.getByText('Nothing is kept here yet.').waitFor()

  await mkdir(path.join(a.dir, 'photos'))
  await writeFile(path.join(a.dir, 'photos/<b>one.jpg'), Buffer.alloc(20_000_000, 'a photo, as random as it may be '))
  await writeFile(path.join(a.dir, 'photos/two.txt'), 'two')
  await share(a, 'photos', { provider: 'raspberry' })
  for (const [page, device] of [
    [own, 'raspberry'],
    [other, 'laptop'],
  ] as const) {
    const card = page.getByRole('article', { name: 'photos' })
    await card.getByText('Up to date').waitFor()
    await card.getByRole('listitem').filter({ hasText: device }).getByText('has everything · online').waitFor()
    assert.match((await card.textContent()) ?? '', /2 files, 20\.0 MB/)
    assert.equal(await card.getByRole('progressbar').count(), 0, 'what is done has no bar')
    await page.getByText('1 folder, 20.0 MB · up to date').waitFor()
  }

  await writeFile(path.join(a.dir, 'photos/three.txt'), 'three')
  await own.getByText('3 files').waitFor()
  await other.getByText('3 files').waitFor()

  await pi.stop()
  await own.getByRole('listitem').filter({ hasText: 'raspberry' }).getByText('has everything · seen').waitFor()
  await other.getByText('Reconnecting…').waitFor()

  await own.getByRole('link', { name: 'Browse files' }).click()
  await own.getByRole('link', { name: '<b>one.jpg' }).waitFor()
  await own.goBack()
  await own.getByRole('article', { name: 'photos' }).waitFor()
  await a.ok(['remove', 'photos'])
  await own.getByText('Nothing is kept here yet.').waitFor()
  assert.deepEqual(complaints, [])
})

test('the page asks for a token, refuses a wrong one, and asks again when the session has ended', { skip: noBrowser }, async () => {
  await using stores = await createStores('hyper-store-page-')
  const a = await runningStore(stores, 'laptop', ['--port', '0'])
  await using browser = await openBrowser({ colorScheme: 'dark', viewport: { width: 360, height: 740 } })
  const page = await browser.context.newPage()
  const complaints = complaintsOf(page)

  await page.goto(`${a.url}/#token=wrong`)
  await page.getByText('This store does not know that token.').waitFor()
  await page.getByLabel('Token').fill('also wrong')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('This store does not know that token.').waitFor()
  await page.getByLabel('Token').fill(` ${await tokenOf(a)} `)
  await page.keyboard.press('Enter')
  await page.getByText('Nothing is kept here yet.').waitFor()
  await page.reload()
  await page.getByText('Nothing is kept here yet.').waitFor()
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing is wider than a phone')
  assert.equal(await page.evaluate('document.cookie'), '')

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel('Token').fill(await tokenOf(a))
  await page.keyboard.press('Enter')
  await page.getByText('Live', { exact: true }).waitFor()

  // Sessions end with the service; the page, which reconnects by itself, must not go on as if nothing had been.
  const { port } = new URL(a.url)
  await a.stop()
  await page.getByText('Reconnecting…').waitFor()
  await a.serve(['--lan-only', '--no-lan', '--name', 'laptop', '--port', port])
  await page.getByText('Your session has ended. Log in again.').waitFor()
  assert.deepEqual(
    complaints.filter((text) => !text.includes('ERR_')),
    [],
  )
})
