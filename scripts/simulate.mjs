// Plays histories of shared folders until one fails: `npm run simulate -- 1000000 [first seed]`.
// Without a seed it begins where no run began before; the seed of a failure and its smallest history are printed.
import { fork } from 'node:child_process'
import { cpus } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const STEP = 500
const PROGRESS_MS = 10_000
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const module = pathToFileURL(path.join(root, 'packages/hyper-store/dist/test/model/shared-history.js')).href

if (process.send === undefined) await lead()
else await work()

/** Hands out seeds, a few hundred at a time, to one process for each processor but one. */
async function lead() {
  const count = Number(process.argv[2] ?? process.env.HYPER_STORE_SIMULATE ?? 100_000)
  const first = Number(process.argv[3] ?? process.env.HYPER_STORE_SEED ?? Math.floor(Date.now() / 1000) * 1000)
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first)) {
    console.error('Usage: npm run simulate -- <how many histories> [first seed]')
    process.exitCode = 2
    return
  }
  const began = Date.now()
  let next = first
  let played = 0
  const rest = { rounds: 0, writes: 0 }
  let failure = null
  const say = () => {
    const seconds = (Date.now() - began) / 1000
    console.log(`${played} of ${count} histories, ${Math.round(played / seconds)} a second`)
  }
  const timer = setInterval(say, PROGRESS_MS)
  const workers = Array.from({ length: Math.max(1, Math.min(cpus().length - 1, Math.ceil(count / STEP))) }, async () => {
    const worker = fork(fileURLToPath(import.meta.url))
    try {
      while (failure === null && next < first + count) {
        const part = { first: next, count: Math.min(STEP, first + count - next) }
        next += part.count
        const answer = await ask(worker, part)
        played += part.count
        rest.rounds = Math.max(rest.rounds, answer.rest.rounds)
        rest.writes = Math.max(rest.writes, answer.rest.writes)
        failure ??= answer.failure
      }
    } finally {
      worker.disconnect()
    }
  })
  await Promise.all(workers)
  clearInterval(timer)
  if (failure === null) {
    const seconds = ((Date.now() - began) / 1000).toFixed(1)
    console.log(
      `${count} histories from seed ${first} in ${seconds} s: all held; the longest rest took ${rest.rounds} rounds and ${rest.writes} versions`,
    )
    return
  }
  console.log(`seed ${failure.seed}: ${failure.message}\n${failure.told}`)
  process.exitCode = 1
}

function ask(worker, part) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`a process ended at the seeds from ${part.first}`))
    worker.once('exit', ended)
    worker.once('message', (answer) => {
      worker.off('exit', ended)
      resolve(answer)
    })
    worker.send(part)
  })
}

async function work() {
  const { simulate, tell } = await import(module)
  const answer = async ({ first, count }) => {
    const { failure, rest } = await simulate(first, count)
    const told = failure && { seed: failure.seed, message: failure.error.message, told: tell(failure.small) }
    process.send({ rest, failure: told })
  }
  process.on('message', (wish) => void answer(wish))
}
