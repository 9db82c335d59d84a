/** What a sync writes on a disk: whole files, in the folder alone, whatever the other side calls them. */
import assert from 'node:assert/strict'
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { openDiskTree } from '../../src/cli/tree-disk.ts'
import { selectionOf } from '../../src/cli/tree-ignore.ts'
import type { TreeEntry } from '../../src/cli/tree-compare.ts'

const { signal } = new AbortController()
const file = (name: string): TreeEntry => ({
  path: name,
  kind: 'file',
  size: 3,
  mtimeMs: 1_700_000_000_123,
  executable: false,
  target: null,
})
const bytes = async function* (text = 'new') {
  yield Buffer.from(text)
}
const breaking = async function* () {
  yield Buffer.from('half')
  throw new Error('the peer left')
}

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-tree-'))
  try {
    await use(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const open = (dir: string) => openDiskTree(dir, { selection: async () => selectionOf([], ''), make: true, changes: async function* () {} })

test('no name leads out of the folder or into the store’s own, by itself or through a symlink', () =>
  inFolder(async (dir) => {
    const root = path.join(dir, 'root')
    const outside = path.join(dir, 'outside')
    await mkdir(root)
    await mkdir(outside)
    await symlink(outside, path.join(root, 'door'))
    const tree = await open(root)
    for (const name of [
      '../outside/x',
      'a/../../outside/x',
      '/etc/x',
      'door/x',
      'door/deep/x',
      '.hyper-store/x',
      '.Hyper-Store/x',
      'a//x',
      'a\0b',
      '.',
    ]) {
      await assert.rejects(tree.write(file(name), bytes(), signal), name)
      await assert.rejects(async () => {
        for await (const _ of tree.read(name, signal));
      }, name)
    }
    for (const name of ['../outside', 'door/x']) await assert.rejects(tree.makeFolder(name, signal), name)
    await writeFile(path.join(outside, 'x'), 'precious')
    await assert.rejects(tree.remove(file('door/x'), signal))
    await assert.rejects(tree.move('door/x', 'x'))
    for (const [at, target] of [
      ['s', '/etc'],
      ['s', '../outside'],
      ['a/s', '../../outside'],
    ] as const)
      assert.notEqual(tree.refusesSymlink(at, target), null)
    assert.equal(tree.refusesSymlink('a/s', '../b'), null)
    await tree.close()
    assert.deepEqual(await readdir(outside), ['x'])
    assert.deepEqual(await readdir(root), ['door'])
  }))

test('a file appears whole or not at all, and what a killed sync left goes', () =>
  inFolder(async (dir) => {
    const root = path.join(dir, 'root')
    const tree = await open(root)
    await tree.write(file('a/b.txt'), bytes(), signal)
    assert.equal(Math.floor((await lstat(path.join(root, 'a/b.txt'))).mtimeMs), 1_700_000_000_123)
    await assert.rejects(tree.write(file('a/b.txt'), breaking(), signal))
    await assert.rejects(tree.write(file('c.txt'), breaking(), signal))
    assert.equal(await readFile(path.join(root, 'a/b.txt'), 'utf8'), 'new')
    // A folder with something in it is not swept away for a file.
    await assert.rejects(tree.write(file('a'), bytes(), signal))
    assert.equal(await readFile(path.join(root, 'a/b.txt'), 'utf8'), 'new')
    await mkdir(path.join(root, '.hyper-store/sync-999999999-left'), { recursive: true })
    await tree.close()
    assert.deepEqual((await readdir(root)).toSorted(), ['.hyper-store', 'a'])
    const next = await open(root)
    await next.write(file('c.txt'), bytes(), signal)
    await next.close()
    assert.deepEqual((await readdir(root)).toSorted(), ['a', 'c.txt'])
  }))
