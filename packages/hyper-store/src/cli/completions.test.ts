/** What completion scripts are answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completionLines } from './completions.ts'

const KNOWN = { folders: [{ name: '/home/ana/photos', text: 'folder' }], providers: ['raspberry'] }
const valuesOf = (words: readonly string[]) => completionLines(words, KNOWN).map((line) => line.split('\t')[0])

test('the beginning of a command is completed', () => {
  assert.deepEqual(valuesOf(['run-s']).slice(0, -1), ['run-service'])
})

test('options of a command are completed, and those that every command takes are known', () => {
  assert.deepEqual(valuesOf(['add', './photos', '--priv']).slice(0, -1), ['--private'])
})

test('choices of an option and of an argument are completed', () => {
  assert.ok(valuesOf(['pair', '--role', 'o']).includes('owner'))
  assert.ok(valuesOf(['service', 'sta']).includes('status'))
})

test('folders and providers of the store are completed', () => {
  assert.ok(valuesOf(['status', '/home']).includes('/home/ana/photos'))
  assert.ok(valuesOf(['status', 'x', 'rasp']).includes('raspberry'))
})

test('where nothing of ours fits, the shell completes files', () => {
  assert.deepEqual(valuesOf(['add', './pho']), [':0'])
})
