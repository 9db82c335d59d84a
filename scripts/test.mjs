// Runs all built test files with node's runner; the last line is `N passed, N failed, N skipped`.
// Usage: node scripts/test.mjs [--only unit|conformance|model|network|cli|compat|browser|...] [file pattern...]
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { globSync } from './glob.mjs'

const args = process.argv.slice(2)
const only = args[0] === '--only' ? args.splice(0, 2)[1] : null
const all = globSync('packages', /\/dist\/.*\.test\.js$/)
const kindOf = (file) => /\/dist\/test\/([^/]+)\//.exec(file)?.[1] ?? 'unit'
const files = all.filter((f) => (only === null || kindOf(f) === only) && (args.length === 0 || args.some((a) => f.includes(a))))
// Quick kinds run side by side, those that start processes or measure sockets one after another.
const quick = files.filter((f) => ['unit', 'conformance', 'docs'].includes(kindOf(f)))
const slow = files.filter((f) => !quick.includes(f))
const total = { pass: 0, fail: 0, skip: 0 }
const failed = []
for (const [group, concurrency] of [[quick, 2], [slow, 1]]) {
  if (group.length === 0) continue
  const stream = run({ files: group, concurrency, timeout: 10 * 60_000 })
  stream.on('test:pass', (t) => { if (t.details.type !== 'suite') total[t.skip === undefined ? 'pass' : 'skip']++ })
  stream.on('test:fail', (t) => { if (t.details.type !== 'suite') { total.fail++; failed.push(`${t.file ?? ''}: ${t.name}`) } })
  const out = stream.compose(new spec())
  for await (const chunk of out) process.stdout.write(chunk)
}
if (total.pass + total.fail === 0) { console.error('no test was found'); process.exit(1) }
for (const line of failed) console.log(`failed: ${line}`)
console.log(`${total.pass} passed, ${total.fail} failed${total.skip > 0 ? `, ${total.skip} skipped` : ''}`)
process.exit(total.fail > 0 ? 1 : 0)
