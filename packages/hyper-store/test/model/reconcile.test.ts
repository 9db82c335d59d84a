/** Model of one writer and one reader under random histories: reconcile always converges and never loses what a user saved. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { remoteChangeOf } from '../../src/core/decide.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import '../fixtures/property-seed.ts'
import { passArb, runPass, settle, User, userArb, type PassAct, type UserAct } from './reconcile-user.ts'
import { ModelDevice, type ModelDisk } from './reconcile-world.ts'

const WRITER = 'writer1111' as DriveId
const READER = 'reader1111' as DriveId
type Act = { who: 'writer' | 'reader'; what: UserAct | PassAct }
const who = fc.constantFrom('writer' as const, 'reader' as const)
const historyArb: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ who: fc.constant('writer' as const), what: userArb }) },
    { weight: 1, arbitrary: fc.record({ who: fc.constant('reader' as const), what: userArb }) },
    { weight: 2, arbitrary: fc.record({ who, what: passArb }) },
  ),
  { maxLength: 25, size: 'max' },
)

interface World {
  readonly writer: ModelDevice
  readonly reader: ModelDevice
  readonly writerUser: User
  readonly readerUser: User
  /** Moves the writer's drive to the reader, as of now. */
  readonly replicate: () => void
}

function createWorld(): World {
  const history = new Set<string>()
  let remote: ReadonlyMap<FolderPath, EntryOrTombstone> = new Map()
  const writer: ModelDevice = new ModelDevice({
    name: 'laptop',
    drive: WRITER,
    mode: 'send-receive',
    history,
    remote: () => writer.own,
  })
  const reader = new ModelDevice({ name: 'tablet', drive: READER, mode: 'receive-only', history, remote: () => remote })
  return {
    writer,
    reader,
    writerUser: new User('w', writer.disk),
    readerUser: new User('r', reader.disk),
    replicate: () => {
      remote = new Map(writer.own)
    },
  }
}

function playHistory(history: readonly Act[]): World {
  const world = createWorld()
  for (const { who, what } of history) {
    const device = world[who]
    const user = who === 'writer' ? world.writerUser : world.readerUser
    if (what.act !== 'pass') user.perform(what)
    else {
      if (who === 'reader') world.replicate()
      const before = who === 'writer' && what.meanwhile.length === 0 ? snapshot(device.disk) : null
      runPass(device, user, what)
      if (before !== null) assertNothingLostAtWriter(before, device.disk)
    }
  }
  const before = snapshot(world.writer.disk)
  const recorded = new Set(world.writer.synced.keys())
  settle(world.writer)
  assertNothingLostAtWriter(before, world.writer.disk)
  for (const [path, node] of world.writer.disk.nodes) {
    // Only what was published and never recorded may come back, when it is gone from the disk: nothing says that it was deleted.
    if (node.kind !== 'folder') assert(before.has(path) || !recorded.has(path), `${path} came back to the writer`)
  }
  world.replicate()
  settle(world.reader)
  return world
}

function snapshot(disk: ModelDisk): Map<FolderPath, string> {
  return new Map([...disk.nodes].filter(([, node]) => node.kind !== 'folder').map(([path, node]) => [path, node.text]))
}

/** In a folder with one writer the program leaves every file of the writer where it is, whatever happens. */
function assertNothingLostAtWriter(before: ReadonlyMap<FolderPath, string>, disk: ModelDisk): void {
  for (const [path, text] of before) assert.equal(disk.nodes.get(path)?.text, text, `${path} of the writer was touched`)
}

function assertWriterAgrees({ writer }: World): void {
  for (const [path, entry] of writer.own) {
    const node = writer.disk.nodes.get(path)
    if (entry.kind === 'tombstone') assert(node === undefined || (node.kind === 'folder' && !writer.disk.isEmpty(path)), path)
    else assertShows(node, entry, path)
  }
  for (const [path, node] of writer.disk.nodes) {
    if (node.kind === 'folder' && !writer.disk.isEmpty(path)) continue
    assertShows(node, writer.own.get(path), path)
  }
}

function assertShows(node: ReturnType<ModelDisk['nodes']['get']>, entry: EntryOrTombstone | undefined, path: string): void {
  assert(node !== undefined, `${path} is missing on disk`)
  assert(entry !== undefined, `${path} is missing in the drive`)
  assert.equal(entry.kind, node.kind, path)
  if (entry.kind === 'symlink') assert.equal(entry.target, node.text)
  if (entry.kind === 'file') {
    assert.equal(entry.hash, `b${node.text}`, path)
    assert.equal(entry.executable, node.executable, path)
    assert.equal(entry.mtimeMs, node.mtimeMs, path)
  }
}

function assertReaderAgrees({ reader, writer, readerUser }: World): void {
  for (const [path, entry] of writer.own) {
    const node = reader.disk.nodes.get(path)
    if (entry.kind === 'tombstone') continue
    const synced = reader.synced.get(path)
    assert(synced !== undefined, `${path} is not on record`)
    // The reader's user changed or deleted it since: that stays until the path changes remotely.
    const change = remoteChangeOf(entry, synced)
    if ((change === 'same' || change === 'touched') && isLocalChange(reader, path) && readerUser.touched.has(path)) continue
    assertShows(node, entry, path)
  }
  for (const [path, node] of reader.disk.nodes) {
    if (node.kind === 'folder' || writer.own.get(path)?.kind === node.kind) continue
    // What the drives don't have is the user's own, or was written under a name that its user gave it.
    assert(readerUser.saved.has(node.text) || isLocalChange(reader, path) || !reader.synced.has(path), `${path} should be gone`)
  }
  for (const [path] of reader.synced) assert(writer.own.get(path)?.kind !== 'tombstone', `${path} is on record, and deleted`)
}

function isLocalChange(device: ModelDevice, path: FolderPath): boolean {
  const synced = device.synced.get(path)
  const node = device.disk.look(path)
  return synced !== undefined && JSON.stringify(node) !== JSON.stringify(synced.local)
}

const runs = { numRuns: Number(process.env['MODEL_RUNS'] ?? 4000), includeErrorInReport: true }

test('one writer: whatever happens, drive and disk agree in the end and no file of the writer is touched', () => {
  fc.assert(
    fc.property(historyArb, (history) => {
      const world = playHistory(history)
      assertWriterAgrees(world)
      for (const text of world.writerUser.saved) assert(world.writer.disk.texts().has(text), `${text} is lost`)
    }),
    runs,
  )
})

test('a reader ends with what the writer has, and keeps every byte that its own user saved', () => {
  fc.assert(
    fc.property(historyArb, (history) => {
      const world = playHistory(history)
      assertReaderAgrees(world)
      const kept = world.reader.disk.texts()
      for (const text of world.readerUser.saved) {
        assert(kept.has(text) || world.reader.options.history.has(text), `${text} of the reader is lost`)
      }
    }),
    runs,
  )
})
