// Runs the soak of shared folders for as long as wanted: five devices in network namespaces, restless users, cuts and kills.
// Usage: npm run soak -- [--minutes 30] [--seed N] [--heal-minutes 5] [--history-checks 1000]
//        npm run soak -- --board [--minutes 10] [--seed N]: two people and a blind box at one board instead
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    board: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    'heal-minutes': { type: 'string', default: '5' },
    'history-checks': { type: 'string', default: '1000' },
  },
})
const minutes = Number(values.minutes ?? (values.board ? 10 : 30))
if (values.board) {
  const test = path.join(path.dirname(fileURLToPath(import.meta.url)), '../packages/hyper-store/dist/test/network/board-soak.test.js')
  const env = { ...process.env, HYPER_STORE_BOARD_SOAK_S: String(minutes * 60), HYPER_STORE_SEED: values.seed }
  process.exit(spawnSync(process.execPath, ['--test', '--test-reporter=spec', test], { stdio: 'inherit', env }).status ?? 1)
}
const built = path.join(path.dirname(fileURLToPath(import.meta.url)), '../packages/hyper-store/dist/test/soak/soak.js')
const { soak, whyNoSoak } = await import(pathToFileURL(built).href)
const why = whyNoSoak()
if (why !== false) {
  console.log(`no soak here: ${why}`)
  process.exit(1)
}
// Namespaces and services end with this process.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGHUP', 129],
])
  process.on(signal, () => process.exit(code))
const seed = Number(values.seed)
const { problems } = await soak({
  seed,
  seconds: minutes * 60,
  healS: Number(values['heal-minutes']) * 60,
  historyChecks: Number(values['history-checks']),
  say: (line) => console.log(line),
})
for (const problem of problems) console.log(`PROBLEM ${problem}`)
console.log(problems.length === 0 ? `soak passed (seed ${seed})` : `soak failed: ${problems.length} problems (seed ${seed})`)
process.exitCode = problems.length === 0 ? 0 : 1
