import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isBoxName, parsePairLine } from './pair-line.ts'

const KEY = 'y'.repeat(52)

test('the line that a box prints says where it is, its code and its name', () => {
  const target = 'http://raspberry.local:3472#7K9P-2X4M-8QRT'
  for (const [line, name] of [
    [`hyper-store set-provider ${target} raspberry`, 'raspberry'],
    [`  $ hyper-store set-provider ${target} 'box in the attic'\n`, 'box in the attic'],
    [`hyper-store set-provider ${target}`, 'raspberry'],
    [target, 'raspberry'],
  ] as const)
    assert.deepEqual(parsePairLine(line), { target, name })
})

test('an address of a browser, a bare host and a key will do as well', () => {
  assert.deepEqual(parsePairLine('http://192.168.1.5:3472/#code=ABCD'), { target: 'http://192.168.1.5:3472#ABCD', name: '' })
  assert.deepEqual(parsePairLine('attic.local:3472#ABCD'), { target: 'attic.local:3472#ABCD', name: 'attic' })
  assert.deepEqual(parsePairLine(`${KEY}#ABCD`), { target: `${KEY}#ABCD`, name: '' })
})

test('what is no line, or has no code, is said to be so', () => {
  for (const text of ['', '   ', 'hello', 'hello world', 'ABCD-EFGH', '#ABCD', 'ftp://x.local#ABCD', 'http://#ABCD', 'x'.repeat(3000)])
    assert.deepEqual(parsePairLine(text), { problem: 'line' }, text.slice(0, 20))
  for (const text of ['http://raspberry.local:3472', 'http://raspberry.local:3472#', `hyper-store set-provider ${KEY} box`])
    assert.deepEqual(parsePairLine(text), { problem: 'code' }, text)
})

test('whatever is pasted, nothing is thrown, and a name that is suggested is one that a store takes', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.string()).map(([text]) => `http://x.local#C ${text}`),
      ),
      (text) => {
        const line = parsePairLine(text)
        if ('target' in line) assert.ok(line.name === '' || isBoxName(line.name))
      },
    ),
  )
  for (const name of ['local', '', ' a', '-a', 'a/b', '\u202Egnp', 'x'.repeat(101)]) assert.equal(isBoxName(name), false, name)
})
