import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareTexts, pairsOf, textOf } from './text-diff.ts'

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`)
const text = (...lines: string[]): string => `${lines.join('\n')}\n`

test('lines that went and came are told with their numbers, and what stays around them', async () => {
  const before = text(...numbered(1, 20))
  const after = text(...numbered(1, 9), 'ten', ...numbered(11, 20), 'more')
  const pieces = await compareTexts(before, after)
  assert.deepEqual(
    pieces?.map(({ skipped, lines }) => [
      skipped,
      lines.filter(({ op }) => op !== 'same').map(({ op, text: said, before: b, after: a }) => [op, said, b, a]),
    ]),
    [
      [
        6,
        [
          ['delete', 'line 10', 10, null],
          ['add', 'ten', null, 10],
        ],
      ],
      [4, [['add', 'more', null, 21]]],
    ],
  )
})

test('side by side, what came stands beside what went', async () => {
  const [piece] = (await compareTexts(text('a', 'b', 'c'), text('a', 'x', 'y', 'c'))) ?? []
  assert.deepEqual(
    pairsOf(piece?.lines ?? []).map(({ left, right }) => [left?.text ?? null, right?.text ?? null]),
    [
      ['a', 'a'],
      ['b', 'x'],
      [null, 'y'],
      ['c', 'c'],
    ],
  )
})

test('equal texts have no pieces, and a missing line end is no line', async () => {
  assert.deepEqual(await compareTexts('a\n', 'a\n'), [])
  const [piece] = (await compareTexts('a', 'b')) ?? []
  assert.deepEqual(
    piece?.lines.map(({ op, text: said }) => [op, said]),
    [
      ['delete', 'a'],
      ['add', 'b'],
    ],
  )
})

test('bytes that are no text are told', () => {
  assert.equal(textOf(new Uint8Array([104, 195, 188]).buffer), 'hü')
  assert.equal(textOf(new Uint8Array([255, 254, 0]).buffer), null)
  assert.equal(textOf(new Uint8Array([97, 0]).buffer), null)
})
