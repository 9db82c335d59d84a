/** The page in numbers: what its first load weighs and takes, and how smoothly a folder of very many files is read and scrolled. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { openBrowser } from '../fixtures/browser.ts'
import { apiOf, runningStore, share, whole } from '../fixtures/lab.ts'
import { SIZES, tokenOf } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { timeFrames, type Frames } from './frames.ts'

/** What was measured; times in milliseconds. */
export interface PageNumbers {
  readonly files: number
  /** KiB over the wire until the overview stands, packed as they travel. */
  readonly loadKiB: number
  /** From the start of loading until the overview stands and answers. */
  readonly interactiveMs: number
  /** From opening the folder until its first files are seen, and until all of them are there. */
  readonly firstRowsMs: number
  readonly allRowsMs: number
  /** Between two frames while the whole list is scrolled: as list and as pictures. */
  readonly list: Frames
  readonly grid: Frames
  /** The same while the pages are still coming. */
  readonly whileLoading: Frames
  readonly events: EventNumbers
}

/** How the overview keeps up while files are added at full speed. */
export interface EventNumbers {
  /** Most changes that were told within one second. */
  readonly mostInASecond: number
  /** Longest task of the page, and how long the slowest click took to be answered. */
  readonly longestTaskMs: number
  readonly slowestClickMs: number
}

/** Of one pass over a folder some hundred changes are told: a thousand in a second come of several folders. */
const ADDED_FOLDERS = 6
const ADDED_FILES = 1000
const SCROLL_PX = 24_000
const SCROLL_PX_S = 6000
const ADD_MS = 1_800_000

/** Measures the page of a store with one folder of that many files. */
export async function benchPage(files: number): Promise<PageNumbers> {
  await using stores = await createStores('hyper-store-bench-page-')
  const store = await runningStore(stores, 'laptop')
  const key = await bigFolder(store, files)
  await using browser = await openBrowser({ viewport: SIZES.desktop })
  const { context } = browser
  // The right first, so that only the page itself is measured.
  const first = await context.newPage()
  await first.goto(`${store.url}/#token=${await tokenOf(store)}`)
  await first.getByText('Live', { exact: true }).waitFor()
  await first.close()

  const page = await context.newPage()
  const cable = await context.newCDPSession(page)
  const load = await firstLoad(page, cable, store.url)
  const started = performance.now()
  await page.evaluate((hash) => {
    ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
  }, `/folders/${key}`)
  const rows = page.getByRole('grid').getByRole('link')
  await rows.nth(5).waitFor()
  const firstRowsMs = performance.now() - started
  const whileLoading = await scroll(page, cable)
  await page.getByText(`${files.toLocaleString('en')} entries`).waitFor({ timeout: 120_000 })
  const allRowsMs = performance.now() - started
  await page.evaluate('scrollTo(0, 0)')
  const list = await scroll(page, cable)
  await page.evaluate('scrollTo(0, 0)')
  await page.getByRole('button', { name: 'Pictures' }).click()
  await page.getByRole('gridcell').nth(5).waitFor()
  const grid = await scroll(page, cable)
  await page.close()
  const events = await manyEvents(store, context)
  return { files, ...load, firstRowsMs: Math.round(firstRowsMs), allRowsMs: Math.round(allRowsMs), list, grid, whileLoading, events }
}

/** Adds a folder of thousands of files while the overview is open, and presses a button of it all the time. */
async function manyEvents(store: TestStore, context: BrowserContext): Promise<EventNumbers> {
  const page = await context.newPage()
  await page.goto(`${store.url}/`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.evaluate(`
    globalThis.longest_ = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longest_ = Math.max(globalThis.longest_, duration)
    }).observe({ type: 'longtask' })
  `)
  const api = await apiOf(store)
  const heard: number[] = []
  const stop = new AbortController()
  const listening = (async () => {
    for await (const event of api.events({ signal: stop.signal })) if (event.event === 'change') heard.push(Date.now())
  })()
  const names = Array.from({ length: ADDED_FOLDERS }, (_, n) => `many ${n}`)
  for (const name of names) {
    await mkdir(path.join(store.dir, name))
    for (let n = 0; n < ADDED_FILES; n++) await writeFile(path.join(store.dir, name, `${n}.txt`), `${n}`)
  }
  const adding = { isOver: false }
  const added = Promise.all(
    names.map(async (name) => {
      const { key } = await share(store, name)
      await whole(store, key, 1, ADD_MS)
    }),
  ).finally(() => {
    adding.isOver = true
  })
  let slowestClickMs = 0
  const menu = page.getByRole('button', { name: /^Which store/ })
  while (!adding.isOver) {
    const started = performance.now()
    await menu.click()
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    slowestClickMs = Math.max(slowestClickMs, performance.now() - started)
  }
  await added
  stop.abort()
  await listening
  const mostInASecond = heard.reduce((most, at, index) => Math.max(most, heard.slice(index).filter((other) => other < at + 1000).length), 0)
  const longestTaskMs = Math.round((await page.evaluate('globalThis.longest_')) as number)
  await page.close()
  return { mostInASecond, longestTaskMs, slowestClickMs: Math.round(slowestClickMs) }
}

async function bigFolder(store: TestStore, files: number): Promise<string> {
  const folder = path.join(store.dir, 'big')
  await mkdir(folder)
  for (let from = 0; from < files; from += 500) {
    const some = Array.from({ length: Math.min(500, files - from) }, (_, n) => from + n)
    await Promise.all(some.map((n) => writeFile(path.join(folder, `photo ${n}.txt`), `${n}`)))
  }
  const { key } = await share(store, 'big')
  await whole(store, key, 1, ADD_MS)
  return key
}

async function firstLoad(page: Page, cable: CDPSession, url: string): Promise<{ loadKiB: number; interactiveMs: number }> {
  await cable.send('Network.enable')
  await cable.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  const onLoaded = ({ encodedDataLength }: { encodedDataLength: number }): void => void (bytes += encodedDataLength)
  cable.on('Network.loadingFinished', onLoaded)
  const started = performance.now()
  await page.goto(`${url}/`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  const interactiveMs = Math.round(performance.now() - started)
  cable.off('Network.loadingFinished', onLoaded)
  return { loadKiB: Math.round(bytes / 1024), interactiveMs }
}

/** Scrolls as a finger does, and times the frames. */
async function scroll(page: Page, cable: CDPSession): Promise<Frames> {
  const gesture = { x: 700, y: 600, yDistance: -SCROLL_PX, speed: SCROLL_PX_S, preventFling: true }
  return await timeFrames(page, async () => cable.send('Input.synthesizeScrollGesture', gesture))
}
