/** Model of two writers who work apart and meet now and then: both end with the same folder, and nothing saved is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { mergeFolder, type DriveVersion } from '../../src/core/merge.ts'
import { compareVectors } from '../../src/core/vectors.ts'
import '../fixtures/property-seed.ts'
import { passArb, runPass, User, userArb, type PassAct, type UserAct } from './reconcile-user.ts'
import { ModelDevice } from './reconcile-world.ts'

type Drive = ReadonlyMap<FolderPath, EntryOrTombstone>
type Act = { who: 0 | 1; meet: boolean; what: UserAct | PassAct }

const IDS = ['firstdrive', 'otherdrive'] as DriveId[]
const NAMES = new Map(IDS.map((id, index) => [id, index === 0 ? 'desk' : 'couch']))

/** One of the two, with its last copy of the other's drive. */
interface Side {
  readonly device: ModelDevice
  readonly user: User
  other: Drive
}

function createSide(index: 0 | 1, history: Set<string>): Side {
  const drive = IDS[index] as DriveId
  const far = IDS[1 - index] as DriveId
  const name = index === 0 ? 'desk' : 'couch'
  const remote = () => {
    const versions = new Map<FolderPath, DriveVersion[]>()
    for (const [path, entry] of side.device.own) versions.set(path, [{ drive, entry }])
    for (const [path, entry] of side.other) versions.set(path, [...(versions.get(path) ?? []), { drive: far, entry }])
    return new Map([...mergeFolder(versions, NAMES)].map(([path, merged]) => [path, merged.entry]))
  }
  const device = new ModelDevice({ name, drive, mode: 'send-receive', history, remote })
  const side: Side = { device, user: new User(name, device.disk), other: new Map() }
  return side
}

function shownBy({ device }: Side): string[] {
  return [...device.disk.nodes]
    .map(([path, node]) => `${path} ${node.kind} ${node.text} ${node.executable}`)
    .sort((a, b) => (a < b ? -1 : 1))
}

/** Contents of all versions that no other has seen: a user must find each of them. */
function standingTexts(sides: readonly Side[]): string[] {
  const texts: string[] = []
  for (const [index, side] of sides.entries()) {
    for (const [path, entry] of side.device.own) {
      const rival = sides[1 - index]?.device.own.get(path)
      if (rival !== undefined && compareVectors(entry.vector, rival.vector) === 'before') continue
      if (entry.kind === 'file') texts.push(entry.hash.slice(1))
    }
  }
  return texts
}

const historyArb: fc.Arbitrary<Act[]> = fc.array(
  fc.record({ who: fc.constantFrom(0 as const, 1 as const), meet: fc.boolean(), what: fc.oneof(userArb, userArb, passArb) }),
  { maxLength: 20, size: 'max' },
)

test('two writers: both end with the same folder, and every saved byte is on disk or in history', () => {
  fc.assert(
    fc.property(historyArb, (acts) => {
      const history = new Set<string>()
      const sides = [createSide(0, history), createSide(1, history)] as const
      for (const { who, meet, what } of acts) {
        const side = sides[who]
        if (meet) side.other = new Map(sides[1 - who]?.device.own)
        if (what.act === 'pass') runPass(side.device, side.user, what)
        else side.user.perform(what)
      }
      for (let round = 0; round < 12; round++) {
        for (const [index, side] of sides.entries()) {
          side.other = new Map(sides[1 - index]?.device.own)
          for (const step of side.device.plan().steps) side.device.execute(step)
          side.device.endPass()
        }
      }
      for (const { device } of sides) assert.deepEqual(device.plan().steps, [], 'the plan becomes empty')
      assert.deepEqual(shownBy(sides[0]), shownBy(sides[1]))
      for (const text of standingTexts(sides)) assert(sides[0].device.disk.texts().has(text), `${text} stands and is not shown`)
      for (const side of sides) {
        for (const text of side.user.saved) assert(side.device.disk.texts().has(text) || history.has(text), `${text} is lost`)
      }
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 2000), includeErrorInReport: true },
  )
})
