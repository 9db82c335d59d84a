/** Checks which sides of two cards a connector joins. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sidesBetween } from './sides.ts'

test('a connector joins the sides that face each other', () => {
  const card = (x: number, y: number) => ({ x, y, width: 200, height: 100 })
  assert.deepEqual(sidesBetween(card(0, 0), card(300, 40)), ['right', 'left'])
  assert.deepEqual(sidesBetween(card(300, 40), card(0, 0)), ['left', 'right'])
  assert.deepEqual(sidesBetween(card(0, 0), card(40, 300)), ['bottom', 'top'])
  assert.deepEqual(sidesBetween(card(40, 300), card(0, 0)), ['top', 'bottom'])
})
