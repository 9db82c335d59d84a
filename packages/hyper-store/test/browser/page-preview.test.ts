/** Files looked at in a real browser: pictures, sounds, documents and texts of any content, and what happens when they change meanwhile. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, codeOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES, untilTrue } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { pdf } from '../fixtures/pdf.ts'
import { plainPicture } from '../fixtures/png.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { makeTone } from '../fixtures/tone.ts'
import { until } from '../fixtures/transports.ts'

if (noBrowser !== false) console.log(`skipped: ${noBrowser}`)

const HOSTILE = `# Trip notes

<img src=x onerror="document.title='broken in'"> <script>document.title='broken in'</script>

[bad](javascript:document.title='broken in') and [good](https://example.com/page) and [own](letter.txt)

![own](red.png) ![theirs](https://tracker.invalid/pixel.png)
`
const PAGE = `<!doctype html><title>p</title><body>nothing yet<script>
const said = []
const done = () => { document.body.textContent = said.join(', ') }
try { parent.document.title = 'broken in'; said.push('reached its parent') } catch { said.push('no parent') }
try { document.cookie; said.push('has cookies') } catch { said.push('no cookies') }
fetch('/api/v1/folders').then((reply) => said.push(reply.ok ? 'reached the API' : 'refused'), () => said.push('no API')).then(done)
</script></body>`
/** Records two seconds of a film in the browser: what a browser wrote it plays. Gives base64. */
const RECORD = `(async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 })
  const brush = canvas.getContext('2d')
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' })
  const parts = []
  recorder.ondataavailable = ({ data }) => parts.push(data)
  const ended = new Promise((resolve) => { recorder.onstop = resolve })
  // In small pieces: on a busy machine it may take a while until the first one comes.
  recorder.start(100)
  const started = performance.now()
  await new Promise((resolve) => {
    const draw = () => {
      const at = performance.now() - started
      brush.fillStyle = 'hsl(' + at / 6 + ' 80% 50%)'
      brush.fillRect(0, 0, 160, 120)
      if (at < 2000 || (at < 15000 && parts.filter(({ size }) => size > 0).length < 15)) setTimeout(draw, 20)
      else resolve()
    }
    draw()
  })
  recorder.stop()
  await ended
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
})()`
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><script>parent.document.title='broken in'</script><rect width="80" height="40" fill="green"/></svg>`

describe('a file on the page', { skip: noBrowser }, () => {
  let stores: Stores
  let laptop: TestStore
  let browser: TestBrowser
  let trip = { key: '', link: '' }
  let open: OpenPage
  const onDisk = (name: string): string => path.join(laptop.dir, 'trip', name)
  const view = async (name: string): Promise<OpenPage> => {
    await open.go(`/folders/${trip.key}/view/${name}`)
    await open.page.getByRole('heading', { level: 1, name }).waitFor()
    return open
  }

  before(async () => {
    stores = await createStores('hyper-store-page-preview-')
    const [own, pi] = await Promise.all([runningStore(stores, 'laptop'), runningStore(stores, 'raspberry')])
    laptop = own
    await pairWith(laptop, pi)
    await mkdir(path.join(laptop.dir, 'trip'))
    const files = {
      'a.pdf': pdf(['First page here', 'Second page here']),
      'code.ts': 'export const answer: number = 42 // <b>not bold</b>\nlet two = 2\n',
      'data.bin': Buffer.from([0, 1, 2, 0x41, 0x42, 0xff]),
      'draw.svg': SVG,
      'false.png': 'this is no picture',
      'letter.txt': 'dear ann\n<b>plain</b>',
      'notes.md': HOSTILE,
      'page.html': PAGE,
      'red.png': plainPicture(640, 400),
      'tone.wav': makeTone(4),
    }
    for (const [name, content] of Object.entries(files)) await writeFile(onDisk(name), content)
    trip = await share(laptop, 'trip', { provider: 'raspberry' })
    await Promise.all([whole(laptop, trip.key), whole(pi, trip.key)])
    browser = await openBrowser({ viewport: SIZES.desktop })
    open = await openPage(browser.context, laptop)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await stores?.[Symbol.asyncDispose]()
  })

  test('a picture is fitted, made larger, and left by the arrow keys and Esc', async () => {
    const { page, complaints } = await view('red.png')
    const image = page.getByRole('img', { name: 'red.png' })
    await image.waitFor()
    await untilTrue(page, `document.querySelector('img[alt="red.png"]')?.naturalWidth === 640`)
    await page.keyboard.press('+')
    await page.getByText('150 %').waitFor()
    await page.keyboard.press('0')
    await page.getByText('100 %').waitFor()
    await assertAccessible(page, 'a picture')
    await page.getByText('9 of 10').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('heading', { name: 'tone.wav' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('grid').waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a sound is sought in without all of it', async () => {
    const { page, complaints } = await view('tone.wav')
    await untilTrue(page, `document.querySelector('audio')?.duration === 4`)
    await page.evaluate(`document.querySelector('audio').currentTime = 3`)
    await untilTrue(page, `document.querySelector('audio').readyState >= 2 && document.querySelector('audio').currentTime === 3`)
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a film is played and sought in', async () => {
    const { page, complaints } = open
    await page.bringToFront()
    await writeFile(onDisk('film.webm'), Buffer.from((await page.evaluate(RECORD)) as string, 'base64'))
    await until('the film', async () => (await codeOf((await apiOf(laptop)).getEntry(trip.key, { path: 'film.webm' }))) === 'done')
    await view('film.webm')
    await untilTrue(page, `document.querySelector('video')?.videoWidth === 160`)
    await page.evaluate(`document.querySelector('video').currentTime = 1`)
    await untilTrue(page, `document.querySelector('video').currentTime === 1 && document.querySelector('video').readyState >= 2`)
    await page.evaluate(`document.querySelector('video').play()`)
    await untilTrue(page, `document.querySelector('video').currentTime > 1.2`)
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a document shows its pages, with text that can be read out', async () => {
    const { page, complaints } = await view('a.pdf')
    await page.getByText('2 pages').waitFor()
    await page.getByText('First page here').waitFor({ state: 'attached' })
    await page.getByText('Second page here').waitFor({ state: 'attached' })
    await untilTrue(
      page,
      `(() => {
      const canvas = document.querySelector('canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value, index) => index % 4 === 0 && value < 80 && data[index + 3] === 255)
    })()`,
    )
    await assertAccessible(page, 'a document')
    assert.deepEqual(complaints.splice(0), [])
  })

  test('text and code are shown as they are written', async () => {
    const { page, complaints } = await view('letter.txt')
    await page.getByRole('region', { name: 'Text of letter.txt' }).getByText('<b>plain</b>').waitFor()
    await view('code.ts')
    const code = page.getByRole('region', { name: 'Text of code.ts' })
    await code.locator('.hljs-keyword').first().waitFor()
    assert.match(await code.innerText(), /<b>not bold<\/b>/)
    assert.match(await code.locator('pre').first().innerText(), /^1\s+2$/)
    await assertAccessible(page, 'code')
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a hostile document runs nothing, loads nothing from elsewhere, and its own pictures and links work', async () => {
    const asked: string[] = []
    open.page.on('request', (request) => asked.push(request.url()))
    const { page, complaints } = await view('notes.md')
    const text = page.getByRole('article', { name: 'Text of notes.md' })
    await text.getByRole('heading', { name: 'Trip notes' }).waitFor()
    await untilTrue(page, `document.querySelector('article img')?.naturalWidth === 640`)
    assert.equal(await text.locator('script, [onerror], a[href^="javascript"]').count(), 0)
    assert.equal(await text.getByRole('link', { name: 'good' }).getAttribute('rel'), 'noopener noreferrer nofollow')
    await text.getByRole('link', { name: /tracker\.invalid: not loaded/ }).waitFor()
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(laptop.url) && !url.startsWith('blob:')),
      [],
    )
    await assertAccessible(page, 'Markdown')
    await text.getByRole('link', { name: 'own' }).click()
    await page.getByRole('heading', { level: 1, name: 'letter.txt' }).waitFor()
    assert.notEqual(await page.title(), 'broken in')
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a page of HTML is source first; opened, it reaches neither the store nor the page around it', async () => {
    const { page, complaints } = await view('page.html')
    await page.getByRole('region', { name: 'Text of page.html' }).getByText('nothing yet').first().waitFor()
    await page.getByRole('button', { name: 'Open as a page' }).click()
    const body = page.frameLocator('iframe').locator('body')
    await body.getByText('no parent, no cookies').waitFor()
    assert.doesNotMatch(await body.innerText(), /reached/)
    assert.notEqual(await page.title(), 'broken in')
    // That it was stopped is said in the console.
    complaints.splice(0)
  })

  test('a drawing runs no script, and what is no picture is told', async () => {
    const { page, complaints } = await view('draw.svg')
    await untilTrue(page, `document.querySelector('img[alt="draw.svg"]')?.naturalWidth === 80`)
    assert.notEqual(await page.title(), 'broken in')
    await view('false.png')
    await page.getByRole('heading', { name: 'This does not look like what its name says' }).waitFor()
    await view('data.bin')
    await page.getByText('00 01 02 41 42 ff').waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('the facts tell on which devices the file is', async () => {
    const { page, complaints } = await view('letter.txt')
    await page.getByRole('button', { name: 'Details', exact: true }).click()
    const facts = page.getByRole('complementary', { name: 'Details' })
    for (const name of ['laptop', 'raspberry']) await facts.getByRole('listitem').filter({ hasText: name }).getByText('has it').waitFor()
    await facts.getByText('Added by laptop').waitFor()
    await assertAccessible(page, 'details')
    await page.getByRole('button', { name: 'Hide details' }).click()
    assert.deepEqual(complaints.splice(0), [])
  })

  test('a file that changes stays as it was until somebody asks for the new one', async () => {
    const { page, complaints } = await view('letter.txt')
    const text = page.getByRole('region', { name: 'Text of letter.txt' })
    await text.getByText('dear ann').waitFor()
    await writeFile(onDisk('letter.txt'), 'dear bob')
    await page.getByText('This file was changed by laptop').waitFor()
    assert.match(await text.innerText(), /dear ann/)
    await page.getByRole('button', { name: 'Show the new one' }).click()
    await text.getByText('dear bob').waitFor()
    await page.getByText('This file was changed by laptop').waitFor({ state: 'detached' })
    assert.deepEqual(complaints.splice(0), [])
  })

  test('on a phone a file has the whole width, and its facts open above it', async () => {
    const { page, complaints } = await view('red.png')
    await page.setViewportSize(SIZES.phone)
    await page.getByRole('img', { name: 'red.png' }).waitFor()
    await assertAccessible(page, 'a picture on a phone')
    await page.getByRole('button', { name: 'Details', exact: true }).click()
    await page.getByRole('dialog').getByText('has it').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1, name: 'red.png' }).waitFor()
    assert.deepEqual(complaints.splice(0), [])
  })
})
