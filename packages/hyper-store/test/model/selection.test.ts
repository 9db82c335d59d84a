/** Model of devices that leave sub-folders out and bring them back at any time, also across crashes: nobody else notices, nothing is lost. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { FolderPath } from '../../src/core/entries.ts'
import { createSelection } from '../../src/core/selection.ts'
import '../fixtures/property-seed.ts'
import { Sides, type SideAct } from './reconcile-sides.ts'
import { passArb, userArb, type UserAct } from './reconcile-user.ts'
import type { ModelMode } from './reconcile-world.ts'

const whoArb = fc.integer({ min: 0, max: 2 })
const deed = { who: whoArb, meet: fc.boolean() }
const excludeArb = fc.subarray(['a', 'b', 'a/b', 'b/c', 'c/a/b', 'c'] as FolderPath[])
const modeArb = fc.constantFrom<ModelMode>('send-receive', 'receive-only')
const actArb: fc.Arbitrary<SideAct> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...deed, act: fc.constant('user' as const), what: userArb }) },
  { weight: 4, arbitrary: fc.record({ ...deed, act: fc.constant('pass' as const), what: passArb }) },
  { weight: 2, arbitrary: fc.record({ who: whoArb, act: fc.constant('exclude' as const), exclude: excludeArb }) },
  { weight: 1, arbitrary: fc.record({ who: whoArb, act: fc.constant('mode' as const), mode: modeArb }) },
)
const historyArb = fc.array(actArb, { maxLength: 24, size: 'max' })
const ALLOWED = new Set(['leave', 'forget', 'record', 'publish', 'publish-rename', 'compare'])

function play(acts: readonly SideAct[]): void {
  const sides = new Sides(['send-receive', 'send-receive', 'send-receive'])
  for (const act of acts) {
    sides.perform(act)
    for (const { device } of sides.all) {
      const selection = createSelection(device.exclude)
      for (const step of device.plan().steps) {
        if (selection.isExcluded(step.path)) assert(ALLOWED.has(step.op), `${step.op} ${step.path}, which is left out`)
      }
    }
  }
  sides.rest()
  for (const { device } of sides.all) {
    const selection = createSelection(device.exclude)
    for (const [path, node] of device.disk.nodes) {
      if (node.kind === 'folder' || !selection.isExcluded(path)) continue
      assert(device.mode === 'receive-only' || device.synced.get(path)?.local == null, `${path} is left out, on record and still on disk`)
    }
  }
  sides.assertNothingLost()
  sides.includeAll()
  sides.rest()
  sides.assertNothingLost()
  sides.assertOneFolder()
}

test('sub-folders are left out and brought back at any time: no deletion ever comes of it, and in the end all show one folder', () => {
  fc.assert(fc.property(historyArb, play), { numRuns: Number(process.env['MODEL_RUNS'] ?? 3000), includeErrorInReport: true })
})

describe('histories that once failed', () => {
  const everything = { act: 'pass', scope: null, unknown: [], steps: 1000, unrecorded: false, meanwhile: [] } as const
  const user = (what: UserAct): SideAct => ({ who: 0, act: 'user', meet: false, what })
  const pass: SideAct = { who: 0, act: 'pass', meet: false, what: everything }
  const exclude = (...paths: string[]): SideAct => ({ who: 0, act: 'exclude', exclude: paths as FolderPath[] })
  const write = (path: string): UserAct => ({ act: 'write', path: path as FolderPath, length: 0, executable: false, keepTime: false })

  test('a file in the place of a folder that is left out deletes nothing of what was in it', () => {
    play([user(write('b/a')), pass, exclude('b'), pass, user(write('b')), exclude()])
  })

  test('a file of the user in the place of one that is left out is a conflict, and hides nothing', () => {
    play([user(write('b/a')), pass, exclude('b'), pass, user(write('b/a')), pass, exclude()])
  })

  test('a file of the user in the place of a folder of one’s own past, which was left out, deletes nothing', () => {
    const own = (act: UserAct): SideAct => ({ who: 2, act: 'user', meet: false, what: act })
    play([
      own(write('b/c/a')),
      { ...pass, who: 2 },
      { who: 2, act: 'mode', mode: 'receive-only' },
      own({ act: 'delete', path: 'b' as FolderPath }),
      { who: 2, act: 'exclude', exclude: ['b' as FolderPath] },
      own(write('b/c')),
    ])
  })

  test('a file that gave way to a folder of another device comes back when that folder goes, and is not taken for deleted', () => {
    play([
      user(write('a')),
      pass,
      { who: 2, act: 'user', meet: false, what: write('a/a') },
      { who: 2, act: 'pass', meet: false, what: everything },
      { who: 2, act: 'mode', mode: 'receive-only' },
      exclude('a'),
      { who: 2, act: 'user', meet: false, what: { act: 'delete', path: 'a' as FolderPath } },
    ])
  })
})
