/** `npm run bench`: the same workloads on hyper-store and on Syncthing, side by side, and the tables made of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { endWithChildren } from './children.ts'
import { benchConvergence } from './convergence.ts'
import { benchGrowth, benchRescan } from './extra-rows.ts'
import { hyperStore } from './hyper-store-pair.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { writeRows } from './program.ts'
import type { Program, Row } from './program.ts'
import { makeReport, withBoardsOf, withSharedPart } from './report.ts'
import { benchIdle, benchSteps, benchStoreAndForward } from './scenarios.ts'
import type { Bench } from './scenarios.ts'
import { benchShared } from './shared-rows.ts'
import { describeMachine, findSyncthing, hasOwnNetwork, rerunInOwnNetwork, sourceTree } from './surroundings.ts'
import { syncthing } from './syncthing-pair.ts'
import { dropBigFiles, makeWorkFolder, removeWorkFolder } from './work-folder.ts'
import { sizesFor } from './workloads.ts'

const SCENARIOS = [benchSteps, benchStoreAndForward, benchRescan, benchGrowth, benchIdle, benchShared, benchConvergence]

async function bench(options: Options): Promise<void> {
  endWithChildren()
  const folder = makeWorkFolder(options.dir)
  const programs = await programsFor(options)
  const rows = writeRows(options.out)
  const sizes = sizesFor(options.scale, sourceTree())
  const wire = hasOwnNetwork()
  rows.add(aboutRow(options, { machine: describeMachine(folder), wire, system: programs.map(({ system }) => system).join(' ') }))
  for (let run = 1; run <= options.runs; run++) {
    for (const scenario of SCENARIOS) {
      for (const program of run % 2 === 1 ? programs : [...programs].reverse()) {
        const of = { system: program.system, run, sizes, folder: join(folder, `${run}-${program.system}`), wire, nice: options.nice }
        await runScenario(scenario, { program, run: of, rows, wants: options.wants })
        dropBigFiles(of.folder)
      }
    }
  }
  report(options, rows.all)
  if (rows.all.some((row) => !row.ok)) process.exitCode = 1
  if (!options.keep) removeWorkFolder(folder)
}

/** The first row of a run: what the report says of it as a whole. */
function aboutRow({ scale, nice }: Options, about: { machine: string; wire: boolean; system: string }): Row {
  const { system, machine, wire } = about
  const date = new Date().toISOString().slice(0, 10)
  return { system, workload: 'ABOUT', run: 0, ok: true, wall_s: null, date, scale, boosted: nice !== 0, wire, machine, note: machine }
}

function report({ out, report: file, sharedOnly }: Options, all: readonly Row[]): void {
  const first = all.findLast(({ workload }) => workload === 'ABOUT')
  if (first === undefined) throw new Error(`${out} holds no run`)
  const { date, scale, boosted, wire, machine } = first
  const about = { date: String(date), scale: Number(scale), boosted: boosted === true, wire: wire === true, machine: String(machine) }
  mkdirSync(dirname(file), { recursive: true })
  const rows = all.filter(({ workload }) => workload !== 'ABOUT')
  const page = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // A run of shared folders alone leaves the rest of the page as it was measured.
  writeFileSync(file, sharedOnly && page !== '' ? withSharedPart(page, rows, about) : withBoardsOf(page, makeReport(rows, about)))
  console.log(`result lines: ${out}\ntables: ${file}`)
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

const [first, files = '100000'] = process.argv.slice(2)
if (first === '--page') {
  const { benchPage } = await import('./page.ts')
  console.log(JSON.stringify(await benchPage(Number(files)), null, 2))
  process.exit()
}
if (first === '--board') {
  const { benchBoard } = await import('./board.ts')
  console.log(JSON.stringify(await benchBoard(), null, 2))
  process.exit()
}
const options = readOptions(process.argv.slice(2))
if (options?.summarize === true) {
  const lines = readFileSync(options.out, 'utf8').split('\n').filter(Boolean)
  report(
    options,
    lines.map((line) => JSON.parse(line) as Row),
  )
} else if (options !== null) {
  // What needs the network comes first.
  sourceTree()
  if (options.syncthing) findSyncthing({ install: true })
  const status = await rerunInOwnNetwork()
  if (status !== null) process.exitCode = status
  else await bench(options)
}
