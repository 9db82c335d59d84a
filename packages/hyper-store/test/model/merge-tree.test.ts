/** Model of the merged tree: whatever drives tell, in whatever order and batches, it equals the merge from scratch. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import type { DriveId, EntryOrTombstone, FolderPath, VersionVector } from '../../src/core/entries.ts'
import { conflictName } from '../../src/core/kept-names.ts'
import { mergeFolder, type DriveVersion, type MergedEntry } from '../../src/core/merge.ts'
import { MergedTree, type TreeDrive } from '../../src/core/merged-tree.ts'
import { compareKeys } from '../../src/core/paths-order.ts'
import { createMemoryPathIndex } from '../fixtures/memory-paths.ts'
import '../fixtures/property-seed.ts'

const A = 'aaaaaaaaaa' as DriveId
const B = 'bbbbbbbbbb' as DriveId
const C = 'cccccccccc' as DriveId
/** A later drive of A's device. */
const A2 = 'a2a2a2a2a2' as DriveId
const DRIVES: readonly TreeDrive[] = [
  { drive: A, writer: A, device: 'desk' },
  { drive: A2, writer: A, device: 'desk' },
  { drive: B, writer: B, device: 'couch' },
  { drive: C, writer: C, device: 'couch' },
]
const LONG = 'n'.repeat(250)
const at = (text: string) => text as FolderPath
const NAMES = ['x', 'x/y', 'x/y/z', 'd/é.txt', 'd/e\u0301.txt', 'D', 'd', `${LONG}1`, `${LONG}2`, `${LONG}3/q`].map(at)
// Names that copies want, as real files, folders and as paths with copies of their own.
const TAKEN = ['desk', 'couch'].flatMap((device) =>
  ['x', 'd/é.txt', `${LONG}1`].flatMap((name) => [1, 2].map((attempt) => conflictName(at(name), device, 0, attempt))),
)
const PATHS = [...NAMES, ...TAKEN, ...TAKEN.slice(0, 2).map((name) => at(`${name}/in`))]

type Deed =
  | { readonly tell: readonly { drive: DriveId; path: FolderPath; entry: EntryOrTombstone | null }[]; readonly twice: boolean }
  | { readonly rename: string }
  | { readonly reopen: true }

const vectorArb: fc.Arbitrary<VersionVector> = fc.dictionary(fc.constantFrom(A, B, C), fc.integer({ min: 1, max: 3 }), {
  minKeys: 1,
  noNullPrototype: true,
})
const entryArb: fc.Arbitrary<EntryOrTombstone | null> = fc
  .tuple(
    fc.constantFrom('file', 'file', 'file', 'symlink', 'folder', 'tombstone', 'nothing'),
    fc.constantFrom('x', 'y'),
    vectorArb,
    fc.nat({ max: 1 }),
    fc.constantFrom(undefined, undefined, B),
  )
  .map(([kind, text, vector, mtimeMs, writer]): EntryOrTombstone | null => {
    const base = { mtimeMs, vector, ...(writer === undefined ? {} : { writer }) }
    if (kind === 'nothing') return null
    if (kind === 'file') return { kind, size: 1, hash: text, executable: false, content: null, ...base }
    if (kind === 'symlink') return { kind, target: text, ...base }
    return kind === 'folder' ? { kind, ...base } : { kind: 'tombstone', ...base }
  })
const recordArb = fc.record({ drive: fc.constantFrom(A, A2, B, C), path: fc.constantFrom(...PATHS), entry: entryArb })
const deedArb: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ tell: fc.array(recordArb, { minLength: 1, maxLength: 12 }), twice: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ rename: fc.constantFrom('desk', 'couch', 'phone') }) },
  { weight: 1, arbitrary: fc.constant({ reopen: true } as const) },
)

/** What all drives tell, as a plain map. */
class Scratch {
  readonly told = new Map<DriveId, Map<FolderPath, EntryOrTombstone>>(DRIVES.map(({ drive }) => [drive, new Map()]))
  drives = DRIVES

  merged(): Map<FolderPath, MergedEntry> {
    const versions = new Map<FolderPath, DriveVersion[]>()
    for (const { drive, writer } of this.drives) {
      for (const [path, entry] of this.told.get(drive) ?? []) versions.set(path, [...(versions.get(path) ?? []), { drive, writer, entry }])
    }
    return mergeFolder(versions, new Map(this.drives.map(({ writer, device }) => [writer, device])))
  }
}

async function all(tree: MergedTree): Promise<Map<FolderPath, MergedEntry>> {
  const shown = new Map<FolderPath, MergedEntry>()
  let last = ''
  for await (const [path, entry] of tree.entries()) {
    assert.ok(compareKeys(last, path) < 0, 'paths come in order, each once')
    last = path
    if (entry !== null) shown.set(path, entry)
  }
  return shown
}

