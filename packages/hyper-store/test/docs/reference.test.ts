/** The reference is made from the code and never stale. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '@hyper-store/client'
import { COMMANDS } from '../../src/cli/command-table.ts'

const root = new URL('../../../../../', import.meta.url)

test('docs/reference is what scripts/reference.mjs makes of the code', () => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('scripts/reference.mjs', root)), '--check'], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
})

test('every command and every error code has its place in the reference', async () => {
  const cli = await readFile(new URL('docs/reference/cli.md', root), 'utf8')
  const errors = await readFile(new URL('docs/reference/errors.md', root), 'utf8')
  for (const { name } of COMMANDS.flatMap(({ commands }) => commands)) assert.match(cli, new RegExp(`^### ${name}$`, 'm'))
  for (const code of Object.keys(ERRORS)) assert.ok(errors.includes(`\`${code}\``), code)
})

test('every command has an example and code that loads', async () => {
  for (const spec of COMMANDS.flatMap(({ commands }) => commands.flatMap((one) => [one, ...(one.subcommands ?? [])]))) {
    assert.ok(
      spec.examples.some((example) => example.includes(spec.name)),
      spec.name,
    )
    assert.equal(typeof (await spec.load()), 'function', spec.name)
  }
})
