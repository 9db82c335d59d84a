/**
 * Reclaim among devices that edit, point to each other's chunks, meet and part in any order: nothing that a device shows is ever gone from
 * all of them, and a device that joins gets all of it. The model has the rules of core/reclaim.ts and no others.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, EntryOrTombstone } from '../../src/core/entries.ts'
import { mergePath, type DriveVersion } from '../../src/core/merge.ts'
import { KeptBlocks, oldestKept, statesToKeep, type RetentionRule } from '../../src/core/reclaim.ts'
import { bumpVector } from '../../src/core/vectors.ts'
import '../fixtures/property-seed.ts'

const IDS = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc'] as DriveId[]
const PATHS = 3
const CHUNKS = 3

interface Chunk {
  readonly drive: DriveId
  readonly index: number
}
interface Written {
  readonly path: number
  readonly vector: Readonly<Record<string, number>>
  readonly at: number
  readonly chunks: readonly Chunk[]
}

/** One device: all logs as far as it has them, and the blocks that it holds. */
class Device {
  readonly id: DriveId
  readonly lengths = new Map<DriveId, number>(IDS.map((id) => [id, 0]))
  readonly held = new Set<string>()
  /** Newest state that each device said it shows. */
  readonly receipts = new Map<DriveId, Record<string, number>>()
  readonly world: World

  constructor(world: World, id: DriveId) {
    this.world = world
    this.id = id
  }

  state(): Record<string, number> {
    return Object.fromEntries(this.lengths)
  }

  /** What the folder shows at a state: entries by path, winners and copies. */
  shown(state: Readonly<Record<string, number>>): Written[] {
    const shown: Written[] = []
    for (let path = 0; path < PATHS; path++) {
      const versions: (DriveVersion & { written: Written; hash: string })[] = []
      for (const drive of IDS) {
        const written = this.world
          .logOf(drive)
          .slice(0, state[drive] ?? 0)
          .findLast((w) => w.path === path)
        if (written === undefined) continue
        // The mark of the content stands in for its bytes.
        const hash = JSON.stringify(written.chunks)
        const entry = {
          kind: 'file' as const,
          size: 1,
          mtimeMs: written.at,
          executable: false,
          hash,
          vector: written.vector,
          content: null,
        }
        versions.push({ drive, entry, written, hash })
      }
      const merged = mergePath(versions)
      const told = [merged.winner, ...merged.losers.map((loser): EntryOrTombstone => loser.entry)]
      for (const version of versions)
        if (told.some((entry) => entry?.kind === 'file' && entry.hash === version.hash)) shown.push(version.written)
    }
    return shown
  }

  holds({ drive, index }: Chunk): boolean {
    return this.held.has(`${drive}/${index}`)
  }

  edit(path: number, fresh: number): void {
    const base = this.shown(this.state()).filter((w) => w.path === path)
    const vector = base.reduce<Readonly<Record<string, number>>>(
      (all, w) =>
        Object.fromEntries(
          [...new Set([...Object.keys(all), ...Object.keys(w.vector)])].map((k) => [k, Math.max(all[k] ?? 0, w.vector[k] ?? 0)]),
        ),
      {},
    )
    // Only what is held may be pointed to.
    const chunks: Chunk[] = (base[0]?.chunks ?? []).filter((chunk) => this.holds(chunk)).slice(0, CHUNKS - fresh)
    for (let i = 0; i < fresh; i++) {
      const index = this.world.nextBlock(this.id)
      chunks.push({ drive: this.id, index })
      this.held.add(`${this.id}/${index}`)
    }
    this.world.logOf(this.id).push({ path, vector: bumpVector(vector, this.id), at: this.world.time++, chunks })
    this.lengths.set(this.id, this.world.logOf(this.id).length)
  }

  /** Takes over what another device has; a state is taken whole: with the blocks that it shows. */
  meet(other: Device): void {
    for (const [from, to] of [
      [other, this],
      [this, other],
    ] as const) {
      for (const id of IDS) to.lengths.set(id, Math.max(to.lengths.get(id) ?? 0, from.lengths.get(id) ?? 0))
      for (const written of to.shown(to.state()))
        for (const chunk of written.chunks) if (from.holds(chunk)) to.held.add(`${chunk.drive}/${chunk.index}`)
    }
    for (const [from, to] of [
      [other, this],
      [this, other],
    ] as const) {
      if (to.isWhole()) to.receipts.set(to.id, to.state())
      for (const [id, receipt] of from.receipts) {
        const known = to.receipts.get(id)
        if (known === undefined || IDS.every((d) => (known[d] ?? 0) <= (receipt[d] ?? 0))) to.receipts.set(id, receipt)
      }
    }
  }

  isWhole(): boolean {
    return this.shown(this.state()).every((w) => w.chunks.every((chunk) => this.holds(chunk)))
  }

