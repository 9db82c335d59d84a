/** Each row of the parity page names a test that is there, or says why it is absent; the example for feeds runs without its server. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../../../', import.meta.url)

test('each row names tests that are there, or the reason why there is none', () => {
  const page = readFileSync(new URL('docs/design/parity.md', root), 'utf8')
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:---|Row|Word|row|shown by) /.test(line))
    .map((line) => line.split('|').at(-2) ?? '')
  assert.ok(rows.length > 30)
  for (const row of rows) {
    const files = Array.from(row.matchAll(/`(test\/[a-z]+\/[\w-]+\.test\.ts)`/g), ([, file]) => file ?? '')
    assert.ok(files.length > 0 || /absent: |the short forms|the page/.test(row), row)
    for (const file of files) assert.ok(existsSync(new URL(`packages/hyper-store/${file}`, root)), file)
  }
})

test('the example that posts what comes says what is missing, and does not end the watching', () => {
  const script = fileURLToPath(new URL('docs/examples/ssb-post.mjs', root))
  const event = { event: 'block', link: 'hyper://x', index: 0, bytes: Buffer.from('a post').toString('base64') }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', input: JSON.stringify(event) })
  assert.equal(status, 0, stderr)
  assert.match(stdout + stderr, /^(?:posted: a post|skipped: )/)
})
