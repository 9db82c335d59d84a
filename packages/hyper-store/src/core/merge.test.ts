/** Properties of the merge: independent of order, deterministic, and nothing that nobody has seen is dropped. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sameContent } from './content.ts'
import type { DriveId, EntryOrTombstone, FileEntry, FolderPath, VersionVector } from './entries.ts'
import { deriveConflicts, mergeFolder, mergePath, type DriveVersion } from './merge.ts'
import { compareVectors } from './vectors.ts'

const A = 'aaaaaaaaaa' as DriveId
const B = 'bbbbbbbbbb' as DriveId
const C = 'cccccccccc' as DriveId
const path = (text: string) => text as FolderPath

function file(hash: string, vector: VersionVector, mtimeMs = 0): FileEntry {
  return { kind: 'file', size: hash.length, hash, executable: false, content: null, mtimeMs, vector }
}
function tombstone(vector: VersionVector, mtimeMs = 0): EntryOrTombstone {
  return { kind: 'tombstone', mtimeMs, vector }
}

const driveArb = fc.constantFrom(A, B, C)
const vectorArb: fc.Arbitrary<VersionVector> = fc.dictionary(driveArb, fc.integer({ min: 1, max: 3 }), {
  minKeys: 1,
  noNullPrototype: true,
})
const entryArb: fc.Arbitrary<EntryOrTombstone> = fc
  .tuple(fc.constantFrom('file', 'file', 'symlink', 'folder', 'tombstone'), fc.constantFrom('x', 'y', 'z'), vectorArb, fc.nat({ max: 3 }))
  .map(([kind, text, vector, mtimeMs]): EntryOrTombstone => {
    if (kind === 'file') return file(text, vector, mtimeMs)
    if (kind === 'symlink') return { kind, target: text, mtimeMs, vector }
    return kind === 'folder' ? { kind, mtimeMs, vector } : { kind: 'tombstone', mtimeMs, vector }
  })
// Each drive tells one version of a path.
const versionsArb: fc.Arbitrary<DriveVersion[]> = fc.uniqueArray(fc.record({ drive: driveArb, entry: entryArb }), {
  selector: (version) => version.drive,
  maxLength: 3,
})

test('mergePath() is independent of the order of versions', () => {
  fc.assert(
    fc.property(
      versionsArb.chain((versions) => fc.tuple(fc.constant(versions), fc.shuffledSubarray(versions, { minLength: versions.length }))),
      ([versions, shuffled]) => {
        assert.deepEqual(mergePath(shuffled), mergePath(versions))
      },
    ),
  )
})

test('mergePath() stays the same when the outcome is merged in again', () => {
  fc.assert(
    fc.property(versionsArb, (versions) => {
      const once = mergePath(versions)
      const { winner, drive } = once
      if (winner === null || drive === null) return
      const again = mergePath([...versions, { drive, entry: winner }])
      assert(again.winner !== null && sameContent(again.winner, winner))
      assert.deepEqual(again.winner.vector, winner.vector)
      assert.deepEqual(again.losers, once.losers)
    }),
  )
})

test('mergePath() loses nothing: every content is shown, or a shown or deleting version has seen it', () => {
  fc.assert(
    fc.property(versionsArb, (versions) => {
      const { winner, losers } = mergePath(versions)
      for (const { entry } of versions) {
        if (entry.kind !== 'file' && entry.kind !== 'symlink') continue
        const shown = [winner, ...losers.map((loser) => loser.entry)].some((other) => other !== null && sameContent(other, entry))
        const seen = versions.some((other) => compareVectors(entry.vector, other.entry.vector) === 'before')
        assert(shown || seen, JSON.stringify(entry))
      }
    }),
  )
})

test('an edit on top of the winner never ends a conflict that it has not seen', () => {
  fc.assert(
    fc.property(versionsArb, (versions) => {
      const { winner, losers } = mergePath(versions)
      for (const loser of losers) assert.notEqual(compareVectors(winner?.vector ?? {}, loser.entry.vector), 'after')
    }),
  )
})

test('an edit beats a deletion that has not seen it, and not one that has', () => {
  const edit = { drive: A, entry: file('x', { [A]: 2 }, 1) }
  assert.deepEqual(mergePath([edit, { drive: B, entry: tombstone({ [A]: 1, [B]: 1 }, 9) }]).winner, edit.entry)
  assert.equal(mergePath([edit, { drive: B, entry: tombstone({ [A]: 2, [B]: 1 }, 0) }]).winner?.kind, 'tombstone')
})

test('of two edits the newer wins, then the greater drive, and the other is shown', () => {
  const older = { drive: B, entry: file('x', { [B]: 1 }, 1) }
  const newer = { drive: A, entry: file('y', { [A]: 1 }, 2) }
  assert.deepEqual(mergePath([older, newer]), { winner: newer.entry, drive: A, writer: A, losers: [older] })
  const twin = { drive: B, entry: file('z', { [B]: 1 }, 2) }
  assert.equal(mergePath([newer, twin]).drive, B)
})

test('the same content on two drives is no conflict, and is as new as both', () => {
  const merged = mergePath([
    { drive: A, entry: file('x', { [A]: 1 }, 1) },
    { drive: B, entry: file('x', { [B]: 1 }, 2) },
  ])
  assert.deepEqual(merged, { winner: file('x', { [A]: 1, [B]: 1 }, 2), drive: B, writer: B, losers: [] })
})

test('files without a hash are never taken for equal by their size', () => {
  const place = { byteOffset: 0, blockOffset: 0, blockLength: 1, byteLength: 1, blockMap: false }
  const of = (drive: DriveId): DriveVersion => ({
    drive,
    entry: { ...file('', { [drive]: 1 }), size: 1, content: { drive, ...place } },
  })
  assert.equal(mergePath([of(A), of(B)]).losers.length, 1)
})

test('deriveConflicts() takes the next number where a real entry has the name', () => {
  const losers = [
    { drive: A, entry: file('x', { [A]: 1 }, 60_000) },
    { drive: B, entry: file('y', { [B]: 1 }, 60_000) },
  ]
  const names = new Map([
    [A, 'pi'],
    [B, 'pi'],
  ])
  const taken = 'd/n (conflict pi 1970-01-01 00-01).txt'
  const copies = deriveConflicts(path('d/n.txt'), losers, names, (name) => name === taken)
  assert.deepEqual(
    copies.map((copy) => [copy.path, copy.drive]),
    [
      ['d/n (conflict pi 1970-01-01 00-01 2).txt', B],
      ['d/n (conflict pi 1970-01-01 00-01 3).txt', A],
    ],
  )
})

test('mergeFolder() gives the name to the folder where another device has a file of that name', () => {
  const merged = mergeFolder(
    new Map([
      [path('a'), [{ drive: A, entry: file('x', { [A]: 1 }, 0) }]],
      [path('a/b'), [{ drive: B, entry: file('y', { [B]: 1 }, 0) }]],
    ]),
    new Map([[A, 'pi']]),
  )
  assert.deepEqual([...merged.keys()].sort(), ['a (conflict pi 1970-01-01 00-00)', 'a/b'])
  assert.equal(merged.get(path('a (conflict pi 1970-01-01 00-00)'))?.conflictOf, 'a')
})

test('mergeFolder() is the same whatever the order, shows no file above another, and keeps every file that stands', () => {
  const nameArb = fc.constantFrom('a', 'a/b', 'a/b/c', 'd').map(path)
  const folderArb = fc.array(fc.tuple(nameArb, versionsArb), { maxLength: 4 })
  fc.assert(
    fc.property(folderArb, (list) => {
      const versions = new Map(list)
      const merged = mergeFolder(versions, new Map())
      const reversed = mergeFolder(new Map([...versions].reverse().map(([name, all]) => [name, [...all].reverse()])), new Map())
      assert.deepEqual(reversed, merged)
      const live = [...merged].filter(([, { entry }]) => entry.kind !== 'tombstone')
      for (const [name, { entry }] of live) {
        if (entry.kind !== 'folder') assert(!live.some(([other]) => other.startsWith(`${name}/`)), `${name} is a file and a folder`)
      }
      const shown = live.map(([, { entry }]) => entry)
      for (const all of versions.values()) {
        const { winner, losers } = mergePath(all)
        for (const entry of [winner, ...losers.map((loser) => loser.entry)]) {
          if (entry?.kind === 'file' || entry?.kind === 'symlink') assert(shown.some((other) => sameContent(other, entry)))
        }
      }
    }),
  )
})
