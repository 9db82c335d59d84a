/** Where words go, and when they are painted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '@hyper-store/client/contract'
import { createOutput, plain } from './output.ts'
import type { OutputOptions } from './output.ts'

function capture(isTTY: boolean, options: Partial<OutputOptions> = {}) {
  const told = { out: '', err: '' }
  const stdout = { isTTY, write: (text: string) => (told.out += text) }
  const stderr = { isTTY, write: (text: string) => (told.err += text) }
  const output = createOutput({ json: false, quiet: false, verbose: false, env: { TERM: 'xterm' }, ...options, stdout, stderr })
  return { told, output }
}

test('a table is aligned on a terminal and tab-separated when piped, colours not counted', () => {
  const piped = capture(false)
  piped.output.table([
    ['a', 'bb'],
    ['ccc', 'd'],
  ])
  assert.equal(piped.told.out, 'a\tbb\nccc\td\n')
  const terminal = capture(true)
  terminal.output.table([
    [terminal.output.paint('good', 'a'), 'bb'],
    ['ccc', 'd'],
  ])
  assert.equal(terminal.told.out, '\u001B[32ma\u001B[39m    bb\nccc  d\n')
})

test('nothing is painted when piped, with NO_COLOR, or on a dumb terminal', () => {
  assert.equal(capture(false).output.paint('bad', 'x'), 'x')
  assert.equal(capture(true, { env: { NO_COLOR: '1' } }).output.paint('bad', 'x'), 'x')
  assert.equal(capture(true, { env: { TERM: 'dumb' } }).output.paint('bad', 'x'), 'x')
  assert.equal(capture(true, { env: { NO_COLOR: '' } }).output.paint('bad', 'x'), '\u001B[31mx\u001B[39m')
})

test('--quiet takes away talk but no data and no errors', () => {
  const { told, output } = capture(false, { quiet: true })
  output.talk('hello')
  output.line('data')
  output.error(new AppError('NO_PEER'))
  assert.equal(told.out, 'data\n')
  assert.match(told.err, /^hyper-store: No device that is on has this; .*\n$/)
})

test('an error is one sentence; JSON with --json; with its stack only with --verbose', () => {
  const error = new AppError('UNKNOWN_FOLDER', { ref: 'a\u001B[2J' })
  const human = capture(false)
  human.output.error(error, 'Error: stack\n at x')
  assert.equal(human.told.err, 'hyper-store: "a\uFFFD[2J" is not kept here; hyper-store list shows what is\n')
  const json = capture(false, { json: true })
  json.output.error(error, 'Error: stack')
  assert.deepEqual(JSON.parse(json.told.err), { error: { code: 'UNKNOWN_FOLDER', message: error.message, data: { ref: 'a\u001B[2J' } } })
  const verbose = capture(false, { verbose: true })
  verbose.output.error(error, 'Error: stack')
  assert.match(verbose.told.err, /\nError: stack\n$/)
})

test('plain() takes the power from names that would move the cursor or turn the direction of text', () => {
  assert.equal(plain('a\u001B[31m\nb\u202Egpj.exe\tÄ 日本'), 'a\uFFFD[31m\uFFFDb\uFFFDgpj.exe\uFFFDÄ 日本')
})
