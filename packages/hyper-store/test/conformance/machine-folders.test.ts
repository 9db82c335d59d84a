/** Choosing a folder of the store's machine: what is offered, what is kept already, and what is refused. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { MachineFolders } from '../../src/service/machine-folders.ts'
import { codeOf } from '../fixtures/lab.ts'

let root: string
let folders: MachineFolders

before(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'hyper-store-machine-')))
  for (const name of ['b', 'a10', 'a9', '.hidden', 'kept/inner', 'home/cores', 'above/kept too'])
    await mkdir(path.join(root, name), { recursive: true })
  await writeFile(path.join(root, 'file.txt'), 'text')
  await symlink('/', path.join(root, 'link'))
  folders = new MachineFolders({
    home: path.join(root, 'home'),
    folders: () => [
      { path: path.join(root, 'kept'), title: 'Photos' },
      { path: path.join(root, 'above/kept too'), title: 'Letters' },
      { path: null, title: 'elsewhere' },
    ],
  })
})
after(async () => rm(root, { recursive: true, force: true }))

test('folders are told in natural order with what is kept in, below or above them; hidden ones, files, links and the home are not', async () => {
  const listing = await folders.list(root)
  assert.deepEqual(
    listing.folders.map(({ name, keptAs }) => [name, keptAs]),
    [
      ['a9', null],
      ['a10', null],
      ['above', 'Letters'],
      ['b', null],
      ['kept', 'Photos'],
    ],
  )
  assert.deepEqual([listing.path, listing.parent, listing.more], [root, path.dirname(root), false])
  assert.ok(listing.free > 0)
  assert.equal((await folders.list(path.join(root, 'kept'))).folders[0]?.keptAs, 'Photos')
  assert.equal((await folders.list('/')).parent, null)
  assert.equal((await folders.list(null)).path, await realpath(os.homedir()))
})

test('a folder is made below one that is there, and never over anything', async () => {
  assert.deepEqual(await folders.make(path.join(root, 'b/new one')), { path: path.join(root, 'b/new one') })
  assert.equal(await codeOf(folders.make(path.join(root, 'b/new one'))), 'ALREADY_THERE')
  assert.equal(await codeOf(folders.make(path.join(root, 'nothing/new'))), 'NOT_A_FOLDER')
})

test('what is no folder, no whole path or no path at all is refused', async () => {
  for (const wrong of [
    path.join(root, 'home/cores'),
    path.join(root, 'file.txt'),
    path.join(root, 'nothing'),
    'relative',
    `${root}/a\0b`,
    `/${'x'.repeat(300)}`,
  ])
    assert.equal(await codeOf(folders.list(wrong)), 'NOT_A_FOLDER', wrong)
  for (const wrong of ['relative', '/', `${root}/a\0b`]) assert.equal(await codeOf(folders.make(wrong)), 'BAD_REQUEST', wrong)
})
