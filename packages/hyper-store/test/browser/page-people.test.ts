/** People, devices, boxes and the first steps in the page of real stores, on a desk and on a phone. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Item } from '@hyper-store/client'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../fixtures/browser.ts'
import type { TestBrowser } from '../fixtures/browser.ts'
import { apiOf, itemOf, runningStore, share } from '../fixtures/lab.ts'
import { assertAccessible, openPage, SIZES } from '../fixtures/page.ts'
import type { OpenPage } from '../fixtures/page.ts'
import { createStores } from '../fixtures/stores.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { invite, join, membersOf } from '../fixtures/sharing.ts'
import { until } from '../fixtures/transports.ts'

/** Tries to hide what stands around it, and to be more than text. */
const HOSTILE = 'ben\u202Egpj<img src=/x onerror=hit()>'
const SHOWN = 'ben\uFFFDgpj<img src=/x onerror=hit()>'

let stores: Stores
let browser: TestBrowser
let laptop: TestStore
let box: TestStore
let ben: TestStore
let home: string

before(async () => {
  if (noBrowser !== false) return
  stores = await createStores('hyper-store-page-')
  home = path.join(stores.dir, 'ada')
  await mkdir(path.join(home, 'Documents'), { recursive: true })
  await mkdir(path.join(home, 'Pictures'))
  const begun = async () => {
    // As a person has it: nothing is said where it is started, so that the page may change it.
    const store = await stores.add('laptop', { prefix: ['env', `HOME=${home}`] })
    await store.serve(['--port', '0', '--lan-only', '--no-lan'])
    return store
  }
  ;[laptop, box, ben, browser] = await Promise.all([begun(), runningStore(stores, 'raspberry'), runningStore(stores, 'ben'), openBrowser()])
})

