#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

if (process.argv.includes('run-service')) {
  // What moves through a service lives outside the heap: at every 64 MiB of it V8 would mark the small heap concurrently, which
  // cost a third of all CPU time in a first sync of 1 GiB. Marked in one go it takes some milliseconds. Said before anything is
  // loaded: V8 must not be told so while it marks.
  setFlagsFromString('--no-incremental-marking')
  // The young generation grows in small steps: at its first size of 1 MiB a store that merges five thousand edits of five devices spent a
  // quarter of its time in collecting it; grown freely it is never given back, and an idle store would hold 20 MB for nothing.
  setFlagsFromString('--semi-space-growth-factor=2')
  setFlagsFromString('--max-semi-space-size=4')
  // Functions are optimized eight times later than V8 would: of a sync that takes seconds, half of the CPU time went into compiling code
  // that then ran for a moment. What moves gigabytes is optimized soon enough all the same.
  setFlagsFromString('--interrupt-budget=540672')
}

const { main } = await import('../dist/src/cli/main.js')
process.exitCode = await main(process.argv.slice(2))
