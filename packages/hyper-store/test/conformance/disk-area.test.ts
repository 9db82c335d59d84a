/** The user's folder stays clean: staging and trash are in the store's home where names can be moved between the two. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { FolderRoot } from '../../src/disk/root.ts'
import { makeStepContext } from '../../src/disk/step-context.ts'
import { listTrash, pruneTrash, restoreFromTrash } from '../../src/disk/trash.ts'
import { asPath, makeTempRoot, mustLook, openHomedSubject, openRealSubject, placeText, PRIVATE_DIR } from './disk-subjects.ts'

const noMounts = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'only root on Linux may mount' : false

/** A root and a home of which one is a mount of its own; both are gone at the end. */
async function withMount(kind: 'disk' | 'bind', run: (root: string, area: string) => Promise<void>): Promise<void> {
  const outer = makeTempRoot()
  const [root, source, area] = ['root', 'source', 'home/disk/key'].map((name) => nodePath.join(outer, name)) as [string, string, string]
  fs.mkdirSync(root)
  fs.mkdirSync(source)
  if (kind === 'bind') execFileSync('mount', ['--bind', source, root])
  else execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', root])
  try {
    await run(root, area)
  } finally {
    execFileSync('umount', [root])
    fs.rmSync(outer, { recursive: true })
  }
}

/** Replaces and removes files; what is staged and kept goes wherever the folder decides. */
async function useFolder(root: string, area: string): Promise<{ duringStage: string[]; after: string[] }> {
  const subject = await openRealSubject(root, area)
  const staged = await subject.folder.stage()
  const duringStage = fs.readdirSync(root).sort()
  await staged.discard()
  subject.write('a', 'old')
  assert.equal((await placeText(subject.folder, 'a', 'new', { seen: await mustLook(subject.folder, 'a') })).done, true)
  const after = fs.readdirSync(root).sort()
  await subject.folder[Symbol.asyncDispose]()
  return { duringStage, after }
}

