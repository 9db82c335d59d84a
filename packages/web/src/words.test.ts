/** How the page says numbers and states. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item, ItemDevice } from '@hyper-store/client'
import { byteWords, factWords, heldWords, leftWords, shareWords, summaryWords } from './words.ts'

const device: ItemDevice = { name: 'pi', key: 'k', role: 'provider', version: 3, complete: false, at: null, live: false, progress: 0 }
const item: Item = {
  kind: 'folder',
  link: 'hyper://k',
  key: 'k',
  path: '/home/ann/photos',
  title: 'photos',
  mode: 'send-receive',
  version: 3,
  files: 1234,
  bytes: 999_960,
  state: 'up-to-date',
  progress: 1,
  peers: 0,
  private: false,
  role: 'owner',
  devices: [],
  bytesPerSecond: 0,
  secondsLeft: null,
  problem: null,
}

test('sizes, shares and times round to what is true', () => {
  assert.deepEqual([0, 999, 1000, 99_940, 999_960, 1.5e9, 2e18].map(byteWords), [
    '0 B',
    '999 B',
    '1.0 kB',
    '99.9 kB',
    '1.0 MB',
    '1.5 GB',
    '2000 PB',
  ])
  assert.deepEqual([0, 0.999, 1].map(shareWords), ['0 %', '99 %', '100 %'])
  assert.deepEqual([0.2, 59, 90, 7500, 200_000].map(leftWords), ['1 s left', '59 s left', '2 min left', '2 h 5 min left', '2 days left'])
})

test('a device is said to have everything only when it has, and when that was heard', () => {
  const now = new Date('2026-11-03T12:00:00')
  assert.equal(heldWords(device, now), 'not heard of yet')
  assert.equal(heldWords({ ...device, live: true, progress: 0.999 }, now), 'has 99 %')
  assert.equal(heldWords({ ...device, live: true, complete: true, progress: 1 }, now), 'has everything · online')
  assert.match(heldWords({ ...device, complete: true, at: '2026-11-02T10:32:00Z' }, now), /^has everything · seen .*2/)
  assert.match(heldWords({ ...device, at: '2026-11-02T10:32:00Z' }, now), /^behind · seen /)
})

test('a folder is said in one line, without a count of files where nobody can read them', () => {
  assert.equal(factWords(item), '1,234 files, 1.0 MB · /home/ann/photos')
  assert.equal(factWords({ ...item, files: 1, private: true, path: null }), '1 file, 1.0 MB · private')
  assert.equal(factWords({ ...item, mode: 'keep-blind', private: true, path: null }), '1.0 MB · kept without being readable here')
})

test('all folders are said in one sentence', () => {
  assert.equal(summaryWords([item]), '1 folder, 1.0 MB · up to date')
  assert.equal(summaryWords([item, item]), '2 folders, 2.0 MB · all up to date')
  assert.equal(
    summaryWords([item, { ...item, state: 'syncing' }, { ...item, state: 'error' }]),
    '3 folders, 3.0 MB · 1 syncing · 1 needs you',
  )
})
