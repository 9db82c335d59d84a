// Runs the built test files with node's runner; the last line is `N passed, N failed[, N skipped]`.
// Usage: node scripts/test.mjs [--only unit|conformance|docs|model|network|cli|compat|browser] [part of a file's path...]
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './chromium.mjs'
import { globSync } from './glob.mjs'

/** A file that takes longer is ended and counts as failed. */
const FILE_TIMEOUT_MS = 5 * 60_000
/** Kinds that run side by side: those that need nothing but a processor and a temporary folder, then those that mostly wait for programs, peers and pages. */
const SIDE_BY_SIDE = [new Set(['model', 'unit', 'conformance', 'docs']), new Set(['cli', 'compat', 'network', 'browser'])]
const SLOWEST_SHOWN = 5

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'))
const args = process.argv.slice(2)
const only = args[0] === '--only' ? args.splice(0, 2)[1] : null

const kindOf = (file) => /\/dist\/test\/([^/]+)\//.exec(file)?.[1] ?? 'unit'
/** What is built of a source that is gone is no test any more. */
const hasSource = (file) => ['/', '/src/'].some((folder) => existsSync(file.replace('/dist/', folder).replace(/\.js$/, '.ts')))
const files = globSync('packages', /\/dist\/.*\.test\.js$/).filter(
  (file) => hasSource(file) && (only === null || kindOf(file) === only) && (args.length === 0 || args.some((part) => file.includes(part))),
)
if (files.some((file) => file.includes('browser'))) ensureChromium()
const groups = [
  // The longest first: none of them shall be alone at the end.
  ...SIDE_BY_SIDE.map((kinds) => ({
    files: files.filter((file) => kinds.has(kindOf(file))).sort(modelsFirst),
    // What waits for others leaves room for one more.
    concurrency: availableParallelism() + (kinds.has('network') ? 1 : 0),
  })),
  { files: files.filter((file) => !SIDE_BY_SIDE.some((kinds) => kinds.has(kindOf(file)))), concurrency: 1 },
]

function modelsFirst(a, b) {
  return Number(kindOf(b) === 'model') - Number(kindOf(a) === 'model')
}

const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const msByFile = new Map()
const nameOf = (file) => path.relative(process.cwd(), file ?? '')

function fail(line) {
  total.failed++
  failures.push(line)
}

function count(event, good) {
  const { name, nesting, file, details, skip, todo } = event
  if (nesting === 0) msByFile.set(file, (msByFile.get(file) ?? 0) + details.duration_ms)
  if (details.type === 'suite') return
  const isFile = nesting === 0 && path.resolve(name) === path.resolve(file ?? '')
  if (skip !== undefined || todo !== undefined) total.skipped++
  else if (!good)
    fail(
      isFile
        ? `${nameOf(file)} (${details.error?.cause?.message ?? details.error?.message ?? 'it ended early'})`
        : `${nameOf(file)}: ${name}`,
    )
  else if (isFile) fail(`${nameOf(file)}: no test ran`)
  else total.passed++
}

for (const group of groups) {
  if (group.files.length === 0) continue
  const stream = run({ files: group.files.map((file) => path.resolve(file)), concurrency: group.concurrency, timeout: FILE_TIMEOUT_MS })
  stream.on('test:pass', (event) => count(event, true))
  stream.on('test:fail', (event) => count(event, false))
  for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk)
}

if (total.passed + total.failed === 0) fail('no test ran')
const slowest = [...msByFile].sort(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN)
console.log('\nslowest files:')
for (const [file, ms] of slowest) console.log(`  ${(ms / 1000).toFixed(1)} s  ${nameOf(file)}`)
for (const line of failures) console.log(`failed: ${line}`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed > 0 ? 1 : 0
