/** `npm run bench`: the same workloads on hyper-store and on Syncthing, side by side, and the tables made of them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { benchGrowth, benchRescan } from './extra-rows.ts'
import { hyperStore } from './hyper-store-pair.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { writeRows } from './program.ts'
import type { Program } from './program.ts'
import { benchIdle, benchSteps, benchStoreAndForward } from './scenarios.ts'
import type { Bench } from './scenarios.ts'
import { findSyncthing, hasOwnNetwork, rerunInOwnNetwork, sourceTree } from './surroundings.ts'
import { syncthing } from './syncthing-pair.ts'
import { sizesFor } from './workloads.ts'

const SCENARIOS = [benchSteps, benchStoreAndForward, benchRescan, benchGrowth, benchIdle]

async function bench(options: Options): Promise<void> {
  mkdirSync(options.dir, { recursive: true })
  const folder = mkdtempSync(join(options.dir, 'hs-bench-'))
  const programs = await programsFor(options)
  const rows = writeRows(options.out)
  const sizes = sizesFor(options.scale, sourceTree())
  for (let run = 1; run <= options.runs; run++) {
    for (const scenario of SCENARIOS) {
      for (const program of run % 2 === 1 ? programs : [...programs].reverse()) {
        const of = { system: program.system, run, sizes, folder: join(folder, `${run}-${program.system}`), wire: hasOwnNetwork(), nice: options.nice }
        await runScenario(scenario, { program, run: of, rows, wants: options.wants })
      }
    }
  }
  if (!options.keep) rmSync(folder, { recursive: true, force: true })
}

async function programsFor({ hyperStore: ours, syncthing: theirs }: Options): Promise<Program[]> {
  const program = theirs ? findSyncthing({ install: false }) : null
  if (theirs && program === null) console.log('no Syncthing here: its side is left out; set SYNCTHING_BIN')
  return [...(ours ? [hyperStore()] : []), ...(program === null ? [] : [syncthing(program)])]
}

async function runScenario(scenario: (bench: Bench) => Promise<void>, bench: Bench): Promise<void> {
  try {
    await scenario(bench)
  } catch (error) {
    const { system, run } = bench.run
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    bench.rows.add({ system, workload: scenario.name, run, ok: false, wall_s: null, error: text })
  }
}

const options = readOptions(process.argv.slice(2))
if (options !== null) {
  // What needs the network comes first.
  sourceTree()
  if (options.syncthing) findSyncthing({ install: true })
  const status = rerunInOwnNetwork()
  if (status !== null) process.exitCode = status
  else await bench(options)
}
