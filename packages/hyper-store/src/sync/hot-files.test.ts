/** Large files that change often wait before they are read again; nothing waits for ever. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FolderPath, LocalFile } from '../core/entries.ts'
import { HotFiles } from './hot-files.ts'

const PATH = 'video.mov' as FolderPath
const NOW = 1_700_000_000_000
const large = (changedMs: number, mtimeMs = changedMs): LocalFile => ({
  kind: 'file',
  size: 2 * 1024 * 1024,
  mtimeMs,
  ctimeMs: changedMs,
  ino: 1,
  executable: false,
})

test('a small file never waits, however often it was read', () => {
  const hot = new HotFiles()
  for (let n = 0; n < 10; n++) hot.read(PATH, NOW + n)
  assert.equal(hot.waitFor(PATH, { ...large(NOW + 10), size: 1000 }, NOW + 10), 0)
})

test('a large file that was not read lately is read at once', () => {
  const hot = new HotFiles()
  assert.equal(hot.waitFor(PATH, large(NOW), NOW), 0)
  hot.read(PATH, NOW)
  assert.equal(hot.waitFor(PATH, large(NOW + 20_000), NOW + 20_000), 0)
})

test('one save after another waits a moment, and looking again in between does not make it longer', () => {
  const hot = new HotFiles()
  hot.read(PATH, NOW)
  let now = NOW + 3000
  let looks = 0
  for (let wait = 1; wait > 0; looks++) {
    wait = hot.waitFor(PATH, large(NOW + 3000), now)
    now += wait
  }
  assert.ok(now - (NOW + 3000) <= 50, `it waited ${now - NOW - 3000} ms`)
  assert.ok(looks <= 2)
})

test('the wait grows with the readings, up to five seconds', () => {
  const hot = new HotFiles()
  const waits: number[] = []
  for (let now = NOW, n = 0; n < 12; n++) {
    hot.read(PATH, now)
    now += 10
    waits.push(hot.waitFor(PATH, large(now), now))
  }
  assert.deepEqual(waits.slice(0, 4), [40, 80, 160, 320])
  assert.equal(waits.at(-1), 5000)
})

test('a file that is written all the time is read nevertheless', () => {
  const hot = new HotFiles()
  for (let n = 0; n < 12; n++) hot.read(PATH, NOW)
  let now = NOW
  while (now < NOW + 120_000) {
    now += 1000
    if (hot.waitFor(PATH, large(now), now) === 0) break
  }
  assert.ok(now <= NOW + 32_000, `read after ${now - NOW} ms`)
})

test('times that lie in the future do not keep a file from being read', () => {
  const hot = new HotFiles()
  hot.read(PATH, NOW)
  const local = large(NOW + 900_000, NOW + 900_000)
  const wait = hot.waitFor(PATH, local, NOW + 1000)
  assert.ok(wait > 0 && wait <= 5000)
  assert.equal(hot.waitFor(PATH, local, NOW + 1000 + wait), 0)
})
