/** Model of devices that change their mode at any time, beside others who write: nothing is lost, and in the end all show one folder. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { FolderPath } from '../../src/core/entries.ts'
import '../fixtures/property-seed.ts'
import { Sides, type SideAct } from './reconcile-sides.ts'
import { passArb, userArb } from './reconcile-user.ts'
import type { DiskNode, ModelMode } from './reconcile-world.ts'

const modeArb = fc.constantFrom<ModelMode>('send-receive', 'receive-only', 'send-only')
const whoArb = fc.integer({ min: 0, max: 2 })
const deed = { who: whoArb, meet: fc.boolean() }
const actArb: fc.Arbitrary<SideAct> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...deed, act: fc.constant('user' as const), what: userArb }) },
  { weight: 3, arbitrary: fc.record({ ...deed, act: fc.constant('pass' as const), what: passArb }) },
  { weight: 2, arbitrary: fc.record({ who: whoArb, act: fc.constant('mode' as const), mode: modeArb }) },
)
const historyArb = fc.array(actArb, { maxLength: 24, size: 'max' })
const runs = { numRuns: Number(process.env['MODEL_RUNS'] ?? 2000), includeErrorInReport: true }

test('modes change at any time: every saved byte stays on disk or in history, and all that stands is shown on all disks', () => {
  fc.assert(
    fc.property(historyArb, (acts) => {
      const sides = new Sides(['send-receive', 'send-receive', 'send-receive'])
      for (const act of acts) sides.perform(act)
      sides.includeAll()
      sides.rest()
      sides.assertNothingLost()
      sides.assertOneFolder()
    }),
    runs,
  )
})

test('a device that only sends has its disk touched by nobody, and hides no version of others', () => {
  fc.assert(
    fc.property(historyArb, (acts) => {
      const sides = new Sides(['send-receive', 'send-only'])
      const [other, sender] = sides.all
      assert(sender !== undefined && other !== undefined)
      for (const act of acts) {
        if (act.act === 'mode') continue
        const undisturbed = act.act === 'pass' && act.what.act === 'pass' && act.what.meanwhile.length === 0 && act.who % 2 === 1
        const shown: ReadonlyMap<FolderPath, DiskNode> = new Map(sender.device.disk.nodes)
        sides.perform(act)
        if (undisturbed) assert.deepEqual(sender.device.disk.nodes, shown)
      }
      const atRest: ReadonlyMap<FolderPath, DiskNode> = new Map(sender.device.disk.nodes)
      sides.rest()
      assert.deepEqual(sender.device.disk.nodes, atRest)
      sides.assertNothingLost()
      for (const text of sender.device.disk.texts()) {
        assert(other.device.disk.texts().has(text) || sides.history.has(text), `${text} of the sender is nowhere`)
      }
    }),
    runs,
  )
})
