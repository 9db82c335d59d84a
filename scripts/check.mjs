// Everything that must hold beside the tests: format, lint, types, import rules, dead code, package shape.
// Stops at the first failure; the last line is `check: N passed, N failed`.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const client = path.join(root, 'packages/client')
const program = path.join(root, 'packages/hyper-store')

/** Fewer modules than this mean that the import rules looked at nothing. */
const LEAST_MODULES = 100

/** Runs a tool of the workspace; its output is shown when it fails. */
function tool(name, args, cwd = root) {
  const bin = path.join(root, 'node_modules/.bin', name)
  const { status, stdout, stderr, error } = spawnSync(bin, args, { cwd, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  if (error) throw new Error(`${name} did not start: ${error.message}`)
  return { ok: status === 0, stdout, output: `${stdout}${stderr}`.trim() }
}

function passes(name, args, cwd) {
  const { ok, output } = tool(name, args, cwd)
  return ok ? null : output
}

function importRules() {
  const { ok, stdout, output } = tool('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages'])
  let cruised
  try {
    cruised = JSON.parse(stdout)
  } catch {
    return output
  }
  const { summary } = cruised
  const lines = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
  if (!ok || lines.length > 0) return lines.join('\n')
  if (summary.totalCruised <= LEAST_MODULES) return `only ${summary.totalCruised} modules were read; the import rules can't be trusted`
  return null
}

const steps = [
  { name: 'format (cure: npm run format)', run: () => passes('oxfmt', ['--check', '.']) },
  { name: 'lint', run: () => passes('oxlint', ['--type-aware', '--deny-warnings', '.']) },
  { name: 'types', run: () => passes('tsc', ['-b']) },
  { name: 'import rules', run: importRules },
  { name: 'dead code', run: () => passes('knip', ['--no-progress']) },
  { name: 'shape of @hyper-store/client', run: () => passes('publint', ['--strict'], client) },
  { name: 'types of @hyper-store/client', run: () => passes('attw', ['--pack', '.', '--profile', 'esm-only'], client) },
  { name: 'shape of hyper-store', run: () => passes('publint', ['--strict'], program) },
]

let passed = 0
for (const { name, run } of steps) {
  const problem = run()
  if (problem !== null) {
    console.error(problem)
    console.error(`failed: ${name}`)
    console.log(`check: ${passed} passed, 1 failed`)
    process.exit(1)
  }
  console.log(`ok: ${name.replace(/ \(.*/, '')}`)
  passed++
}
console.log(`check: ${passed} passed, 0 failed`)
