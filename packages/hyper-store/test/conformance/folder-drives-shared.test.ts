/** Conformance of shared folders: what several devices write apart comes together the same way, on real logs and on the twin. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { EntryOrTombstone, FileEntry, FolderPath, VersionVector } from '../../src/core/entries.ts'
import type { DriveChange, FolderDrives, FolderVersion } from '../../src/core/ports.ts'
import { bumpVector } from '../../src/core/vectors.ts'
import { openMemoryShared, openRealShared, type SharedDevice, type SharedSubject } from './folder-drives-shared-subjects.ts'

const at = (path: string) => path as FolderPath
const MINUTE = 60_000

const subjects: readonly { name: string; open: (count: number) => Promise<SharedSubject> }[] = [
  { name: 'in memory', open: openMemoryShared },
  { name: 'on disk', open: (count) => openRealShared(count, null) },
  { name: 'on disk, encrypted', open: (count) => openRealShared(count, randomBytes(32)) },
]

function device(subject: SharedSubject, i: number): SharedDevice {
  const found = subject.devices[i]
  assert.ok(found !== undefined)
  return found
}

/** The vector that the sync loop gives a version made on top of what is shown. */
async function next({ drives, writer }: SharedDevice, path: string): Promise<VersionVector> {
  const there = await drives.get(at(path))
  return there === null ? { [writer]: (drives.version()[writer] ?? 0) + 1 } : bumpVector(there.vector, writer)
}

async function file(who: SharedDevice, path: string, text: string, mtimeMs: number): Promise<DriveChange> {
  const [stored] = await who.drives.storeSmall([Buffer.from(text)])
  assert.ok(stored !== undefined)
  return { op: 'put', path: at(path), entry: { kind: 'file', ...stored, mtimeMs, executable: false, vector: await next(who, path) } }
}
async function gone(who: SharedDevice, path: string): Promise<DriveChange> {
  return { op: 'delete', path: at(path), tombstone: { vector: await next(who, path), mtimeMs: 1 } }
}
async function write(who: SharedDevice, path: string, text: string, mtimeMs = MINUTE): Promise<void> {
  await who.drives.commit([await file(who, path, text, mtimeMs)])
}
async function remove(who: SharedDevice, path: string): Promise<void> {
  await who.drives.commit([await gone(who, path)])
}
/** As the loop does: the same content under the new name, and a deletion of the old one. */
async function rename(who: SharedDevice, from: string, to: string): Promise<void> {
  const entry = await who.drives.get(at(from))
  assert.ok(entry?.kind === 'file')
  const put: DriveChange = { op: 'put', path: at(to), entry: { ...entry, vector: await next(who, to) } }
  await who.drives.commit([put, await gone(who, from)])
}

async function text(drives: FolderDrives, entry: FileEntry): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of drives.read(entry)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** What a device shows: path → text, for files. */
async function tree({ drives }: SharedDevice): Promise<Record<string, string>> {
  const shown: [string, string][] = []
  for await (const { path, entry } of drives.entries()) {
    if (entry?.kind === 'file') shown.push([path, await text(drives, entry)])
    else if (entry !== null && entry.kind !== 'tombstone') shown.push([path, entry.kind])
  }
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function conflicts({ drives }: SharedDevice): Promise<string[]> {
  const found: string[] = []
  for await (const { path, copy } of drives.conflicts()) found.push(`${path} / ${copy}`)
  return found.sort()
}

/** Everybody gets everything, in some order; two rounds, since nothing is written in between. */
async function meet(subject: SharedSubject, order: 'up' | 'down' = 'up'): Promise<void> {
  const all = subject.devices.map((_, i) => i)
  if (order === 'down') all.reverse()
  for (const from of all) for (const to of all) if (from !== to) await subject.bring(from, to)
}

/** All devices show the same, and it is this. */
async function allShow(subject: SharedSubject, wanted: Record<string, string>): Promise<void> {
  for (const each of subject.devices) assert.deepEqual(await tree(each), wanted, each.name)
  const totals = await Promise.all(subject.devices.map(async ({ drives }) => drives.totals()))
  for (const each of totals) assert.deepEqual(each, totals[0])
  assert.equal(totals[0]?.files, Object.keys(wanted).length)
}

async function changed(drives: FolderDrives, from: FolderVersion): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of drives.changesSince(from)) paths.push(path)
  return paths.sort()
}