  reclaim(rule: RetentionRule): void {
    const steps = IDS.flatMap((id) =>
      this.world
        .logOf(id)
        .slice(0, this.lengths.get(id))
        .map((w, i) => ({ id, at: w.at, length: i + 1 })),
    )
    steps.sort((a, b) => a.at - b.at)
    const oldest = oldestKept(steps, rule, this.world.time)
    const state: Record<string, number> = {}
    for (const step of steps.slice(0, oldest + 1)) state[step.id] = step.length
    const receipts = [...this.receipts].filter(([id]) => id !== this.id).map(([, receipt]) => receipt)
    const states = statesToKeep({ newest: this.state(), oldest: oldest < 0 ? null : state, receipts })
    if (states === null) return
    const kept = new KeptBlocks()
    const keep = (written: Written, drives: readonly DriveId[]) => {
      for (const { drive, index } of written.chunks) if (drives.includes(drive)) kept.keep(drive, index)
    }
    for (const one of states.always) for (const written of this.shown(one)) keep(written, IDS)
    for (const step of steps.slice(oldest + 1)) keep(this.world.logOf(step.id)[step.length - 1] as Written, IDS)
    for (const one of states.inOwnDrive) for (const written of this.shown(one)) keep(written, [this.id])
    for (const drive of IDS) {
      const isHeld = (index: number) => this.holds({ drive, index })
      for (const { start, end } of kept.loose(drive, this.world.blocksOf(drive), isHeld))
        for (let index = start; index < end; index++) this.held.delete(`${drive}/${index}`)
    }
  }
}

class World {
  time = 1
  readonly #logs = new Map<DriveId, Written[]>(IDS.map((id) => [id, []]))
  readonly #blocks = new Map<DriveId, number>(IDS.map((id) => [id, 0]))
  readonly devices = IDS.map((id) => new Device(this, id))

  logOf(id: DriveId): Written[] {
    return this.#logs.get(id) ?? []
  }
  blocksOf(id: DriveId): number {
    return this.#blocks.get(id) ?? 0
  }
  nextBlock(id: DriveId): number {
    const index = this.blocksOf(id)
    this.#blocks.set(id, index + 1)
    return index
  }
}

const device = fc.nat(IDS.length - 1)
const rule: fc.Arbitrary<RetentionRule> = fc.oneof(
  fc.constant({ keep: 'versions' as const, versions: 1 }),
  fc.record({ keep: fc.constant('versions' as const), versions: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ keep: 'days' as const, days: 0 }),
  fc.constant({ keep: 'all' as const }),
)
const deed = fc.oneof(
  fc.record({ do: fc.constant('edit' as const), device, path: fc.nat(PATHS - 1), fresh: fc.integer({ min: 1, max: CHUNKS }) }),
  fc.record({ do: fc.constant('meet' as const), device, other: device }),
  fc.record({ do: fc.constant('reclaim' as const), device, rule }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

function carryOut(world: World, deeds: readonly Deed[]): void {
  for (const [i, one] of deeds.entries()) {
    const at = world.devices[one.device] as Device
    const before = at.isWhole()
    if (one.do === 'edit') at.edit(one.path, one.fresh)
    else if (one.do === 'reclaim') at.reclaim(one.rule)
    else if (one.other !== one.device) at.meet(world.devices[one.other] as Device)
    if (one.do !== 'meet' && before) assert.ok(at.isWhole(), `deed ${i} took from a device what it shows`)
  }
}

test('what a device shows is held by it, and after all have met everybody is whole, a newcomer too', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const world = new World()
      carryOut(world, deeds)
      for (let round = 0; round < 3; round++) for (const a of world.devices) for (const b of world.devices) if (a !== b) a.meet(b)
      for (const one of world.devices) assert.ok(one.isWhole(), `${one.id} lacks something`)
      const newcomer = new Device(world, IDS[0] as DriveId)
      for (const one of world.devices) newcomer.meet(one)
      assert.ok(newcomer.isWhole(), 'a newcomer lacks something')
    }),
    { numRuns: 3000 },
  )
})

test('an edit that points to a chunk which its writer drops and reclaims meanwhile keeps that chunk alive', () => {
  const world = new World()
  const [a, b, c] = world.devices as [Device, Device, Device]
  a.edit(0, 3)
  a.meet(b)
  a.edit(0, 3)
  a.reclaim({ keep: 'versions', versions: 1 })
  b.edit(0, 1)
  assert.equal(b.shown(b.state())[0]?.chunks.length, 3)
  b.meet(a)
  assert.ok(a.isWhole() && b.isWhole())
  a.reclaim({ keep: 'versions', versions: 1 })
  b.meet(c)
  assert.ok(c.isWhole(), 'both sides of the conflict are there')
})

test('a member whose receipt is older keeps alive in its writer what it shows', () => {
  const world = new World()
  const [a, b] = world.devices as [Device, Device]
  a.edit(0, 3)
  a.meet(b)
  a.meet(b)
  a.edit(0, 3)
  a.reclaim({ keep: 'versions', versions: 1 })
  assert.ok(a.holds({ drive: a.id, index: 0 }))
  a.meet(b)
  a.meet(b)
  a.reclaim({ keep: 'versions', versions: 1 })
  assert.equal(a.holds({ drive: a.id, index: 0 }), false)
})