function sorted(merged: ReadonlyMap<FolderPath, MergedEntry>): [FolderPath, MergedEntry][] {
  return [...merged].sort(([a], [b]) => compareKeys(a, b))
}

async function check(tree: MergedTree, scratch: Scratch): Promise<void> {
  const wanted = scratch.merged()
  assert.deepEqual(sorted(await all(tree)), sorted(wanted))
  for (const path of PATHS) assert.deepEqual(await tree.get(path), wanted.get(path) ?? null, path)
  const files = [...wanted.values()].filter(({ entry }) => entry.kind === 'file' || entry.kind === 'symlink')
  const bytes = files.reduce((sum, { entry }) => sum + (entry.kind === 'file' ? entry.size : 0), 0)
  const copies = [...wanted].filter(([, { conflictOf }]) => conflictOf !== null)
  assert.deepEqual(tree.totals, { files: files.length, bytes, conflicts: copies.length })
  const listed: string[] = []
  for await (const conflict of tree.conflicts()) listed.push(`${conflict.path} ${conflict.copy}`)
  assert.deepEqual(listed.sort(), copies.map(([path, { conflictOf }]) => `${conflictOf} ${path}`).sort())
}

function differing(before: ReadonlyMap<FolderPath, MergedEntry>, now: ReadonlyMap<FolderPath, MergedEntry>): FolderPath[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter((path) => !isDeepStrictEqual(before.get(path), now.get(path)))
}

test('after any news in any batches the tree equals the merge from scratch, and tells every path that changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deedArb, { minLength: 1, maxLength: 12, size: 'max' }), async (deeds) => {
      const index = createMemoryPathIndex()
      const scratch = new Scratch()
      let tree = await MergedTree.open(index, 1)
      await tree.setDrives(DRIVES)
      let length = 0
      for (const deed of deeds) {
        const before = scratch.merged()
        const from = tree.change
        if ('reopen' in deed) tree = await MergedTree.open(index, 2)
        else if ('rename' in deed) {
          scratch.drives = scratch.drives.map((each) => (each.writer === A ? { ...each, device: deed.rename } : each))
          await tree.setDrives(scratch.drives)
        } else {
          for (const { drive } of DRIVES) {
            const records: (readonly [FolderPath, EntryOrTombstone | null])[] = deed.tell
              .filter((record) => record.drive === drive)
              .map(({ path, entry }) => [path, entry] as const)
            for (const [path, entry] of records) {
              if (entry === null) scratch.told.get(drive)?.delete(path)
              else scratch.told.get(drive)?.set(path, entry)
            }
            await tree.apply({ drive, length: ++length, records })
            if (deed.twice) assert.deepEqual(await tree.apply({ drive, length, records }), [], 'told twice, nothing changes')
          }
        }
        await check(tree, scratch)
        const changed = await tree.changedSince(from)
        assert.ok(changed !== null)
        for (const path of differing(before, scratch.merged())) assert.ok(changed.has(path), `${path} changed and was not told`)
      }
      assert.equal(tree.life, 1)
    }),
    { numRuns: Number(process.env['MERGE_RUNS'] ?? 400) },
  )
})

test('the order in which drives are heard does not matter, nor how their news are cut', async () => {
  const logArb = fc.array(fc.record({ path: fc.constantFrom(...PATHS), entry: entryArb }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(logArb, logArb, logArb),
      fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 5 })), { maxLength: 20 }),
      async (logs, order) => {
        const drives = [A, B, C]
        const whole = await MergedTree.open(createMemoryPathIndex(), 1)
        await whole.setDrives(DRIVES)
        for (const [i, log] of logs.entries()) {
          await whole.apply({ drive: drives[i] ?? A, length: log.length, records: log.map(({ path, entry }) => [path, entry] as const) })
        }
        const pieces = await MergedTree.open(createMemoryPathIndex(), 2)
        await pieces.setDrives(DRIVES)
        const heard = [0, 0, 0]
        for (const [which, many] of [...order, ...[0, 1, 2].map((i): [number, number] => [i, 99])]) {
          const from: number = heard[which] ?? 0
          const part: readonly { path: FolderPath; entry: EntryOrTombstone | null }[] = (logs[which] ?? []).slice(from, from + many)
          heard[which] = from + part.length
          await pieces.apply({
            drive: drives[which] ?? A,
            length: from + part.length,
            records: part.map(({ path, entry }) => [path, entry] as const),
          })
        }
        assert.deepEqual(await all(pieces), await all(whole))
        assert.deepEqual(pieces.totals, whole.totals)
      },
    ),
    { numRuns: Number(process.env['MERGE_RUNS'] ?? 300) },
  )
})
