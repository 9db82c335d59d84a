/** Model of whole sync loops that all write: under random histories with crashes and faults they come to one folder, and nothing that a user saved is lost. */
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { openState } from '../../src/state/state.ts'
import '../fixtures/property-seed.ts'
import type { LoopDeed } from './loop-user.ts'
import { sharedHistoryArb, SharedLoopWorld, type SharedLoopAct } from './shared-loop-world.ts'

const state = await openState(null)
after(async () => state.close())

const RUNS = Number(process.env['HYPER_STORE_SIMULATE_LOOPS'] ?? 500)

test('whatever happens, all loops show one folder in the end and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(sharedHistoryArb, async ({ devices, acts }) => new SharedLoopWorld(state, devices).play(acts)),
    { numRuns: RUNS, includeErrorInReport: true },
  )
})

describe('what several loops do', () => {
  const user = (who: number, deed: LoopDeed): SharedLoopAct => ({ act: 'user', who, deed, told: true })
  const write = (path: string): LoopDeed => ({ do: 'write', path, length: 0, replace: false, keepTime: false })
  const run: SharedLoopAct = { act: 'run', ms: 5000 }
  const hear = (who: number): SharedLoopAct => ({ act: 'deliver', who, drive: null, versions: 1000 })

  test('an edit that is made while another one arrives is kept, at whatever step it is made', async () => {
    for (let after = 0; after < 50; after += 3) {
      await new SharedLoopWorld(state, 2).play([
        user(0, write('a')),
        run,
        hear(1),
        run,
        user(0, write('a')),
        run,
        { act: 'meanwhile', who: 1, after, deed: write('a') },
        hear(1),
        run,
        hear(0),
        run,
      ])
    }
  })

  test('a loop that is killed at any step while it shows what another wrote goes on without loss', async () => {
    for (let after = 0; after < 50; after += 3) {
      await new SharedLoopWorld(state, 3).play([
        user(0, write('a')),
        user(1, write('a')),
        user(2, write('a/b')),
        run,
        { act: 'trouble', who: 1, after, kind: 'crash' },
        hear(0),
        hear(1),
        hear(2),
        run,
      ])
    }
  })
})