after(async () => {
  if (noBrowser !== false) return
  await browser[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
})

/** A page in a size of its own, where nothing moves. */
async function opened(store: TestStore, place: string, size: keyof typeof SIZES = 'desktop'): Promise<OpenPage> {
  const open = await openPage(browser.context, store)
  await open.page.setViewportSize(SIZES[size])
  await open.page.emulateMedia({ reducedMotion: 'reduce' })
  await open.go(place)
  return open
}

/** A store under another name of its host: cookies know no ports, and each page has a session of its own. */
function elsewhere(store: TestStore): TestStore {
  return Object.create(store, { url: { value: store.url.replace('127.0.0.1', 'localhost') } }) as TestStore
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
  await page.getByRole('listbox').waitFor({ state: 'detached' })
}

async function codeShown(page: Page, label: string): Promise<string> {
  return (await page.getByRole('textbox', { name: label, exact: true }).textContent()) ?? ''
}

async function pairLine(): Promise<string> {
  return (await (await apiOf(box)).createPair({})).line
}

test('the first steps lead on a phone from an empty store to “safe on raspberry”', { skip: noBrowser }, async () => {
  const { page, complaints } = await opened(laptop, '/welcome', 'phone')
  const title = page.getByRole('heading', { level: 1 })
  const goOn = page.getByRole('button', { name: 'Go on', exact: true })
  const name = page.getByRole('textbox', { name: 'Name of this device' })
  await name.fill(' ')
  await goOn.click()
  await page.getByRole('alert').getByText('It needs a name.').waitFor()
  await assertAccessible(page, 'first step')
  await name.fill('Ada’s laptop')
  await page.keyboard.press('Enter')

  // The focus goes on with the steps.
  await page.locator('h1:focus').getByText('Which folder').waitFor()
  await page.getByRole('radio', { name: 'A new folder “Shared” in Documents' }).waitFor()
  await assertAccessible(page, 'second step')
  await goOn.click()

  await title.getByText('Where shall').waitFor()
  await assertAccessible(page, 'third step')
  const line = page.getByRole('textbox', { name: 'Line of the box' })
  const pair = page.getByRole('button', { name: 'Pair', exact: true })
  await line.fill('hello')
  await pair.click()
  await page.getByText('This is no line of a box').waitFor()
  await line.fill(`${box.url}#ABCD-EFGH-JKMN`)
  await page.getByRole('textbox', { name: 'What you call it' }).fill('raspberry')
  await pair.click()
  await page.getByText('The box does not know this code').waitFor()
  await writeFile(path.join(home, 'Documents', 'Shared', 'letter.txt'), 'Dear Ben')
  await line.fill(await pairLine())
  await page.keyboard.press('Enter')
  await title.getByText('Everything is safe on raspberry').waitFor()
  await assertAccessible(page, 'the end')

  const [kept] = await (await apiOf(box)).listFolders()
  assert.equal(kept?.title, 'Shared')
  assert.equal((await (await apiOf(laptop)).getStore()).name, 'Ada’s laptop')
  await page.getByRole('link', { name: 'Open the folder' }).click()
  await page.waitForURL(/#\/folders\//)
  // The wrong code is what was provoked.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('403')),
    [],
  )
  await page.close()
})

test(
  'a folder is added through the chooser by keys, with a new one made on the way, and the box keeps it sealed',
  { skip: noBrowser },
  async () => {
    const { page, complaints } = await opened(laptop, '/devices')
    await page.getByRole('button', { name: 'Add a folder' }).click()
    const dialog = page.getByRole('dialog')
    const add = dialog.getByRole('button', { name: 'Add', exact: true })
    await dialog.getByRole('button', { name: /Documents kept as Shared/ }).waitFor()
    assert.ok(await add.isDisabled(), 'the home itself is no choice')
    await dialog.getByRole('button', { name: 'Pictures' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByText('Chosen: ').getByText(path.join(home, 'Pictures')).waitFor()
    await dialog.getByText('No folders in here.').waitFor()
    await dialog.getByRole('button', { name: 'New folder' }).click()
    await page.keyboard.type('a/b')
    await page.keyboard.press('Enter')
    await dialog.getByText('A name without slashes').waitFor()
    await dialog.getByRole('textbox', { name: 'Name of the new folder' }).fill('Holiday & more')
    await page.keyboard.press('Enter')
    await dialog.getByText('Chosen: ').getByText('Holiday & more').waitFor()
    await choose(page, 'How the box keeps it', 'Sealed: it can read nothing')
    await assertAccessible(page, 'adding a folder')
    await add.click()
    await page.waitForURL(/#\/folders\//)
    const item = await itemOf(laptop, 'Holiday & more', ({ devices }) =>
      devices.some(({ name, complete }) => name === 'raspberry' && complete),
    )
    assert.equal((await (await apiOf(box)).getFolder(item.key)).mode, 'keep-blind')
    assert.deepEqual(complaints, [])
    await page.close()
  },
)

test('a box is paired by its pasted line, told what to keep and how, and forgotten', { skip: noBrowser }, async () => {
  const { page, complaints } = await opened(laptop, '/devices')
  await page.getByRole('button', { name: 'Pair a box' }).click()
  const { code, expiresAt } = await (await apiOf(ben)).createPair({ expiresS: 1 })
  const line = page.getByRole('textbox', { name: 'Line of the box' })
  const pair = page.getByRole('button', { name: 'Pair', exact: true })
  await line.fill(ben.url)
  await pair.click()
  await page.getByText('The code is missing').waitFor()
  await page.getByRole('textbox', { name: 'What you call it' }).fill('attic')
  await line.fill('http://127.0.0.1:9#ABCD-EFGH-JKMN')
  await pair.click()
  await page.getByText('The box does not answer.').waitFor()
  await until('the code has expired', async () => Date.now() > Date.parse(expiresAt))
  await line.fill(`${ben.url}#${code}`)
  await pair.click()
  await page.getByText('This code has expired.').waitFor()
  await line.fill((await (await apiOf(ben)).createPair({})).line)
  await pair.click()
  const attic = page.getByRole('listitem', { name: 'attic' })
  await attic.getByText('online').waitFor()
  await attic.getByText('free there').waitFor()
  await assertAccessible(page, 'devices')

  await attic.getByRole('button', { name: 'What it keeps' }).click()
  const dialog = page.getByRole('dialog')
  await choose(page, 'How attic keeps Holiday & more', 'Sealed')
  await dialog.getByText(/whole there/).waitFor()
  const kept = async () => (await (await apiOf(ben)).listFolders()).map(({ title, mode }) => [title, mode])
  assert.deepEqual(await kept(), [['Holiday & more', 'keep-blind']])
  await choose(page, 'How attic keeps Holiday & more', 'Trusted')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Let it read' }).click()
  await until('the folder is readable there', async () => (await kept()).some(([, mode]) => mode === 'keep'))
  await assertAccessible(page, 'what a box keeps')
  await choose(page, 'How attic keeps Holiday & more', 'Not kept there')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep it there no longer' }).click()
  await until('the folder is gone there', async () => (await kept()).length === 0)
  const done = dialog.getByRole('button', { name: 'Done' })
  await done.click()
  await done.waitFor({ state: 'detached' })
  // A dialog that left gives the focus back a moment later, which closes a menu that was opened meanwhile.
  await attic.locator(':focus').waitFor()

  await attic.getByRole('button', { name: 'More about attic' }).click()
  await page.getByRole('menuitem', { name: 'Forget' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget' }).click()
  await attic.waitFor({ state: 'detached' })
  assert.deepEqual(
    complaints.filter((text) => !/40\d|50\d/.test(text)),
    [],
  )
  await page.close()
})

test(
  'an invite with approval: both pages show the same four words; then roles change, and a removed guest stays out',
  { skip: noBrowser },
  async () => {
    await mkdir(path.join(laptop.dir, 'photos'))
    await writeFile(path.join(laptop.dir, 'photos', 'cat.txt'), 'a cat')
    const { key } = await share(laptop, 'photos', { private: true })
    const ours = await opened(laptop, `/folders/${key}/people`, 'phone')
    await ours.page.getByText('Only you have this folder so far').waitFor()
    await ours.page.getByRole('button', { name: 'Invite' }).click()
    await choose(ours.page, 'What they may do', 'Reader')
    await ours.page.getByRole('switch', { name: 'Let in each one myself' }).click()
    await assertAccessible(ours.page, 'inviting')
    await ours.page.getByRole('button', { name: 'Make the code' }).click()
    await ours.page.getByRole('img', { name: 'Invite code to scan' }).waitFor()
    const code = await codeShown(ours.page, 'Invite code')
    await ours.page.getByRole('button', { name: 'Done' }).click()
    await ours.page.getByRole('button', { name: /Take back the invite as reader/ }).waitFor()

    const theirs = await opened(elsewhere(ben), '/devices', 'phone')
    await theirs.page.getByRole('button', { name: 'Join with an invite' }).click()
    const join = theirs.page.getByRole('button', { name: 'Join', exact: true })
    const typed = theirs.page.getByRole('textbox', { name: 'Invite code' })
    await typed.fill(code.slice(0, -3))
    await join.click()
    await theirs.page.getByText('This is no invite code.').waitFor()
    await typed.fill(code)
    await theirs.page.getByRole('textbox', { name: 'Your name' }).fill(HOSTILE)
    await theirs.page.getByRole('switch', { name: 'Put its files on this machine' }).click()
    await assertAccessible(theirs.page, 'joining')
    await join.click()
    // A tab in the background is drawn once a second only.
    await ours.page.bringToFront()
    const words = async ({ page }: OpenPage, list: string) => page.getByRole('list', { name: list }).getByRole('listitem').allTextContents()
    await theirs.page.getByRole('dialog').getByText('You wait to be let in').waitFor()
    await ours.page.getByRole('heading', { name: /wants to join as reader/ }).waitFor()
    const shown = await words(ours, 'Four words')
    assert.equal(shown.length, 4)
    assert.deepEqual((await words(theirs, 'Your four words')).slice(0, 4), shown)
    await ours.page.getByRole('heading', { name: SHOWN }).waitFor()
    await assertAccessible(ours.page, 'a guest waits')

    await ours.page.getByRole('button', { name: 'They match: let in' }).click()
    await theirs.page.getByRole('dialog').getByText('You are in').waitFor()
    const people = ours.page.getByRole('list', { name: 'People with this folder' })
    await people.getByRole('heading', { name: SHOWN }).waitFor()
    await assertAccessible(ours.page, 'people')
    assert.equal(await ours.page.locator('main img').count(), 0, 'a name is text alone')

    await choose(ours.page, `What ${SHOWN} may do`, 'Writer')
    await membersOf(laptop, key, ({ people: all }) => all.some(({ you, role }) => !you && role === 'writer'))
    await people.getByText('May look at all files and change them.').waitFor()
    await ours.page.getByRole('button', { name: `Remove ${SHOWN}` }).click()
    const asked = ours.page.getByRole('alertdialog')
    await asked.getByText(/What they have they keep/).waitFor()
    await asked.getByRole('button', { name: 'Remove' }).click()
    await people.getByRole('heading', { name: SHOWN }).waitFor({ state: 'detached' })
    const { people: left, epoch } = await membersOf(laptop, key, ({ people: all }) => all.length === 1)
    assert.deepEqual([left[0]?.you, epoch], [true, 2], 'nothing new reaches a removed guest')
    assert.deepEqual(ours.complaints, [])
    await ours.page.close()
    await theirs.page.close()
  },
)

test('a member leaves a folder: the files stay, nothing new comes, and the others see who is left', { skip: noBrowser }, async () => {
  await mkdir(path.join(laptop.dir, 'recipes'))
  await writeFile(path.join(laptop.dir, 'recipes', 'soup.txt'), 'leek')
  const { key } = await share(laptop, 'recipes', { private: true })
  await join(ben, (await invite(laptop, key)).code, 'recipes')
  const soup = path.join(ben.dir, 'recipes', 'soup.txt')
  await until('ben has the soup', async () => (await readFile(soup, 'utf8').catch(() => '')) === 'leek')
  const { page, complaints } = await opened(ben, `/folders/${key}/people`)
  await page.getByRole('button', { name: 'Leave this folder' }).click()
  const asked = page.getByRole('alertdialog', { name: 'Leave recipes?' })
  await asked.getByText('your files stay where they are').waitFor()
  await asked.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.getByText('You left recipes').waitFor()
  const { people } = await membersOf(laptop, key, ({ people: all }) => all.length === 1)
  assert.equal(people[0]?.you, true)
  await writeFile(path.join(laptop.dir, 'recipes', 'bread.txt'), 'rye')
  await itemOf(laptop, key, ({ files, state }) => files === 2 && state === 'up-to-date')
  assert.equal(await readFile(soup, 'utf8'), 'leek')
  assert.ok(!existsSync(path.join(ben.dir, 'recipes', 'bread.txt')))
  await assertAccessible(page, 'a folder that was left')
  assert.deepEqual(complaints, [])
  await page.close()
})

test(
  'a box is opened through the page: its folders are seen, one is paused, and a device gets its limit',
  { skip: noBrowser },
  async () => {
    const { page, complaints } = await opened(laptop, '/devices')
    await page.getByRole('link', { name: 'Open raspberry: see and steer it from here' }).click()
    await page.getByText('You are looking at raspberry').waitFor()
    await page.getByRole('button', { name: 'More about Shared' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await itemOf(box, 'Shared', ({ state }) => state === 'paused')

    await page.getByRole('link', { name: 'Devices' }).click()
    await page.getByRole('button', { name: 'More about Ada’s laptop' }).click()
    await page.getByRole('menuitem', { name: 'How much it may use' }).click()
    await page.getByRole('switch', { name: 'Limit it' }).click()
    const size = page.getByRole('textbox', { name: 'At most, in GB' })
    await size.fill('-1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('A number larger than 0').waitFor()
    await size.fill('2,5')
    await page.keyboard.press('Enter')
    await page
      .getByRole('listitem', { name: 'Ada’s laptop' })
      .getByText(/ of 2\.5 GB/)
      .waitFor()

    await page.getByRole('link', { name: 'Back to Ada’s laptop' }).click()
    await page.getByRole('link', { name: 'Devices' }).click()
    await page.getByText(/of the 2\.5 GB that it keeps for this device/).waitFor()
    await (await apiOf(box)).resumeFolder('Shared', {})
    assert.deepEqual(complaints, [])
    await page.close()
  },
)

test(
  'a list is followed: what it names is kept, also what is put on it later; followed no more, all of that stays',
  { skip: noBrowser },
  async () => {
    const owner = await apiOf(box)
    const named = async (name: string) => {
      await mkdir(path.join(box.dir, name))
      await writeFile(path.join(box.dir, name, 'song.txt'), name)
      return await share(box, name)
    }
    const [waltz, tango] = [await named('waltz'), await named('tango')]
    const list = await owner.createTable({ title: 'Songs' })
    const row = (key: string, value: unknown) => ({ changes: [{ key, type: 'json' as const, value }] })
    await owner.changeRows(list.key, row('1', { link: waltz.link, title: 'A waltz' }))
    const here = await apiOf(laptop)
    const comes = async ({ key }: Item) =>
      await until('it is kept whole', async () =>
        (await here.listFolders()).some((item) => item.key === key && item.state === 'up-to-date'),
      )
    const { page, complaints } = await opened(laptop, '/devices')
    const lists = page.getByRole('region', { name: 'Lists that are followed' })
    await lists.getByText('No list is followed.').waitFor()

    await lists.getByRole('button', { name: 'Follow a list' }).click()
    const dialog = page.getByRole('dialog')
    const source = dialog.getByRole('textbox', { name: 'Link or address of the list' })
    const go = dialog.getByRole('button', { name: 'Follow', exact: true })
    assert.ok(await go.isDisabled(), 'nothing is no list')
    await source.fill('my songs')
    await go.click()
    await dialog.getByText('"my songs" is no link of a table').waitFor()
    await assertAccessible(page, 'following a list')
    await source.fill(` ${list.link} `)
    await page.keyboard.press('Enter')
    const followed = lists.getByRole('listitem').filter({ hasText: list.key })
    await followed.getByText(/^1 link, read /).waitFor()
    await comes(waltz)
    await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'A waltz' }).waitFor()

    await owner.changeRows(list.key, row('2', tango.link))
    await comes(tango)
    await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'tango' }).waitFor()
    await followed.getByText(/^2 links, read /).waitFor()
    await owner.changeRows(list.key, row('3', 'hyper://oops'))
    await followed.getByText(/oops/).waitFor()
    await assertAccessible(page, 'a list that is followed')

    await lists.getByRole('button', { name: /^Unfollow hyper:/ }).click()
    await page.getByText('The list is followed no more. What is kept stays.').waitFor()
    await lists.getByText('No list is followed.').waitFor()
    const kept = (await here.listFolders()).map(({ key }) => key)
    assert.ok([waltz, tango].every(({ key }) => kept.includes(key)))
    assert.deepEqual(await here.listLists(), [])
    assert.deepEqual(
      complaints.filter((text) => !text.includes('400')),
      [],
    )
    await page.close()
  },
)

test(
  'a box is told to follow the public list of a store, keeps what it names, and is told to stop, through the page of the own store',
  { skip: noBrowser },
  async () => {
    const owner = await apiOf(box)
    await mkdir(path.join(ben.dir, 'poems'))
    const poems = await share(ben, 'poems')
    await ben.ok(['mode', 'poems', '--listed'])
    const { page, complaints } = await opened(laptop, '/devices')
    const lists = page.getByRole('region', { name: 'Lists that are followed' })
    await lists.getByRole('button', { name: 'Follow a list' }).click()
    await page.getByRole('textbox', { name: 'Link or address of the list' }).fill(ben.url)
    await choose(page, 'Who follows it', 'raspberry')
    await page.getByRole('button', { name: 'Follow', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const keeps = async () => (await owner.listFolders()).some(({ key }) => key === poems.key)
    assert.ok(await keeps())
    assert.deepEqual(await (await apiOf(laptop)).listLists(), [], 'the own store follows nothing')

    await page.getByRole('link', { name: 'Open raspberry: see and steer it from here' }).click()
    await page.getByText('You are looking at raspberry').waitFor()
    await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'poems' }).waitFor()
    await page.getByRole('link', { name: 'Devices' }).click()
    await lists.getByRole('heading', { name: ben.url }).waitFor()
    await lists.getByRole('button', { name: `Unfollow ${ben.url}` }).click()
    await lists.getByText('No list is followed.').waitFor()
    assert.deepEqual(await owner.listLists(), [])
    assert.ok(await keeps())
    assert.deepEqual(complaints, [])
    await page.close()
  },
)

test('another device is paired by a line, shown with a hostile name as text, renamed, and removed', { skip: noBrowser }, async () => {
  const { page, complaints } = await opened(laptop, '/devices', 'phone')
  await page.getByRole('button', { name: 'Pair a device' }).click()
  await choose(page, 'What it may do', 'Reader')
  await page.getByRole('button', { name: 'Make the line' }).click()
  await page.getByText('Waiting for the other device…').waitFor()
  const line = await codeShown(page, 'Pairing line')
  const target = /set-provider (\S+)/.exec(line)?.[1] ?? ''
  await (await apiOf(ben)).setProvider('laptop', { target })
  await page.getByText('ben is paired').waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
  await (await apiOf(laptop)).changeDevice('ben', { name: HOSTILE })
  await page.reload()
  const device = page.getByRole('listitem', { name: SHOWN })
  await device.getByText(/^Reader/).waitFor()
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing is wider than the phone')

  await device.getByRole('button', { name: /More about/ }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Ben’s tablet')
  await page.keyboard.press('Enter')
  await page
    .getByRole('dialog')
    .filter({ has: page.getByRole('textbox', { name: 'Name' }) })
    .waitFor({ state: 'detached' })
  const renamed = page.getByRole('listitem', { name: 'Ben’s tablet' })
  await renamed.waitFor()
  await renamed.getByRole('button', { name: /More about/ }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('Ben’s tablet was removed').waitFor()
  await renamed.waitFor({ state: 'detached' })
  assert.deepEqual(await (await apiOf(laptop)).listDevices(), [])
  assert.deepEqual(complaints, [])
  await page.close()
})

test('a phone gets the address of the page as soon as it may reach it', { skip: noBrowser }, async () => {
  const { page } = await opened(laptop, '/devices')
  await page.getByRole('button', { name: 'Open on a phone' }).click()
  await page.getByText('Other devices can not reach this store yet').waitFor()
  await page.getByRole('switch', { name: 'Devices of my network may reach this store' }).click()
  const picture = page.getByRole('img', { name: 'Address of this page, to scan' })
  // A machine for tests may be in no network at all.
  await picture.or(page.getByText('This store found no address of this machine')).waitFor()
  if (await picture.isVisible()) assert.match(await codeShown(page, 'Address for the phone'), /^http:\/\/.*\/#code=[\w-]+$/)
  await page.close()
})
