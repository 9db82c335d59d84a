/** What a page in a drive can do to the store, asked in a real browser; skipped where there is no Chromium. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { listen } from '../../src/http/server.ts'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import { DRIVE_KEY, OTHER_KEY, httpWorld } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'

/** A page that tries all it can against `store`, and writes what came of it into its title. */
function hostilePage(store: string): string {
  const tries = [
    ['/api/v1/store', {}],
    ['/api/v1/folders', { credentials: 'include' }],
    ['/api/v1/folders', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"path":"/x"}' }],
    ['/api/v1/folders', { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"path":"/x"}' }],
    [`/gateway/${OTHER_KEY}/secret.txt`, { credentials: 'include' }],
    [`/gateway/${DRIVE_KEY}/open.txt`, {}],
  ]
  return `<!doctype html><script>
    const attempt = async ([path, init]) => { try { return (await fetch('${store}' + path, init)).status } catch { return 'refused' } }
    Promise.all(${JSON.stringify(tries)}.map(attempt)).then((found) => { document.title = JSON.stringify([self.origin, ...found]) })
  </script>`
}

test('a page in a drive reads public drives and gets at nothing else, logged in or not', { skip: noBrowser }, async () => {
  const webDir = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-browser-'))
  await writeFile(path.join(webDir, 'index.html'), '<h1>page</h1>')
  const world = httpWorld({ webDir })
  await using listening = await listen(world.app, { host: '127.0.0.1', port: 0, onUpgrade: (socket) => void socket.destroy() })
  const store = `http://localhost:${listening.port}`
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { 'evil.html': hostilePage(store), 'open.txt': 'x', 'd/<b>.txt': 'a file' }))
  world.store.drives.set(OTHER_KEY, memoryDrive(OTHER_KEY, { 'secret.txt': 'secret' }, { private: true }))
  await using browser = await openBrowser()
  try {
    const page = await browser.context.newPage()
    await page.goto(`${store}/`)
    const calls = `(async () => {
      const headers = { 'content-type': 'application/json' }
      const login = await fetch('/api/v1/session', { method: 'POST', headers, body: '{"token":"local-token"}' })
      const add = await fetch('/api/v1/folders', { method: 'POST', headers, body: '{"path":"/ok"}' })
      return [login.status, (await fetch('/api/v1/folders')).status, add.status, document.cookie]
    })()`
    assert.deepEqual(await page.evaluate(calls), [200, 200, 200, ''], 'the store’s own page may')

    const origin = `http://${DRIVE_KEY}.localhost:${listening.port}`
    for (const [address, own] of [
      [`${store}/gateway/${DRIVE_KEY}/evil.html`, 'null'],
      [`${origin}/evil.html`, origin],
    ] as const) {
      await page.goto(address)
      await page.waitForFunction("document.title.startsWith('[')")
      const [self, ...found] = JSON.parse(await page.title()) as unknown[]
      assert.equal(self, own)
      // The fourth is sent without a look at the answer, which is none of the page's business: status 0.
      assert.deepEqual(found, ['refused', 'refused', 'refused', 0, 'refused', 200])
    }
    assert.equal(world.store.calls.filter((call) => call.name === 'addFolder').length, 1, 'nothing was added but by the store’s own page')

    await page.goto(`${store}/gateway/${OTHER_KEY}/secret.txt`)
    assert.equal(await page.textContent('body'), 'secret', 'the session reads private drives')
    await page.goto(`${store}/gateway/${DRIVE_KEY}/d/`)
    await page.getByRole('link', { name: '<b>.txt' }).click()
    assert.equal(await page.textContent('body'), 'a file')
  } finally {
    await rm(webDir, { recursive: true })
  }
})
