/** Model of whole sync loops: a writer and two readers under random histories always converge, and nothing that a user saved is lost. */
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { openState } from '../../src/state/state.ts'
import { historyArb, LoopWorld, type LoopAct } from './loop-world.ts'

const state = await openState(null)
after(async () => state.close())

const play = async (history: readonly LoopAct[]): Promise<void> => new LoopWorld(state).play(history)

test('whatever happens, writer and readers agree in the end and nothing is lost', async () => {
  await fc.assert(fc.asyncProperty(historyArb, play), { numRuns: Number(process.env['MODEL_RUNS'] ?? 2000), includeErrorInReport: true })
})

describe('histories that once failed', () => {})
