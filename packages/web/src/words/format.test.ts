/** How the page says numbers and states. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item } from '@hyper-store/client'
import { byteWords, factWords, leftWords, shareWords, visibleName } from './format.ts'

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

test('a name shows the signs that would hide, break or turn it, and nothing else of it changes', () => {
  assert.equal(visibleName('invoice\u202Egnp.exe'), 'invoice\uFFFDgnp.exe')
  assert.equal(visibleName('a\nb\tc\0d\u007Fe\u0085f'), 'a\u240Ab\u2409c\u2400d\u2421e\uFFFDf')
  assert.equal(visibleName('\u200E\u200F\u061C\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069\u2028\u2029'), '\uFFFD'.repeat(13))
  for (const name of ['Grüße aus 東京.jpg', 'مرحبا.txt', '👩‍👩‍👧.png', '<b>&amp;</b>', '  ']) assert.equal(visibleName(name), name)
})

test('a folder is said in one line, without a count of files where nobody can read them', () => {
  assert.equal(factWords(item), '1,234 files, 1.0 MB · /home/ann/photos')
  assert.equal(factWords({ ...item, files: 1, private: true, path: null }), '1 file, 1.0 MB · private')
  assert.equal(factWords({ ...item, mode: 'keep-blind', private: true, path: null }), '1.0 MB · kept without being readable here')
})
