/** The gateway of a real store in a real browser: listings, folders, and a sound that is seeked while it plays. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import { runningStore, share, whole } from '../fixtures/lab.ts'
import { createStores } from '../fixtures/stores.ts'
import { makeTone } from '../fixtures/tone.ts'

const SECONDS = 120

/** What is used of a browser's media element. */
interface Media {
  currentTime: number
  readonly duration: number
  readonly readyState: number
  play(): Promise<void>
  addEventListener(name: string, listener: (value: unknown) => void, options: { once: boolean }): void
}

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

test('a browser opens a listing, follows a folder and plays a sound from its middle', { skip: noBrowser }, async () => {
  await using stores = await createStores('hyper-store-gateway-')
  const a = await runningStore(stores, 'a')
  await mkdir(path.join(a.dir, 'media/sounds & more'), { recursive: true })
  await writeFile(path.join(a.dir, 'media/notes.txt'), 'some notes')
  await writeFile(path.join(a.dir, 'media/sounds & more/tone.wav'), makeTone(SECONDS))
  const { key, link } = await share(a, 'media')
  await whole(a, link)

  await using browser = await openBrowser()
  const page = await browser.context.newPage()
  const answers: { url: string; status: number; from: number }[] = []
  page.on('response', (response) => {
    const from = Number(/^bytes (\d+)-/.exec(response.headers()['content-range'] ?? '')?.[1] ?? 0)
    answers.push({ url: response.url(), status: response.status(), from })
  })

  await page.goto(`${a.url}/gateway/${key}/`)
  const names = await page.getByRole('link').allTextContents()
  assert.deepEqual(names.map((name) => name.trim()).sort(), ['notes.txt', 'sounds & more/'])
  await page.getByRole('link', { name: 'sounds & more' }).click()
  await page.getByRole('link', { name: 'tone.wav' }).click()

  // The browser's own player, as it opens for a sound.
  const player = page.locator('video, audio')
  await player.waitFor()
  const played = await player.evaluate(async (media: Media, middle: number) => {
    if (media.readyState < 1) await new Promise((resolve) => media.addEventListener('loadedmetadata', resolve, { once: true }))
    const seeked = new Promise((resolve) => media.addEventListener('seeked', resolve, { once: true }))
    media.currentTime = middle
    await seeked
    const from = media.currentTime
    await media.play()
    while (media.currentTime < from + 0.5) await new Promise((resolve) => media.addEventListener('timeupdate', resolve, { once: true }))
    return { duration: media.duration, from, to: media.currentTime }
  }, SECONDS / 2)
  assert.ok(Math.abs(played.duration - SECONDS) < 0.1)
  assert.ok(Math.abs(played.from - SECONDS / 2) < 0.1)
  assert.ok(played.to >= played.from + 0.5)

  const parts = answers.filter(({ url }) => url.endsWith('/tone.wav'))
  assert.ok(parts.some(({ status }) => status === 206))
  assert.ok(
    parts.some(({ status, from }) => status === 206 && from > (SECONDS / 4) * 176_400),
    `the middle was asked for by a range: ${JSON.stringify(parts)}`,
  )
})
