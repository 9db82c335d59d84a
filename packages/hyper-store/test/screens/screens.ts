/** Takes the pictures of `docs/screens`: each screen of an example home, on a desk and a phone, light and dark. Run by `npm run screens`. */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import { openPage, SIZES } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import { exampleBoard } from './example-board.ts'
import { exampleHome } from './example-home.ts'

const OUT = fileURLToPath(new URL('../../../../../docs/screens', import.meta.url))

const SETTLE_MS = 700
/** Where the other person points on the board, in pixels of that person's window. */
const POINTER = { x: 640, y: 420 }
/** The example lies in a temporary folder, which is nobody's business. */
const hidePlaces = `{
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/\\S*hyper-store-screens-\\w+|\\S*per-store-screens-\\w+/g, '/home')
}`

if (noBrowser !== false) throw new Error(noBrowser)
await using stores = await createStores('hyper-store-screens-')
const home = await exampleHome(stores)
const board = await exampleBoard(home.ana, home.ben, home.photos, home.recipes)
// Somebody else looks at the board too.
await using other = await openBrowser({ viewport: SIZES.desktop })
const bens = await openPage(other.context, home.ben, `/folders/${home.photos}/boards/${board}`)
await bens.page.getByText('Who drives?').waitFor()
/** Name of the picture, place, and what is on it once it is drawn. */
const screens = [
  ['overview', '/', 'Family photos'],
  ['folder', `/folders/${home.photos}`, 'Lake 2020.png'],
  ['picture', `/folders/${home.photos}/view/Summer~20at~20the~20lake/Evening~203.png`, 'Evening 3.png'],
  ['letter', `/folders/${home.letters}/view/Marta~2C~20July.md`, 'To the lake, again'],
  ['history', `/folders/${home.website}/history`, 'style.css'],
  ['board', `/folders/${home.photos}/boards/${board}`, 'Ask Jonas about the canoe'],
  ['people', `/folders/${home.photos}/people`, 'ben'],
  ['devices', '/devices', 'raspberry'],
  ['table', `/tables/${home.recipes}`, 'Apple cake'],
  ['activity', '/activity', 'raspberry'],
  ['space', '/settings/space', 'Family photos'],
  ['health', '/settings/health', 'Node'],
  ['welcome', '/welcome', '1'],
] as const

await rm(OUT, { recursive: true, force: true })
await mkdir(OUT, { recursive: true })
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await using browser = await openBrowser({ viewport, colorScheme, locale: 'en-GB' })
    const { page, go, complaints } = await openPage(browser.context, home.ana)
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme })
    for (const [name, place, text] of screens) {
      await go(place)
      if (name === 'folder') await page.getByRole('button', { name: 'Pictures' }).click()
      if (name === 'board') await bens.page.mouse.move(POINTER.x, POINTER.y, { steps: 3 })
      await page.getByRole('main').getByText(text).filter({ visible: true }).first().waitFor()
      await page.evaluate('Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode().catch(() => {}))])')
      // Pictures and texts that are loaded later take their place.
      await page.waitForTimeout(SETTLE_MS)
      await page.evaluate(hidePlaces)
      await page.screenshot({ path: path.join(OUT, `${name}-${size}-${colorScheme}.png`) })
    }
    for (const complaint of complaints) console.error(`${size} ${colorScheme}: ${complaint}`)
  }
}
console.log(`${screens.length * 4} pictures in docs/screens`)
