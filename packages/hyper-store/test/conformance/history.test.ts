/** History of a folder that several devices write: one timeline, and the folder as of any version the same as a merge from scratch. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { DriveId, Entry, FolderPath, VersionVector } from '../../src/core/entries.ts'
import { mergeFolder, type DriveVersion } from '../../src/core/merge.ts'
import { comparePaths } from '../../src/core/paths.ts'
import type { FolderVersion } from '../../src/core/ports.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { historyOf } from '../../src/hyper/folder-history.ts'
import { MergedDrives } from '../../src/hyper/folder-drives.ts'
import type { PastFolder } from '../../src/hyper/past-folder.ts'
import { openState, type State } from '../../src/state/state.ts'

const at = (text: string) => text as FolderPath
const NAMES = ['ana', 'ben', 'cat']

interface Device {
  readonly drives: MergedDrives
  readonly own: DeviceDrive
  /** Its clock. */
  ms: number
}
interface Folder extends AsyncDisposable {
  readonly devices: readonly Device[]
  /** The same folder on a device that only reads, its drives in this order. */
  reader(order: readonly number[]): MergedDrives
  settled(): Promise<void>
}

/** A folder of some devices on one corestore: what one writes is with the others at once. */
async function sharedFolder(count: number, encryptionKey: Uint8Array | null = null): Promise<Folder> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-history-'))
  const state: State = await openState(path.join(dir, 'state'))
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  const own: DeviceDrive[] = []
  for (const name of NAMES.slice(0, count)) {
    const drive = await storage.openOwn(name, encryptionKey)
    await drive.start(0)
    own.push(drive)
  }
  const members = own.map((drive, i) => ({ drive, writer: drive.writer, device: NAMES[i] ?? '', frozenAt: null }))
  let tables = 0
  const index = () => state.paths(`test${String((tables += 1))}`)
  const devices = own.map((drive): Device => {
    const device: Device = {
      own: drive,
      ms: 1_000_000,
      drives: new MergedDrives({
        members,
        own: drive,
        writer: drive.writer,
        chunks: state.chunks(drive.id),
        index: index(),
        now: () => device.ms,
      }),
    }
    return device
  })
  return {
    devices,
    reader: (order) =>
      new MergedDrives({ members: order.flatMap((i) => members[i] ?? []), own: null, writer: null, chunks: null, index: index() }),
    async settled() {
      for (const { drives } of devices) await drives.settled()
    },
    async [Symbol.asyncDispose]() {
      for (const { drives } of devices) await drives.settled().catch(() => undefined)
      for (const drive of own) await drive.close()
      await storage.close()
      await state.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Writes a file as the loop does; an empty text deletes it. With `vector` as if nothing else had been seen. */
async function save(folder: Folder, who: number, what: { name: string; text: string; vector?: VersionVector | undefined }): Promise<void> {
  const { name, text, vector } = what
  const device = folder.devices[who]
  assert.ok(device !== undefined)
  await folder.settled()
  device.ms += 1000
  const { drives, own } = device
  const before = await drives.get(at(name))
  const seen = before?.vector ?? {}
  const next = vector ?? { ...seen, [own.writer]: (seen[own.writer] ?? 0) + 1 }
  if (text === '') {
    await drives.commit([{ op: 'delete', path: at(name), tombstone: { vector: next, mtimeMs: device.ms } }])
  } else {
    const [stored] = await drives.storeSmall([Buffer.from(text)])
    assert.ok(stored !== undefined)
    await drives.commit([
      { op: 'put', path: at(name), entry: { kind: 'file', ...stored, mtimeMs: device.ms, executable: false, vector: next } },
    ])
  }
  await folder.settled()
}

/** The whole tree of a past folder: text of files by path. */
async function treeOf(past: PastFolder): Promise<Record<string, string>> {
  const tree: Record<string, string> = {}
  for await (const { path: name, entry } of past.entries()) tree[name] = hashOf(entry)
  return tree
}
const hashOf = (entry: Entry) => (entry.kind === 'file' ? entry.hash : entry.kind)

/** The same by a merge from scratch of what each drive tells at its length. */
async function mergedFromScratch(folder: Folder, state: FolderVersion): Promise<Record<string, string>> {
  const versions = new Map<FolderPath, DriveVersion[]>()
  const names = new Map<DriveId, string>()
  for (const [i, { own }] of folder.devices.entries()) {
    names.set(own.writer, NAMES[i] ?? '')
    const view = own.viewOf(Math.max(1, state[own.id] ?? 0))
    for await (const { path: name, entry } of view.records()) {
      if (entry !== null) versions.set(name, [...(versions.get(name) ?? []), { drive: own.id, writer: own.writer, entry }])
    }
    await view.close()
  }
  const tree: Record<string, string> = {}
  for (const [name, { entry }] of mergeFolder(versions, names)) if (entry.kind !== 'tombstone') tree[name] = hashOf(entry)
  return tree
}

/** What look-ups and listings of folders show: must be the tree. */
async function walked(past: PastFolder, folder = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {}
  for await (const { name, entry } of past.children(folder)) {
    const full = folder === '' ? name : `${folder}/${name}`
    if (entry !== null) {
      tree[full] = hashOf(entry)
      const found = await past.get(at(full))
      assert.equal(found === null ? null : hashOf(found.entry), hashOf(entry), full)
    } else {
      assert.equal(await past.get(at(full)), null)
      assert.equal(await past.hasFolder(full), true)
      Object.assign(tree, await walked(past, full))
    }
  }
  return tree
}

const sorted = (tree: Record<string, string>) =>
  Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((name) => [name, tree[name]]),
  )

/** Random edits by all devices, also such that nobody has seen: conflicts, swaps of file and folder, deletions. */
async function scramble(folder: Folder, steps: number, seed: number): Promise<void> {
  let state = seed
  const next = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  const names = ['a', 'b', 'd', 'd/x', 'd/y', 'd/e/z', 'a/inner']
  for (let i = 0; i < steps; i++) {
    const who = next(folder.devices.length)
    const device = folder.devices[who]
    assert.ok(device !== undefined)
    // Some clocks go wrong.
    device.ms += next(5) === 0 ? next(1_000_000) : 0
    const name = names[next(names.length)] ?? 'a'
    const unseen = next(3) === 0 ? { [device.own.writer]: i + 1 } : undefined
    await save(folder, who, { name, text: next(4) === 0 ? '' : `text ${i}`, vector: unseen })
  }
}

for (const secret of [null, randomBytes(32)]) {
  describe(`history of a folder of three writers, ${secret === null ? 'open' : 'encrypted'}`, () => {
    test('the folder as of every version is the merge of what the drives told then, by tree, by look-up and by listing', async () => {
      await using folder = await sharedFolder(3, secret)
      await scramble(folder, secret === null ? 60 : 25, 7)
      const history = historyOf(folder.devices[0]?.drives ?? folder.reader([0]))
      const line = await history.timeline()
      assert.equal(line.total, folder.devices[0]?.drives.total())
      let conflicts = 0
      for (const [index, step] of line.steps.entries()) {
        const state = line.stateAfter(index)
        assert.deepEqual(await history.stateOf(step.version), state)
        await using past = await history.open(state)
        const expected = sorted(await mergedFromScratch(folder, state))
        conflicts += Object.keys(expected).filter((name) => name.includes('(conflict')).length
        assert.deepEqual(sorted(await treeOf(past)), expected, `version ${step.version}`)
        assert.deepEqual(sorted(await walked(past)), expected, `version ${step.version}`)
      }
      assert.ok(conflicts > 0, 'no conflict was ever open')
      // The newest is what the devices show now.
      const shown: Record<string, string> = {}
      for await (const { path: name, entry } of folder.devices[1]?.drives.entries() ?? []) {
        if (entry !== null && entry.kind !== 'tombstone') shown[name] = hashOf(entry)
      }
      await using newest = await history.open(history.newest())
      assert.deepEqual(sorted(await treeOf(newest)), sorted(shown))
    })

    test('all devices have the same versions, whatever the order in which they know the drives', async () => {
      await using folder = await sharedFolder(3, secret)
      await scramble(folder, 20, 11)
      const lines = [...folder.devices.map(({ drives }) => drives), folder.reader([2, 0, 1]), folder.reader([1, 2, 0])]
      const steps = await Promise.all(lines.map(async (drives) => (await historyOf(drives).timeline()).steps))
      for (const other of steps) assert.deepEqual(other, steps[0])
    })
  })
}

test('the differences between any two versions are those of their whole trees', async () => {
  await using folder = await sharedFolder(3)
  await scramble(folder, 40, 23)
  const history = historyOf(folder.reader([0, 1, 2]))
  const line = await history.timeline()
  for (let i = 0; i < line.steps.length; i += 5) {
    for (let j = 2; j < line.steps.length; j += 7) {
      const [from, to] = [line.stateAfter(i), line.stateAfter(j)]
      const [before, after] = [await mergedFromScratch(folder, from), await mergedFromScratch(folder, to)]
      const pairs = await history.pairs(from, to, '')
      for (const pair of pairs) {
        assert.equal(pair.before === null ? undefined : hashOf(pair.before), before[pair.path])
        assert.equal(pair.after === null ? undefined : hashOf(pair.after), after[pair.path])
      }
      const told = new Set<string>(pairs.map((pair) => pair.path))
      for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
        if (before[name] !== after[name]) assert.ok(told.has(name), `${name} differs between steps ${i} and ${j}`)
    }
  }
})

test('each version tells its device, time and changes; of one file only those that touched it', async () => {
  await using folder = await sharedFolder(2)
  const [, ben] = folder.devices
  assert.ok(ben !== undefined)
  // Versions of one millisecond have no order in time.
  ben.ms += 500
  await save(folder, 0, { name: 'notes', text: 'one' })
  await save(folder, 1, { name: 'notes', text: 'two, by ben' })
  await save(folder, 0, { name: 'other', text: 'x' })
  await save(folder, 1, { name: 'notes', text: '' })
  const history = historyOf(folder.reader([1, 0]))
  const line = await history.timeline()
  const told: unknown[] = []
  for await (const index of history.touching(line, line.steps.length - 1, at('notes'))) {
    const step = line.steps[index]
    assert.ok(step !== undefined)
    const { changes, count } = await history.changesOf(line, index, { limit: 10, path: 'notes' })
    assert.equal(count, 1)
    told.push([history.deviceOf(step), step.at, changes[0]?.op])
  }
  assert.deepEqual(told, [
    ['ben', 1_002_500, 'delete'],
    ['ben', 1_001_500, 'change'],
    ['ana', 1_001_000, 'add'],
  ])
})

test('a version of thousands of changes tells as many as were asked for, and their true number', async () => {
  await using folder = await sharedFolder(1)
  const [device] = folder.devices
  assert.ok(device !== undefined)
  const [stored] = await device.drives.storeSmall([Buffer.from('x')])
  assert.ok(stored !== undefined)
  const names = Array.from({ length: 3000 }, (_, i) => at(`f/${i}`))
  const entry = { kind: 'file', ...stored, mtimeMs: 1, executable: false, vector: { [device.own.writer]: 1 } } as const
  await device.drives.commit(names.map((name) => ({ op: 'put', path: name, entry })))
  const history = historyOf(device.drives)
  const line = await history.timeline()
  const { changes, count } = await history.changesOf(line, line.steps.length - 1, { limit: 100, path: '' })
  assert.deepEqual([changes.length, count], [100, 3000])
})

test('a number in the middle of a step is the version below it, never half a step', async () => {
  await using folder = await sharedFolder(1)
  await save(folder, 0, { name: 'a', text: 'one' })
  await save(folder, 0, { name: 'b', text: 'two' })
  const drives = folder.devices[0]?.drives
  assert.ok(drives !== undefined)
  const history = historyOf(drives)
  const line = await history.timeline()
  for (let version = 1; version <= line.total; version++) {
    const state = await history.stateOf(version)
    assert.ok(state !== null)
    await using past = await history.open(state)
    await using expected = await history.open(line.stateAfter(line.indexOf(version)))
    assert.deepEqual(await treeOf(past), await treeOf(expected), `version ${version}`)
  }
  assert.equal(await history.stateOf(0), null)
  assert.equal(await history.stateOf(line.total + 1), null)
})

test('what a removed member wrote after it was removed is in no version', async () => {
  await using folder = await sharedFolder(2)
  await save(folder, 0, { name: 'a', text: 'one' })
  await save(folder, 1, { name: 'b', text: 'before' })
  const [ana, ben] = folder.devices
  assert.ok(ana !== undefined && ben !== undefined)
  const frozenAt = ben.own.db.length
  await save(folder, 1, { name: 'b', text: 'after' })
  const members = folder.devices.map(({ own }, i) => ({
    drive: own,
    writer: own.writer,
    device: NAMES[i] ?? '',
    frozenAt: i === 1 ? frozenAt : null,
  }))
  await ana.drives.setMembers(members, null)
  const history = historyOf(ana.drives)
  const line = await history.timeline()
  assert.equal(line.total, ana.own.db.length + frozenAt)
  await using past = await history.open(history.newest())
  const entry = (await past.get(at('b')))?.entry
  assert.equal(entry?.kind === 'file' ? entry.size : null, 'before'.length)
})

test('the first names of a folder, read without the rest, are those of the whole list, whatever stands beside them', async () => {
  await using folder = await sharedFolder(1)
  const [device] = folder.devices
  assert.ok(device !== undefined)
  const [stored] = await device.drives.storeSmall([Buffer.from('x')])
  assert.ok(stored !== undefined)
  const vector = { [device.own.writer]: 1 }
  const file = { kind: 'file', ...stored, mtimeMs: 1, executable: false, vector } as const
  // Names around the slash in the order of signs, folders that share a beginning with files, empty ones, and one of another alphabet.
  const files = [
    'a',
    'a b',
    'a!',
    'a-b',
    'a.txt',
    'a b/x',
    'ab/c/d',
    'a.txt.d/x',
    'abc',
    'b',
    'b-/y',
    'b.',
    'c/d',
    'c d',
    'c-d',
    'c.d',
    'd',
    'é',
    'z/z/z',
  ]
  const changes = files.filter((name) => name !== 'a b').map((name) => ({ op: 'put', path: at(name), entry: file }) as const)
  const empty = ['b0', 'aa', 'c', 'y'].map(
    (name) => ({ op: 'put', path: at(name), entry: { kind: 'folder', mtimeMs: 1, vector } }) as const,
  )
  await device.drives.commit([...changes, ...empty.filter(({ path }) => path !== 'c')])
  const history = historyOf(device.drives)
  await using past = await history.open(history.newest())
  const all: string[] = []
  for await (const { name } of past.children('')) all.push(name)
  all.sort((a, b) => comparePaths(at(a), at(b)))
  assert.ok(all.length > 15)
  for (let limit = 1; limit <= all.length + 1; limit++)
    assert.deepEqual(
      (await past.firstChildren('', limit))?.map(({ name }) => name),
      all.slice(0, limit),
      `the first ${limit}`,
    )
  await device.drives.commit([{ op: 'put', path: at('\u{1F600}'), entry: file }])
  await using later = await history.open(history.newest())
  assert.equal(await later.firstChildren('', 100), null, 'where trees and paths differ in order, all is read')
})
