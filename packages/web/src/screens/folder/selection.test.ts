/** What presses and keys choose. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveTo, NOTHING, press, pressAll, withoutGone } from './selection.ts'

const rows = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path }))
const chosen = ({ chosen }: { chosen: ReadonlySet<string> }) => [...chosen].sort().join('')

test('a press chooses one, with ctrl one more or less, with shift a range from the last', () => {
  let selection = press(NOTHING, rows, 1, {})
  assert.equal(chosen(selection), 'b')
  selection = press(selection, rows, 3, { toggle: true })
  assert.equal(chosen(selection), 'bd')
  selection = press(selection, rows, 1, { toggle: true })
  assert.equal(chosen(selection), 'd')
  selection = press(press(selection, rows, 1, {}), rows, 3, { range: true })
  assert.equal(chosen(selection), 'bcd')
  selection = press(selection, rows, 0, { range: true })
  assert.equal(chosen(selection), 'ab', 'a range is drawn anew from where it began')
})

test('keys move, stretch, and stop at the ends', () => {
  let selection = moveTo(NOTHING, rows, 0, {})
  assert.equal(selection.active, 'a')
  selection = moveTo(selection, rows, -1, {})
  assert.equal(selection.active, 'a')
  selection = moveTo(selection, rows, 2, { range: true })
  assert.equal(chosen(selection), 'abc')
  selection = moveTo(selection, rows, 99, { toggle: true })
  assert.deepEqual([selection.active, chosen(selection)], ['e', 'abc'])
})

test('what is gone is no longer chosen, and nothing else changes', () => {
  const all = pressAll(NOTHING, rows)
  assert.equal(withoutGone(all, rows), all)
  assert.equal(chosen(withoutGone(all, rows.slice(2))), 'cde')
})
