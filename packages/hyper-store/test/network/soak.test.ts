/** Five devices with users that never rest, cables that come and go and services that are killed: at the end all have the same, and nothing is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soak, whyNoSoak } from '../soak/soak.ts'

/** `npm run soak -- --minutes 30 --seed N` goes on for longer. */
const SECONDS = 20
const HEAL_S = 60
const HISTORY_CHECKS = 100

const seed = Number(process.env['HYPER_STORE_SOAK_SEED'] ?? 20_261_122)

test(`five devices edit, are cut off and killed, and lose nothing (seed ${seed})`, { timeout: 280_000, skip: whyNoSoak() }, async () => {
  const { problems, files } = await soak({
    seed,
    seconds: SECONDS,
    healS: HEAL_S,
    historyChecks: HISTORY_CHECKS,
    say: (line) => console.log(line),
  })
  assert.deepEqual(problems, [], `seed ${seed}`)
  assert.ok(files > 0)
})
