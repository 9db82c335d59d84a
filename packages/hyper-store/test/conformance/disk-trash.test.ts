/** The trash behind the port of the folder: listed with sizes and times, brought back without overwriting, emptied; also that of removed folders. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { describe, test } from 'node:test'
import { pruneRemovedTrash } from '../../src/service/trash-pruning.ts'
import {
  asPath,
  mustLook,
  openHomedSubject,
  openMemorySubject,
  openRealSubject,
  placeText,
  PRIVATE_DIR,
  type DiskSubject,
} from './disk-subjects.ts'

const DAY_MS = 86_400_000

async function trashed(subject: DiskSubject): Promise<void> {
  subject.write('d/a', 'old text')
  await placeText(subject.folder, 'd/a', 'new', { seen: await mustLook(subject.folder, 'd/a') })
  subject.write('b', 'b!')
  await subject.folder.remove(asPath('b'), await mustLook(subject.folder, 'b'), { trash: true })
}

for (const [name, open] of [
  ['on disk, area in the home', openHomedSubject],
  ['on disk, area in the folder', async () => openRealSubject()],
  ['in memory', openMemorySubject],
] as const) {
  describe(`trash ${name}`, () => {
    test('is listed with path, size and time, oldest first', async () => {
      await using subject = await open()
      const started = Date.now()
      await trashed(subject)
      const items = await subject.folder.listTrash()
      assert.deepEqual(items.map(({ path, size }) => `${path} ${size}`).sort(), ['b 2', 'd/a 8'])
      assert.equal(new Set(items.map(({ id }) => id)).size, 2)
      // Times on disk are whole seconds.
      for (const { at } of items) assert.ok(at >= started - 1000 && at <= Date.now())
    })

    test('comes back where it was or to a given name, and never over what is there', async () => {
      await using subject = await open()
      await trashed(subject)
      const byPath = new Map((await subject.folder.listTrash()).map(({ path, id }) => [path as string, id]))
      const [a, b] = [byPath.get('d/a') ?? '', byPath.get('b') ?? '']
      assert.deepEqual(await subject.folder.restoreTrash(a), { done: false, why: 'exists' })
      assert.equal(subject.read('d/a'), 'new')
      assert.equal((await subject.folder.restoreTrash(b)).done, true)
      assert.equal(subject.read('b'), 'b!')
      assert.equal((await subject.folder.restoreTrash(a, asPath('e/f/a'))).done, true)
      assert.equal(subject.read('e/f/a'), 'old text')
      assert.deepEqual(await subject.folder.listTrash(), [])
      assert.deepEqual(await subject.folder.restoreTrash(a), { done: false, why: 'changed' })
    })

    test('names that it did not give are in no trash', async () => {
      await using subject = await open()
      await trashed(subject)
      for (const id of ['', '/', 'x', '../../etc/passwd', '2026-01-01T00-00-00Z/../../x', '2026-01-01T00-00-00Z/'])
        assert.equal((await subject.folder.restoreTrash(id)).done, false, id)
    })

    test('is pruned by age, and says how much that was', async () => {
      await using subject = await open()
      await trashed(subject)
      assert.deepEqual(await subject.folder.pruneTrash(Date.now() - DAY_MS), { items: 0, bytes: 0 })
      assert.deepEqual(await subject.folder.pruneTrash(Infinity), { items: 2, bytes: 10 })
      assert.deepEqual(await subject.folder.listTrash(), [])
    })
  })
}

test('the trash of a folder that was removed goes after a month too, in the home and in the folder; kept ones are left to their loop', async () => {
  await using subject = await openHomedSubject()
  const home = { diskFolder: nodePath.dirname(subject.area) }
  const key = nodePath.basename(subject.area)
  const places = [nodePath.join(subject.area, 'trash'), nodePath.join(subject.root, PRIVATE_DIR, 'trash')]
  const put = (stamp: string) => {
    for (const place of places) {
      fs.mkdirSync(nodePath.join(place, stamp), { recursive: true })
      fs.writeFileSync(nodePath.join(place, stamp, 'a'), 'x')
    }
  }
  put('2026-01-01T00-00-00Z')
  put('2026-02-20T00-00-00Z')
  const clock = { now: () => Date.parse('2026-03-01T00:00:00Z') }
  const record = { key, path: subject.root, removedAtMs: 1 }
  await pruneRemovedTrash(
    home,
    [
      { ...record, removedAtMs: null },
      { ...record, path: null },
    ],
    clock,
  )
  for (const place of places) assert.equal(fs.readdirSync(place).length, 2)
  await pruneRemovedTrash(home, [record, { key: 'other', path: '/nowhere/at/all', removedAtMs: 1 }], clock)
  for (const place of places) assert.deepEqual(fs.readdirSync(place), ['2026-02-20T00-00-00Z'])
  // The folder itself may be gone from the disk.
  fs.rmSync(subject.root, { recursive: true })
  await pruneRemovedTrash(home, [record], { now: () => Date.parse('2026-06-01T00:00:00Z') })
  assert.equal(fs.existsSync(subject.area), false)
})
