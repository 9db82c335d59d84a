/** Symlinks in drives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriveNode, DriveReader } from '../../core/store-api.ts'
import { findNode, follow } from './resolve.ts'

/** A drive of symlinks (`-> target`) and empty files. */
function drive(files: Readonly<Record<string, string>>): DriveReader {
  const stat = async (path: string): Promise<DriveNode | null> => {
    const file = files[path]
    if (file?.startsWith('-> ') === true) return { kind: 'symlink', path, target: file.slice(3), mtimeMs: 0 }
    if (file !== undefined) return { kind: 'file', path, size: 0, mtimeMs: 0, executable: false, etag: '', read: async function* () {} }
    return Object.keys(files).some((other) => other.startsWith(`${path}/`)) ? { kind: 'folder', path } : null
  }
  return { key: '', version: 1, private: false, stat, list: async function* () {} }
}

test('findNode() follows symlinks to files and folders, also in the middle of a path', async () => {
  const d = drive({ 'real/a/f': '', link: '-> real/a', 'real/up': '-> ../link/f', again: '-> ./link' })
  assert.equal((await findNode(d, 'link'))?.kind, 'folder')
  assert.equal((await findNode(d, 'link/f'))?.path, 'real/a/f')
  assert.equal((await findNode(d, 'real/up'))?.path, 'real/a/f')
  assert.equal((await findNode(d, 'again/f'))?.path, 'real/a/f')
  assert.equal(await findNode(d, 'link/none'), null)
  assert.equal((await findNode(d, ''))?.kind, 'folder')
})

test('findNode() gives up on loops, on more than 16 hops, and on ways out of the drive', async () => {
  const chain = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`l${i}`, i === 19 ? '' : `-> l${i + 1}`]))
  const d = drive({
    ...chain,
    a: '-> b',
    b: '-> a',
    self: '-> self/x',
    out: '-> ../../etc/passwd',
    abs: '-> /etc/passwd',
    'd/out': '-> ../../x',
  })
  assert.equal((await findNode(d, 'l3'))?.path, 'l19')
  assert.equal(await findNode(d, 'l2'), null)
  for (const path of ['a', 'self', 'self/x', 'out', 'abs', 'd/out', 'out/passwd']) assert.equal(await findNode(d, path), null, path)
})

test('follow() never pops above the root, however the way goes on', () => {
  assert.equal(follow('a/b', '../c', ''), 'c')
  assert.equal(follow('a/b', '../../a', ''), null)
  assert.equal(follow('a', 'x\0', ''), null)
  assert.equal(follow('a', '', ''), null)
  assert.equal(follow('a/b', '..', ''), '')
})
