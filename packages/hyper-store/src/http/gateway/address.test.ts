/** Gateway addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapePath, parseDrivePath, parseGatewayAddress } from './address.ts'

const KEY = 'y'.repeat(52)

test('parseGatewayAddress() reads key, version and path', () => {
  assert.deepEqual(parseGatewayAddress(`/gateway/${KEY}`), { key: KEY, version: null, drivePath: null })
  assert.deepEqual(parseGatewayAddress(`/gateway/${KEY}+12/`), { key: KEY, version: 12, drivePath: { path: '', folder: true } })
  assert.deepEqual(parseGatewayAddress(`/gateway/${KEY}%2B12/a%20b/c`), {
    key: KEY,
    version: 12,
    drivePath: { path: 'a b/c', folder: false },
  })
  assert.equal(parseGatewayAddress(`/gateway/${'0'.repeat(64)}/`).key, KEY)
  for (const bad of [
    '/gateway/',
    '/gateway/nokey/',
    `/gateway/${KEY}+/`,
    `/gateway/${KEY}+latest/`,
    `/gateway/${KEY}+1+2/`,
    `/gateway/${KEY}+-1/`,
    `/gateway/${KEY}+${'9'.repeat(16)}/`,
  ]) {
    assert.throws(() => parseGatewayAddress(bad), { code: 'BAD_LINK' }, bad)
  }
})

test('parseDrivePath() decodes once and never lets a path leave the drive', () => {
  assert.deepEqual(parseDrivePath('/a/'), { path: 'a', folder: true })
  assert.deepEqual(parseDrivePath('/%2541'), { path: '%41', folder: false })
  assert.deepEqual(parseDrivePath('/a%2Fb'), { path: 'a/b', folder: false })
  assert.deepEqual(parseDrivePath('//'), { path: null, folder: true })
  assert.deepEqual(parseDrivePath('//evil.example/x'), { path: null, folder: false })
  for (const bad of ['/a%00', '/%', '/%ff', '/%2e%2e/x', '/a%2f..%2fb', '/a/%2e', '/..'])
    assert.throws(() => parseDrivePath(bad), { code: 'BAD_REQUEST' }, bad)
})

test('escapePath() leaves nothing that could end an attribute or a header', () => {
  assert.equal(escapePath(`a b/"<'>\r\n(c)*`), 'a%20b/%22%3C%27%3E%0D%0A%28c%29%2A')
  assert.equal(escapePath('\ud800'), '%EF%BF%BD')
})
