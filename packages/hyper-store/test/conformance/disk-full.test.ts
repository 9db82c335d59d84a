/** Full and read-only disks: one clear error, nothing half-written, and it goes on when there is room again. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { asPath, makeTempRoot, mustLook, openRealSubject, placeText, PRIVATE_DIR, scanAll } from './disk-subjects.ts'

const skip = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'a small disk can only be mounted by root on Linux' : false

/** A disk of one MiB in memory. */
async function onSmallDisk(run: (subject: Awaited<ReturnType<typeof openRealSubject>>) => Promise<void>): Promise<void> {
  const root = makeTempRoot()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root])
  try {
    const subject = await openRealSubject(root)
    try {
      await run(subject)
    } finally {
      await subject.folder[Symbol.asyncDispose]()
    }
  } finally {
    execFileSync('umount', [root])
    fs.rmdirSync(root)
  }
}

describe('a disk that refuses', () => {
  it('full: a big file fails with DISK_FULL, leaves nothing, and works when there is room again', { skip }, () =>
    onSmallDisk(async (subject) => {
      subject.write('ballast', 'x'.repeat(600 * 1024))
      const staged = await subject.folder.stage()
      await assert.rejects(
        async () => {
          for (let at = 0; at < 8; at += 1) await staged.write(Buffer.alloc(100 * 1024), at * 100 * 1024)
        },
        { code: 'DISK_FULL', message: new RegExp(subject.root) },
      )
      await staged.discard()
      const base = await mustLook(subject.folder, 'ballast')
      assert.ok(base.kind === 'file')
      const copy = await subject.folder.stage()
      await assert.rejects(copy.copyWhole(asPath('ballast'), base), { code: 'DISK_FULL' })
      await copy.discard()
      assert.deepEqual([...(await scanAll(subject.folder)).keys()], ['ballast'])
      assert.equal(fs.existsSync(nodePath.join(subject.root, PRIVATE_DIR)), false)
      subject.delete('ballast')
      assert.equal((await placeText(subject.folder, 'big', 'x'.repeat(600 * 1024))).done, true)
    }),
  )

  it('full: of a batch of small files none stays staged', { skip }, () =>
    onSmallDisk(async (subject) => {
      const data = Buffer.alloc(64 * 1024)
      const files = Array.from({ length: 40 }, () => ({ data, facts: { size: data.byteLength, mtimeMs: 0, executable: false } }))
      await assert.rejects(subject.folder.stageSmall(files), { code: 'DISK_FULL' })
      assert.equal(fs.existsSync(nodePath.join(subject.root, PRIVATE_DIR)), false)
      assert.equal((await scanAll(subject.folder)).size, 0)
    }),
  )

  it('read-only: every step fails with READ_ONLY_DISK and changes nothing, reading goes on', { skip }, () =>
    onSmallDisk(async (subject) => {
      subject.write('d/a', 'a')
      const staged = await subject.folder.stage()
      await staged.finish({ size: 0, mtimeMs: 0, executable: false })
      execFileSync('mount', ['-o', 'remount,ro', subject.root])
      const { folder } = subject
      const state = await folder.rootState()
      assert.equal(state.state === 'present' && state.writable, false)
      const seen = await mustLook(folder, 'd/a')
      assert.ok(seen.kind === 'file')
      const readOnly = { code: 'READ_ONLY_DISK', message: new RegExp(subject.root) }
      await assert.rejects(folder.stage(), readOnly)
      await assert.rejects(folder.stageSmall([{ data: Buffer.from('x'), facts: { size: 1, mtimeMs: 0, executable: false } }]), readOnly)
      await assert.rejects(folder.place([{ staged, path: asPath('d/b'), seen: null }]), readOnly)
      await assert.rejects(folder.makeFolder(asPath('e/f')), readOnly)
      await assert.rejects(folder.makeSymlink(asPath('l'), 'x', null), readOnly)
      await assert.rejects(folder.stamp(asPath('d/a'), { size: 1, mtimeMs: 1000, executable: true }, seen), readOnly)
      await assert.rejects(folder.rename(asPath('d/a'), asPath('d/b'), seen), readOnly)
      await assert.rejects(folder.remove(asPath('d/a'), seen, { trash: true }), readOnly)
      await assert.rejects(folder.remove(asPath('d/a'), seen, { trash: false }), readOnly)
      assert.deepEqual([...(await scanAll(folder)).keys()].sort(), ['d', 'd/a'])
      execFileSync('mount', ['-o', 'remount,rw', subject.root])
      const [outcome] = await folder.place([{ staged, path: asPath('d/b'), seen: null }])
      assert.equal(outcome?.done, true)
    }),
  )
})
