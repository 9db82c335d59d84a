/** The frame of the page in a real browser: who may see it, what stays secret, what other sites can do to it, and what it survives. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { mkdir } from 'node:fs/promises'
import { connect, createServer as createPlug } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import path from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { freePort } from '../cli/world.ts'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, runningStore, share } from '../fixtures/lab.ts'
import { assertAccessible, complaintsOf, openPage, SIZES, tokenOf, untilTrue } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

describe('the page', { skip: noBrowser }, () => {
  let stores: Stores
  let a: TestStore
  let browser: TestBrowser

  before(async () => {
    stores = await createStores('hyper-store-page-')
    a = await runningStore(stores, 'laptop', ['--port', String(await freePort())])
    browser = await openBrowser({ viewport: SIZES.desktop })
  })
  beforeEach(async () => {
    await browser.context.clearCookies()
    for (const page of browser.context.pages().slice(1)) await page.close()
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  test('the page asks for a token, refuses a wrong one, and keeps the session in a cookie that scripts do not see', async () => {
    const page = await browser.context.newPage()
    await page.setViewportSize({ width: 320, height: 740 })
    await page.emulateMedia({ colorScheme: 'dark' })

    await page.goto(`${a.url}/#token=wrong`)
    await page.getByRole('heading', { name: 'Log in to this store' }).waitFor()
    assert.equal(page.url(), `${a.url}/`, 'the token stays in no address')
    await assertAccessible(page, 'log-in')
    await page.getByRole('textbox', { name: 'Token' }).fill('also wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('This store does not know that token.').waitFor()
    await page.getByRole('textbox', { name: 'Token' }).fill(` ${await tokenOf(a)} `)
    await page.keyboard.press('Enter')
    await page.getByText('Live', { exact: true }).waitFor()
    assert.equal(await page.evaluate('document.cookie'), '')
    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Which store: laptop' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await page.getByRole('textbox', { name: 'Token' }).waitFor()
    await page.reload()
    await page.getByRole('textbox', { name: 'Token' }).waitFor()
  })

  test('a one-time code logs a browser in once, and makes it a device that can be revoked', async () => {
    const api = await apiOf(a)
    const page = await browser.context.newPage()
    await page.setViewportSize(SIZES.phone)
    const { code } = await api.createPair({})

    await page.goto(`${a.url}/#code=${code}`)
    await page.getByText('Live', { exact: true }).waitFor()
    assert.equal(page.url(), `${a.url}/`, 'the code stays in no address')
    const [device] = await api.listDevices()
    assert.match(device?.name ?? '', /Chrome/)

    await api.revokeDevice(device?.key ?? '')
    // The right is asked for again with each call.
    await page.evaluate('location.hash = "/devices"')
    await page.getByText('Your session has ended.').waitFor()
    await page.getByRole('button', { name: 'Code', exact: true }).click()
    await page.getByRole('textbox', { name: 'Code' }).fill(code)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('textbox', { name: 'Code' }).fill((await api.createPair({})).code)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  test('a restart of the service heals without reload: the session goes on, and the page shows what is new', async () => {
    const { page, complaints } = await openPage(browser.context, a)
    await page.evaluate('globalThis.isSamePage = true')

    const { port } = new URL(a.url)
    await a.stop()
    await page.getByText('Reconnecting…').waitFor()
    await a.serve(['--lan-only', '--no-lan', '--name', 'desk', '--port', port])
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Which store: desk' }).waitFor()
    assert.equal(await page.evaluate('globalThis.isSamePage'), true)
    assert.deepEqual(
      complaints.filter((text) => !text.includes('ERR_')),
      [],
    )
  })

  test('a cable that is cut heals without reload, and what happened meanwhile is shown', async () => {
    const { port } = new URL(a.url)
    await using cable = await openCable(Number(port))
    const { page, complaints } = await openPage(browser.context, { ...a, url: cable.url })
    await page.evaluate('globalThis.isSamePage = true')
    cable.cut()
    await page.getByText('Reconnecting…').waitFor()
    await mkdir(path.join(a.dir, 'meanwhile'))
    await share(a, 'meanwhile')
    cable.mend()
    await page.getByRole('article', { name: 'meanwhile' }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    assert.equal(await page.evaluate('globalThis.isSamePage'), true)
    assert.deepEqual(
      complaints.filter((text) => !text.includes('ERR_')),
      [],
    )
  })

  test('the first load is at most 300 KiB, font included', async () => {
    // A browser that has nothing yet.
    await using browser = await openBrowser({ viewport: SIZES.desktop })
    const sizes = new Map<string, number>()
    const asked: Promise<void>[] = []
    browser.context.on('requestfinished', (request) => {
      const noted = request.sizes().then(({ responseBodySize }) => void sizes.set(new URL(request.url()).pathname, responseBodySize))
      // What is asked for when the browser is closed already is not of the first load.
      asked.push(noted.catch(() => undefined))
    })
    const { page } = await openPage(browser.context, a)
    await page.evaluate('document.fonts.ready')
    await Promise.all(asked.splice(0))
    const files = [...sizes].filter(([path]) => !path.startsWith('/api/'))
    assert.ok(files.some(([path]) => path.endsWith('.woff2')) && files.some(([path]) => path.endsWith('.js')), JSON.stringify(files))
    const bytes = files.reduce((sum, [, size]) => sum + size, 0)
    assert.ok(bytes <= 300 * 1024, `${bytes} bytes: ${JSON.stringify(files)}`)
  })

  test('nothing is asked of any other host, and no script but the page’s own runs', async () => {
    const hosts = new Set<string>()
    browser.context.on('request', (request) => hosts.add(new URL(request.url()).host))
    const { page, go } = await openPage(browser.context, a)
    for (const place of ['/devices', '/tables', '/activity', '/settings', '/welcome']) {
      await go(place)
      await page.getByRole('heading', { level: 1 }).waitFor()
    }
    assert.deepEqual([...hosts], [new URL(a.url).host])

    const complaints = complaintsOf(page)
    await page.evaluate(`
    const inline = document.createElement('script')
    inline.textContent = 'globalThis.wasRun = true'
    document.body.append(inline)
    document.body.insertAdjacentHTML('beforeend', '<img src="/none" onerror="globalThis.wasRun = true"><p style="color: red" id="styled"></p>')
  `)
    await untilTrue(page, 'document.querySelector("img[src=\\"/none\\"]").complete')
    assert.equal(await page.evaluate('globalThis.wasRun'), undefined)
    assert.ok(complaints.some((text) => text.includes('Content Security Policy')))
  })

  test('pages of other sites can neither frame the page, nor call the store with its session, nor rebind a name to it', async () => {
    const evil = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<iframe id="frame" src="${a.url}/"></iframe>`)
    })
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    try {
      await openPage(browser.context, a)
      const page = await browser.context.newPage()
      await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`)
      const framed = page.frames().find((frame) => frame !== page.mainFrame())
      assert.equal(await framed?.evaluate('document.getElementById("root")'), null, 'the frame shows nothing of the page')
      const called = await page.evaluate(async (url) => {
        const answer = await fetch(`${url}/api/v1/folders`, { credentials: 'include' }).then(
          (response) => String(response.status),
          () => 'refused',
        )
        const wrote = await fetch(`${url}/api/v1/stop`, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(
          ({ type }) => type,
          () => 'refused',
        )
        return [answer, wrote]
      }, a.url)
      assert.equal(called[0], 'refused')
      assert.equal((await fetch(`${a.url}/healthz`)).status, 200, 'the store was not stopped')

      const rebound = await browser.context.request.get(`${a.url}/`, { headers: { host: 'evil.example' } })
      assert.equal(rebound.status(), 403)
    } finally {
      evil.closeAllConnections()
      evil.close()
    }
  })
})

/** A cable to a port of this machine that can be cut. */
async function openCable(port: number): Promise<AsyncDisposable & { url: string; cut(): void; mend(): void }> {
  const ends = new Set<Socket>()
  let isCut = false
  const cut = (): void => {
    isCut = true
    for (const end of ends) end.destroy()
  }
  const plug = createPlug((near) => {
    if (isCut) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end
        .on('error', () => undefined)
        .on('close', () => {
          ends.delete(end)
          other.destroy()
        })
      end.pipe(other)
    }
  })
  await new Promise<void>((resolve) => plug.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(plug.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => plug.close(resolve))
    },
  }
}