for (const { name, open } of subjects) {
  describe(`a shared folder ${name}`, () => {
    test('what three devices do apart comes together the same way in every order', async () => {
      for (const order of ['up', 'down'] as const) {
        await using subject = await open(3)
        const [desk, couch, phone] = [device(subject, 0), device(subject, 1), device(subject, 2)]
        await write(desk, 'edited', 'first')
        await write(desk, 'deleted', 'first')
        await write(desk, 'renamed', 'content')
        await write(desk, 'swap', 'a file')
        await write(desk, 'tree/in', 'within')
        await write(desk, 'both/deleted', 'first')
        await meet(subject, order)
        await write(couch, 'edited', 'by couch', 2 * MINUTE)
        await remove(couch, 'deleted')
        await rename(couch, 'renamed', 'sub/renamed')
        await remove(couch, 'swap')
        await write(couch, 'swap/inside', 'now a folder')
        await remove(couch, 'both/deleted')
        await write(phone, 'edited', 'by phone', 3 * MINUTE)
        await write(phone, 'deleted', 'edited meanwhile', 2 * MINUTE)
        await remove(phone, 'tree/in')
        await write(phone, 'tree', 'now a file')
        await write(phone, 'swap', 'edited as a file', 4 * MINUTE)
        await remove(phone, 'both/deleted')
        await rename(desk, 'renamed', 'other')
        await meet(subject, order)
        await allShow(subject, {
          deleted: 'edited meanwhile',
          edited: 'by phone',
          'edited (conflict couch 1970-01-01 00-02)': 'by couch',
          other: 'content',
          'sub/renamed': 'content',
          'swap (conflict phone 1970-01-01 00-04)': 'edited as a file',
          'swap/inside': 'now a folder',
          tree: 'now a file',
        })
        assert.deepEqual(new Set(subject.devices.map(({ drives }) => drives.total())).size, 1)
      }
    })

    test('an edit beats a deletion that has not seen it, whoever is heard first', async () => {
      await using subject = await open(2)
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      await write(desk, 'f', 'first')
      await meet(subject)
      await remove(desk, 'f')
      await write(couch, 'f', 'edited')
      await meet(subject)
      await allShow(subject, { f: 'edited' })
      await remove(desk, 'f')
      await meet(subject)
      await allShow(subject, {})
      assert.equal((await couch.drives.get(at('f')))?.kind, 'tombstone')
      await write(couch, 'f', 'again')
      await meet(subject)
      await allShow(subject, { f: 'again' })
    })

    test('a file that both touched and nobody changed is no conflict, and has seen both', async () => {
      await using subject = await open(2)
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      await write(desk, 'f', 'same')
      await meet(subject)
      await write(desk, 'f', 'same', 5 * MINUTE)
      await write(couch, 'f', 'same', 9 * MINUTE)
      await meet(subject)
      await allShow(subject, { f: 'same' })
      for (const { drives } of subject.devices) {
        const entry = await drives.get(at('f'))
        assert.equal(entry?.mtimeMs, 9 * MINUTE)
        assert.deepEqual(new Set(Object.keys(entry?.vector ?? {})), new Set([desk.writer, couch.writer]))
      }
    })

    test('names that differ in case or in their unicode form are different files, and keep their bytes', async () => {
      await using subject = await open(2)
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      await write(desk, 'name', 'plain')
      await write(desk, '\u00e9', 'one character')
      await meet(subject)
      await rename(desk, 'name', 'NAME')
      await write(couch, 'name', 'edited on couch')
      await write(couch, 'e\u0301', 'two characters')
      await meet(subject)
      await allShow(subject, { NAME: 'plain', 'e\u0301': 'two characters', name: 'edited on couch', '\u00e9': 'one character' })
    })

    for (const how of ['edit', 'rename', 'delete'] as const) {
      test(`a conflict is settled for all by one who does this to the copy: ${how}`, async () => {
        await using subject = await open(3)
        const [desk, couch, phone] = [device(subject, 0), device(subject, 1), device(subject, 2)]
        await write(desk, 'f.txt', 'desk', 2 * MINUTE)
        await write(couch, 'f.txt', 'couch', MINUTE)
        await meet(subject)
        const copy = 'f (conflict couch 1970-01-01 00-01).txt'
        await allShow(subject, { [copy]: 'couch', 'f.txt': 'desk' })
        assert.deepEqual(await conflicts(phone), [`f.txt / ${copy}`])
        const from = desk.drives.version()
        if (how === 'edit') await write(phone, copy, 'merged by hand', 7 * MINUTE)
        else if (how === 'rename') await rename(phone, copy, 'kept.txt')
        else await remove(phone, copy)
        await meet(subject)
        const rest = how === 'edit' ? { [copy]: 'merged by hand' } : how === 'rename' ? { 'kept.txt': 'couch' } : {}
        await allShow(subject, { ...rest, 'f.txt': 'desk' })
        for (const each of subject.devices) assert.deepEqual(await conflicts(each), [])
        assert.ok((await changed(desk.drives, from)).includes(copy), 'a copy that went is told')
        // What nobody decided about stays decided by the merge: an edit on top brings no old conflict back.
        await write(couch, 'f.txt', 'on top', 8 * MINUTE)
        await meet(subject)
        await allShow(subject, { ...rest, 'f.txt': 'on top' })
      })
    }

    test('mine, theirs and both settle a conflict by name of the file or of the copy, for all', async () => {
      const copy = 'f (conflict couch 1970-01-01 00-01)'
      for (const [keep, path, wanted] of [
        ['mine', 'f', { f: 'couch' }],
        ['theirs', 'f', { f: 'desk' }],
        ['mine', copy, { f: 'couch' }],
        ['theirs', copy, { f: 'desk' }],
        ['both', 'f', { f: 'desk', 'f (couch 1970-01-01 00-01)': 'couch' }],
      ] as const) {
        await using subject = await open(2)
        const [desk, couch] = [device(subject, 0), device(subject, 1)]
        await write(desk, 'f', 'desk', 2 * MINUTE)
        await write(couch, 'f', 'couch', MINUTE)
        await meet(subject)
        await couch.drives.settle(at(path), keep)
        await meet(subject)
        await allShow(subject, wanted)
        assert.deepEqual(await conflicts(desk), [])
        await assert.rejects(desk.drives.settle(at('f'), 'mine'), { code: 'NOT_FOUND' })
      }
    })

    test('of three versions only those that were decided about go; an own one that gives way is kept as a file', async () => {
      await using subject = await open(3)
      const [desk, couch, phone] = [device(subject, 0), device(subject, 1), device(subject, 2)]
      await write(desk, 'f', 'desk', 3 * MINUTE)
      await write(couch, 'f', 'couch', 2 * MINUTE)
      await write(phone, 'f', 'phone', MINUTE)
      await meet(subject)
      const [byCouch, byPhone] = ['f (conflict couch 1970-01-01 00-02)', 'f (conflict phone 1970-01-01 00-01)']
      await allShow(subject, { f: 'desk', [byCouch]: 'couch', [byPhone]: 'phone' })
      await remove(desk, byCouch)
      await meet(subject)
      await allShow(subject, { f: 'desk', [byPhone]: 'phone' })
      assert.deepEqual(await conflicts(couch), [`f / ${byPhone}`])
      // The new version takes the place of phone's own one in phone's drive.
      await write(phone, 'f', 'phone edits the file', 9 * MINUTE)
      await meet(subject)
      await allShow(subject, { f: 'phone edits the file', [byPhone]: 'phone' })
      assert.deepEqual(await conflicts(couch), [])
      await remove(couch, 'f')
      await meet(subject)
      await allShow(subject, { [byPhone]: 'phone' })
    })

    test('a copy that was deleted leaves nothing behind that hides a later one of that name', async () => {
      await using subject = await open(2)
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      const copy = 'f (conflict couch 1970-01-01 00-01)'
      // A real file had the copy's name once, with more versions than the copy has.
      for (const words of ['1', '2', '3']) await write(desk, copy, words)
      await remove(desk, copy)
      await meet(subject)
      await write(desk, 'f', 'desk', 2 * MINUTE)
      await write(couch, 'f', 'couch', MINUTE)
      await meet(subject)
      await allShow(subject, { f: 'desk', [copy]: 'couch' })
      const told = await couch.drives.get(at(copy))
      await remove(desk, copy)
      await meet(subject)
      await allShow(subject, { f: 'desk' })
      const left = await couch.drives.get(at(copy))
      const counters = Object.keys(left?.vector ?? {})
      assert.ok(
        left === null || counters.every((counter) => !(counter in (told?.vector ?? {}))),
        'the deletion is no older version of the copy',
      )
      await write(couch, copy, 'a new file of that name')
      await meet(subject)
      await allShow(subject, { f: 'desk', [copy]: 'a new file of that name' })
    })

    test('a copy that was edited and then deleted is gone for all', async () => {
      await using subject = await open(2)
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      await write(desk, 'f', 'desk', 2 * MINUTE)
      await write(couch, 'f', 'couch', MINUTE)
      await meet(subject)
      const copy = 'f (conflict couch 1970-01-01 00-01)'
      const edit = await file(desk, copy, 'edited', 3 * MINUTE)
      await desk.drives.commit([edit])
      await meet(subject)
      await allShow(subject, { f: 'desk', [copy]: 'edited' })
      // The loop remembers the vector that it gave, in which the copy is still a copy.
      assert.ok(edit.op === 'put')
      await desk.drives.commit([
        { op: 'delete', path: at(copy), tombstone: { vector: bumpVector(edit.entry.vector, desk.writer), mtimeMs: 1 } },
      ])
      await meet(subject)
      await allShow(subject, { f: 'desk' })
    })

    test('a file that gave way to a folder is kept under its own name when it is touched', async () => {
      for (const how of ['edit', 'delete', 'settle'] as const) {
        await using subject = await open(2)
        const [desk, couch] = [device(subject, 0), device(subject, 1)]
        await write(desk, 'a', 'a file')
        await write(couch, 'a/b', 'in a folder')
        await meet(subject)
        const copy = 'a (conflict desk 1970-01-01 00-01)'
        await allShow(subject, { [copy]: 'a file', 'a/b': 'in a folder' })
        if (how === 'edit') await write(couch, copy, 'edited')
        else if (how === 'delete') await remove(couch, copy)
        else await couch.drives.settle(at('a'), 'mine')
        await meet(subject)
        const kept = how === 'edit' ? { [copy]: 'edited' } : how === 'settle' ? { 'a (desk 1970-01-01 00-01)': 'a file' } : {}
        await allShow(subject, { ...kept, 'a/b': 'in a folder' })
        await remove(desk, 'a/b')
        await meet(subject)
        await allShow(subject, kept)
      }
    })

    test('what changed is told once, by number of the change; an index made anew tells everything', async () => {
      await using subject = await open(2)
      const desk = device(subject, 0)
      await write(desk, 'one', '1')
      await write(desk, 'two', '2')
      await meet(subject)
      const from = device(subject, 1).drives.version()
      assert.deepEqual(await changed(device(subject, 1).drives, from), [])
      await write(desk, 'two', '2b', 2 * MINUTE)
      await meet(subject)
      assert.deepEqual(await changed(device(subject, 1).drives, from), ['two'])
      await subject.reopen(1)
      assert.deepEqual(await changed(device(subject, 1).drives, from), ['two'])
      await subject.reopen(1, { forget: true })
      assert.deepEqual(await changed(device(subject, 1).drives, from), ['one', 'two'])
      assert.deepEqual(await changed(device(subject, 1).drives, { [desk.writer]: 1 }), ['one', 'two'])
      await allShow(subject, { one: '1', two: '2b' })
    })

    test('the end of a frozen drive no longer counts, unless somebody took it over', async () => {
      await using subject = await open(3)
      const [desk, couch, phone] = [device(subject, 0), device(subject, 1), device(subject, 2)]
      await write(phone, 'early', 'early')
      await write(desk, 'shared', 'desk')
      await write(desk, 'old', 'old')
      await meet(subject)
      const length = subject.lengthOf(2)
      await write(phone, 'late', 'late')
      await write(phone, 'early', 'edited late', 2 * MINUTE)
      await write(phone, 'shared', 'edited by phone', 3 * MINUTE)
      await remove(phone, 'old')
      // Only couch saw the end, and edits one of the files besides.
      await write(couch, 'shared', 'edited by couch', 2 * MINUTE)
      await subject.bring(2, 1)
      assert.equal(await subject.adopt(1, 2, length), 4)
      for (const who of [0, 1]) await subject.freeze(2, length, who)
      await subject.bring(1, 0)
      await subject.bring(0, 1)
      const wanted = {
        early: 'edited late',
        late: 'late',
        shared: 'edited by couch',
        'shared (conflict phone 1970-01-01 00-03)': 'edited by phone',
      }
      for (const who of [desk, couch]) {
        assert.deepEqual(await tree(who), wanted, who.name)
        const late = await who.drives.get(at('late'))
        assert.equal(late?.writer, phone.writer)
      }
      assert.equal(await subject.adopt(1, 2, length), 0, 'taking over again changes nothing')
    })

    test('records that no honest device writes are left out on all devices, and disturb nothing else', async () => {
      await using subject = await open(2)
      if (subject.forge === null) return
      const [desk, couch] = [device(subject, 0), device(subject, 1)]
      await write(couch, 'good', 'before')
      await write(couch, 'spoilt', 'before')
      await subject.bring(1, 0)
      const good = await couch.drives.get(at('good'))
      assert.ok(good?.kind === 'file')
      const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${'y'.repeat(6)}${pad(i)}`, 1]))
      const forged: [string, EntryOrTombstone][] = [
        ['spoilt', { ...good, vector: many }],
        ['../outside', good],
        ['a/../../b', good],
        [`${'long/'.repeat(1000)}name`, good],
        ['.hyper-store/x', good],
        ['counter', { ...good, vector: { [couch.writer]: Number.MAX_SAFE_INTEGER } }],
        ['link', { kind: 'symlink', target: 't'.repeat(5000), mtimeMs: 1, vector: { [couch.writer]: 1 } }],
      ]
      for (const [path, entry] of forged) await subject.forge(1, path, entry)
      await write(couch, 'after', 'after')
      await subject.bring(1, 0)
      await subject.bring(0, 1)
      await allShow(subject, { after: 'after', good: 'before' })
      // A device that hears of it all at once comes to the same.
      await subject.reopen(0, { forget: true })
      await allShow(subject, { after: 'after', good: 'before' })
      await write(device(subject, 0), 'spoilt', 'written anew')
      await meet(subject)
      await allShow(subject, { after: 'after', good: 'before', spoilt: 'written anew' })
      assert.equal(desk.name, 'desk')
    })
  })
}

function pad(n: number): string {
  const letters = 'ybndrfg8ej'
  return String(n)
    .padStart(4, '0')
    .replace(/\d/g, (digit) => letters[Number(digit)] ?? '')
}
