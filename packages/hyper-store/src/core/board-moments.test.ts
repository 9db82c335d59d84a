/** Tests of the moments of a board. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentsOf } from './board-moments.ts'

const MINUTE = 60_000

test('blocks without a pause are one moment, newest first, with everybody who wrote', () => {
  const blocks = [
    { log: 'ana', time: 0 },
    { log: 'ben', time: 2 * MINUTE },
    { log: 'ana', time: 20 * MINUTE },
    { log: 'ana', time: 21 * MINUTE },
  ]
  assert.deepEqual(momentsOf(blocks), [
    { since: 20 * MINUTE, at: 21 * MINUTE, edits: 2, logs: ['ana'] },
    { since: 0, at: 2 * MINUTE, edits: 2, logs: ['ben', 'ana'] },
  ])
})

test('an hour of steady work is several moments', () => {
  const blocks = Array.from({ length: 61 }, (_, at) => ({ log: 'ana', time: at * MINUTE }))
  assert.deepEqual(
    momentsOf(blocks).map(({ since, at }) => [since / MINUTE, at / MINUTE]),
    [
      [30, 60],
      [0, 29],
    ],
  )
})

test('of a very long history the newest five hundred moments are told', () => {
  const blocks = Array.from({ length: 600 }, (_, at) => ({ log: 'ana', time: at * 10 * MINUTE }))
  const moments = momentsOf(blocks)
  assert.equal(moments.length, 500)
  assert.equal(moments[0]?.at, 599 * 10 * MINUTE)
})
