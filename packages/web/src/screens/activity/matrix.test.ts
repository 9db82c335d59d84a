/** The map of devices and folders. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item, ItemDevice } from '@hyper-store/client'
import { matrixOf } from './matrix.ts'

const device = (key: string, more: Partial<ItemDevice> = {}): ItemDevice => ({
  name: key,
  key,
  role: 'device',
  version: 1,
  complete: false,
  at: null,
  live: false,
  progress: 0,
  ...more,
})
const item = (key: string, devices: readonly ItemDevice[]): Item => ({
  kind: 'folder',
  link: `hyper://${key}`,
  key,
  path: null,
  title: key,
  mode: 'keep',
  version: 1,
  files: 1,
  bytes: 1,
  state: 'up-to-date',
  progress: 1,
  peers: 0,
  private: false,
  role: 'keeper',
  devices: [...devices],
  bytesPerSecond: 0,
  secondsLeft: null,
  problem: null,
})

test('each device is one column, with what it holds in all; a folder that is not for it has no cell', () => {
  const self = device('laptop', { role: 'this', complete: true, live: true })
  const { columns, rows } = matrixOf([
    item('photos', [device('phone', { at: '2026-11-22T10:00:00Z' }), self, device('pi', { role: 'provider', complete: true })]),
    item('letters', [self, device('phone', { at: '2026-11-23T10:00:00Z', live: true, complete: true })]),
  ])
  assert.deepEqual(
    columns.map(({ name, whole, all, live, at }) => [name, whole, all, live, at]),
    [
      ['laptop', 2, 2, true, null],
      ['pi', 1, 1, false, null],
      ['phone', 1, 2, true, '2026-11-23T10:00:00Z'],
    ],
  )
  assert.deepEqual(
    rows.map(({ item: { title }, cells, copies }) => [title, cells.map((cell) => cell?.complete ?? null), copies]),
    [
      ['photos', [true, true, false], 2],
      ['letters', [true, null, true], 2],
    ],
  )
  assert.deepEqual(matrixOf([]), { columns: [], rows: [] })
})
