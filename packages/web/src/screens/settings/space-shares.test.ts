/** The map and sums of space. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FolderSpace } from '@hyper-store/client'
import { mapOf, retentionOf, sumsOf, takenBy } from './space-shares.ts'

const folder = (key: string, more: Partial<FolderSpace>): FolderSpace => ({
  key,
  title: key,
  path: null,
  content: 0,
  stored: 0,
  lent: 0,
  history: 0,
  reclaimable: 0,
  records: 0,
  trash: 0,
  retention: { keep: 'all' },
  reason: null,
  ...more,
})

test('the map has a piece for each kind that takes room, as large as its share, and one of each folder carries the name', () => {
  const folders = [folder('a', { content: 600, history: 200 }), folder('b', { trash: 200 }), folder('c', {})]
  const pieces = mapOf(folders, 1000, 400)
  assert.deepEqual(
    pieces.map(({ key, kind, isMain }) => [key, kind, isMain]),
    [
      ['a', 'content', true],
      ['a', 'history', false],
      ['b', 'trash', true],
    ],
  )
  const area = (at: number) => (pieces[at]?.width ?? 0) * (pieces[at]?.height ?? 0)
  assert.ok(Math.abs(area(0) / (area(0) + area(1) + area(2)) - 0.6) < 0.03)
  for (const { x, y, width, height } of pieces) assert.ok(x >= 0 && y >= 0 && x + width <= 1000 && y + height <= 400)
  assert.deepEqual(sumsOf(folders), { content: 600, history: 200, trash: 200, records: 0 })
  assert.equal(takenBy(folders[0] ?? folder('', {})), 800)
  assert.deepEqual(mapOf([], 10, 10), [])
})

test('a retention is taken only with a number that makes sense', () => {
  assert.deepEqual(retentionOf('all', 'x'), { keep: 'all' })
  assert.deepEqual(retentionOf('versions', ' 3 '), { keep: 'versions', versions: 3 })
  assert.deepEqual(retentionOf('days', '30'), { keep: 'days', days: 30 })
  for (const typed of ['', '0', '-1', '1.5', '99999']) assert.equal(retentionOf('days', typed), null)
})
