/** Host headers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostJudge } from './hosts.ts'

const KEY = 'y'.repeat(52)
const rules = { allowedHosts: ['raspberrypi.local', '192.0.2.2', 'fe80::1'], exposed: false, gatewayDomain: 'drives.example' }

test('the judge takes the names of this machine with any port, and no others', () => {
  const judge = createHostJudge(rules)
  for (const host of [
    'localhost',
    'LOCALHOST:3472',
    '127.0.0.1:1',
    '[::1]:80',
    'raspberrypi.local.',
    '192.0.2.2',
    '[fe80::1]',
    'drives.example',
  ]) {
    assert.deepEqual(judge(host), { kind: 'store' }, host)
  }
  for (const host of [
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    'x@localhost',
    'localhost:x',
    '10.0.0.9',
    '[::2]',
    'localhost/x',
    'a b',
  ]) {
    assert.deepEqual(judge(host), { kind: 'refused' }, host)
  }
})

test('the judge knows the sub-domain of a drive below localhost and the given domain only', () => {
  const judge = createHostJudge(rules)
  for (const host of [`${KEY}.localhost:3472`, `${KEY.toUpperCase()}.drives.example`])
    assert.deepEqual(judge(host), { kind: 'drive', key: KEY }, host)
  for (const host of [`${KEY}.evil.example`, `a.${KEY}.localhost`, `${KEY.slice(1)}.localhost`])
    assert.deepEqual(judge(host), { kind: 'refused' }, host)
})

test('the judge of an exposed store takes any address in digits, which no name can be rebound to', () => {
  const judge = createHostJudge({ ...rules, exposed: true })
  assert.equal(judge('203.0.113.5:3472').kind, 'store')
  assert.equal(judge('[2001:db8::1]').kind, 'store')
  assert.equal(judge('evil.example').kind, 'refused')
  assert.equal(judge('203.0.113.5.evil.example').kind, 'refused')
})