describe('the area of a folder', () => {
  it('in the home on the same disk holds staging and trash, and the folder only what is the user’s', async () => {
    const subject = await openHomedSubject()
    try {
      const staged = await subject.folder.stage()
      assert.equal(fs.readdirSync(nodePath.join(subject.area, 'staging')).length, 1)
      assert.deepEqual(fs.readdirSync(subject.root), [])
      await staged.discard()
      subject.write('d/a', 'old')
      await placeText(subject.folder, 'd/a', 'new', { seen: await mustLook(subject.folder, 'd/a') })
      await subject.folder.remove(asPath('d/a'), await mustLook(subject.folder, 'd/a'), { trash: true })
      await subject.folder.makeSymlink(asPath('d/a'), 'x', null)
      await subject.folder.makeSymlink(asPath('d/a'), 'y', await mustLook(subject.folder, 'd/a'))
      await subject.folder.flush()
      assert.deepEqual(new Set(fs.readdirSync(subject.root, { recursive: true, encoding: 'utf8' })), new Set(['d', 'd/a']))
      assert.deepEqual(await subject.trashed(), ['d/a', 'd/a', 'd/a'])
      await subject.folder.pruneTrash(Date.now() + 60_000)
      await subject.folder[Symbol.asyncDispose]()
      assert.equal(fs.existsSync(subject.area), false)
    } finally {
      await subject[Symbol.asyncDispose]()
    }
  })

  it('is in the folder when the home is on another disk', { skip: noMounts }, () =>
    withMount('disk', async (root, area) => {
      assert.deepEqual(await useFolder(root, area), { duringStage: [PRIVATE_DIR], after: [PRIVATE_DIR, 'a'] })
      assert.equal(fs.existsSync(area), false)
    }),
  )

  it('is in the folder when a bind mount of the same disk refuses the move', { skip: noMounts }, () =>
    withMount('bind', async (root, area) => {
      fs.mkdirSync(nodePath.dirname(nodePath.dirname(area)))
      assert.equal(fs.statSync(root).dev, fs.statSync(nodePath.dirname(nodePath.dirname(area))).dev)
      assert.deepEqual(await useFolder(root, area), { duringStage: [PRIVATE_DIR], after: [PRIVATE_DIR, 'a'] })
      assert.equal(fs.existsSync(area), false)
    }),
  )

  it('is in the folder when that hands its group on to new files', { skip: process.platform === 'win32' && 'no groups' }, async () => {
    const subject = await openHomedSubject()
    try {
      fs.chmodSync(subject.root, 0o2775)
      await placeText(subject.folder, 'a', 'a')
      const staged = await subject.folder.stage()
      assert.deepEqual(fs.readdirSync(subject.root).sort(), [PRIVATE_DIR, 'a'])
      await staged.discard()
      assert.deepEqual(fs.readdirSync(subject.root), ['a'])
    } finally {
      await subject[Symbol.asyncDispose]()
    }
  })

  it('is looked for again at each open, and the trash of both places is listed, brought back and pruned', { skip: noMounts }, () =>
    withMount('disk', async (root, area) => {
      await useFolder(root, area)
      // The folder was on the home's disk before: its trash is still there, in the home.
      const kept = nodePath.join(area, 'trash', '2020-01-01T00-00-00Z', 'was')
      fs.mkdirSync(kept, { recursive: true })
      fs.writeFileSync(nodePath.join(kept, 'moved'), 'text', { mode: 0o750 })
      fs.utimesSync(nodePath.join(kept, 'moved'), 1e9, 1e9)
      fs.symlinkSync('target', nodePath.join(kept, 'link'))
      fs.writeFileSync(nodePath.join(kept, 'left'), 'x')

      const folder = new FolderRoot(root, PRIVATE_DIR, area)
      const context = makeStepContext(folder)
      const items = await listTrash(folder)
      assert.deepEqual(
        items.map(({ path }) => path),
        [...fs.readdirSync(kept).map((name) => `was/${name}`), 'a'],
      )
      for (const item of items.filter(({ path }) => path !== 'was/left' && path !== 'a')) {
        assert.equal((await restoreFromTrash(context, item)).done, true)
      }
      const stat = fs.statSync(nodePath.join(root, 'was/moved'))
      assert.deepEqual([stat.size, stat.mode & 0o777, stat.mtimeMs], [4, 0o750, 1e12])
      assert.equal(fs.readlinkSync(nodePath.join(root, 'was/link')), 'target')
      assert.deepEqual(fs.readdirSync(kept), ['left'])

      assert.deepEqual(await pruneTrash(folder, Date.now() - 30 * 86_400_000), { items: 1, bytes: 1 })
      assert.equal(fs.existsSync(area), false)
      assert.deepEqual(fs.readdirSync(nodePath.join(root, PRIVATE_DIR)).sort(), ['README.txt', 'trash'])
      assert.equal((await pruneTrash(folder, Infinity)).items, 1)
      assert.deepEqual(fs.readdirSync(root).sort(), ['a', 'was'])
    }),
  )

  it('moves to the home when the folder comes to its disk, and what lies in the folder’s trash stays reachable', async () => {
    const outer = makeTempRoot()
    const root = nodePath.join(outer, 'root')
    fs.mkdirSync(nodePath.join(root, PRIVATE_DIR, 'trash', '2020-01-01T00-00-00Z'), { recursive: true })
    fs.writeFileSync(nodePath.join(root, PRIVATE_DIR, 'trash', '2020-01-01T00-00-00Z', 'old'), 'old')
    const area = nodePath.join(outer, 'home/disk/key')
    const folder = await openDiskFolder(root, { privateDir: PRIVATE_DIR, area })
    try {
      await folder.makeFolder(asPath('d'))
      fs.writeFileSync(nodePath.join(root, 'd/a'), 'a')
      await folder.remove(asPath('d/a'), await mustLook(folder, 'd/a'), { trash: true })
      assert.equal(fs.readdirSync(nodePath.join(area, 'trash')).length, 1)
      assert.deepEqual(
        (await listTrash(new FolderRoot(root, PRIVATE_DIR, area))).map(({ path }) => path),
        ['old', 'd/a'],
      )
      await folder.pruneTrash(Date.now() - 30 * 86_400_000)
      assert.deepEqual(fs.readdirSync(root), ['d'])
    } finally {
      await folder[Symbol.asyncDispose]()
      fs.rmSync(outer, { recursive: true })
    }
  })

  it('leaves nothing of a crash in the folder: staged files, an empty probe, a lone README', async () => {
    const outer = makeTempRoot()
    const root = nodePath.join(outer, 'root')
    const area = nodePath.join(outer, 'home/disk/key')
    fs.mkdirSync(nodePath.join(root, PRIVATE_DIR), { recursive: true })
    fs.mkdirSync(nodePath.join(area, 'staging'), { recursive: true })
    fs.writeFileSync(nodePath.join(area, 'staging', 'left'), 'x')
    fs.writeFileSync(nodePath.join(root, PRIVATE_DIR, 'README.txt'), 'x')
    try {
      const folder = await openDiskFolder(root, { privateDir: PRIVATE_DIR, area })
      assert.deepEqual([fs.readdirSync(root), fs.existsSync(area)], [[], false])
      await folder[Symbol.asyncDispose]()
    } finally {
      fs.rmSync(outer, { recursive: true })
    }
  })
})
