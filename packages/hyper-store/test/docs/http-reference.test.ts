/** docs/reference/http.md is in step with the routes. `UPDATE_DOCS=1` writes its tables anew. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { SANDBOX } from '../../src/http/gateway/gateway.ts'
import { routeTables } from './http-reference-tables.ts'

const page = new URL('../../../../../docs/reference/http.md', import.meta.url)
const MARKED = /(<!-- routes -->\n)([^]*)(\n<!-- end of routes -->)/

test('docs/reference/http.md lists every route as it is served', async () => {
  const text = await readFile(page, 'utf8')
  if (process.env['UPDATE_DOCS'] === '1')
    await writeFile(
      page,
      text.replace(MARKED, (_, begin, __, end) => `${begin}${routeTables()}${end}`),
    )
  const marked = MARKED.exec(await readFile(page, 'utf8'))
  assert.equal(marked?.[2], routeTables())
})

test('docs/reference/http.md says what the gateway and the rights rest on', async () => {
  const text = await readFile(page, 'utf8')
  for (const word of [
    SANDBOX,
    'hyper-store-session',
    'Upgrade: hyper-store',
    '/.well-known/psa',
    '/metrics',
    '/healthz',
    '404.html',
    'If-Range',
  ]) {
    assert.ok(text.includes(word), word)
  }
})
