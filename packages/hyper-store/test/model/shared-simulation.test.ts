/**
 * Simulation of shared folders: random histories of several devices, each judged whenever all have met. `HYPER_STORE_SIMULATE` is how many,
 * `HYPER_STORE_SEED` the first seed; what a failure prints can be put below as a named case.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { play, simulate, tell } from './shared-history.ts'
import { PLANTED } from './shared-planted.ts'
import { NAMED } from './shared-named.ts'

const COUNT = Number(process.env['HYPER_STORE_SIMULATE'] ?? 10_000)
const FIRST = Number(process.env['HYPER_STORE_SEED'] ?? 1)

test(`${COUNT} histories from seed ${FIRST}: all come to one folder and nothing that a user saved is lost`, async (context) => {
  const { failure, rest } = await simulate(FIRST, COUNT)
  context.diagnostic(`the longest rest took ${rest.rounds} rounds, and ${rest.writes} versions were written in one`)
  if (failure !== null) assert.fail(`${failure.error.message}\n${tell(failure.small)}\n${failure.error.stack ?? ''}`)
})

describe('histories that once failed', () => {
  for (const [name, history] of Object.entries(NAMED)) {
    test(name, async () => {
      const { error } = await play(history)
      if (error !== null) throw error
    })
  }
})

describe('a planted defect is found', () => {
  for (const [name, parts] of Object.entries(PLANTED)) {
    test(name, async (context) => {
      for (const [history, played] of Object.entries(NAMED)) {
        const { error } = await play(played, parts)
        if (error === null) continue
        context.diagnostic(`found by "${history}"`)
        return
      }
      const { failure } = await simulate(1, 1500, parts, { small: false })
      assert.ok(failure !== null, 'nothing was found in 1,500 histories')
      context.diagnostic(`seed ${failure.seed}: ${failure.error.message.split('\n')[0] ?? ''}`)
    })
  }
})
