/** Tests of ignore rules. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FolderPath } from './entries.ts'
import { createIgnore } from './ignore-rules.ts'

const p = (text: string) => text as FolderPath
const rulesOf = (text: string, name = '.hyperignore') => createIgnore([{ name, text }])

test('createIgnore() leaves out its own folder, that of dat-store and .DS_Store, and no rule brings them back', () => {
  for (const rules of [createIgnore([]), rulesOf('!.hyper-store\n!.dat\n!.DS_Store\n')]) {
    assert.equal(rules.ignores(p('.hyper-store'), true), true)
    assert.equal(rules.ignores(p('.hyper-store/trash/x'), false), true)
    assert.equal(rules.ignores(p('.dat'), true), true)
    assert.equal(rules.ignores(p('deep/.DS_Store'), false), true)
    assert.equal(rules.ignores(p('deep/.dat'), false), false)
    assert.equal(rules.ignores(p('.git'), true), false)
    assert.equal(rules.ignores(p('.hyperignore'), false), false)
  }
})

test('createIgnore() follows gitignore: anchors, folders, depth, negation, case', () => {
  const rules = rulesOf('*.log\n!keep.log\n/top\nbuild/\n**/cache/**\n# note\n\n\\#real\n')
  const ignored = ['a.log', 'x/a.log', 'top', 'top/x', 'build/x', 'x/build/y', 'x/cache/y', '#real']
  for (const path of ignored) assert.equal(rules.ignores(p(path), false), true, path)
  for (const path of ['keep.log', 'x/top', 'build', 'a.LOG', 'note']) assert.equal(rules.ignores(p(path), false), false, path)
  assert.equal(rules.ignores(p('build'), true), true)
})

test('createIgnore() lets a later file overrule an earlier one, and says which rule decided', () => {
  const rules = createIgnore([
    { name: '.datignore', text: '*.tmp\n' },
    { name: '.hyperignore', text: '\ufeff# ours\r\n!good.tmp\r\nsecret/\r\n' },
  ])
  assert.deepEqual(rules.explain('a.tmp'), { ignored: true, rule: '*.tmp', file: '.datignore', line: 1 })
  assert.deepEqual(rules.explain('./secret/key'), { ignored: true, rule: 'secret/', file: '.hyperignore', line: 3 })
  assert.equal(rules.explain('good.tmp').ignored, false)
  assert.deepEqual(rules.explain('.hyper-store/x'), { ignored: true, rule: '/.hyper-store', file: null, line: null })
  assert.deepEqual(rules.explain('plain'), { ignored: false, rule: null, file: null, line: null })
  assert.equal(rules.explain('/').ignored, false)
  assert.deepEqual(rules.rules[1], { file: '.hyperignore', line: 2, pattern: '!good.tmp' })
})

test('createIgnore() refuses rules that would take for ever to match, and keeps the rest', () => {
  const rules = rulesOf(`${'*a'.repeat(20)}b\n${'**/'.repeat(9)}x\n${'y'.repeat(2000)}\n*.log\n`)
  assert.equal(rules.refused.length, 3)
  assert.equal(rules.rules.length, 1)
  assert.equal(rules.ignores(p('a'.repeat(255)), false), false)
  assert.equal(rules.ignores(p('a.log'), false), true)
})
