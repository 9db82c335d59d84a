/** Stops for safety by their sentences. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '@hyper-store/client'
import { stopOf } from './stops.ts'

const said = (reason: string) =>
  new AppError('STOPPED_FOR_SAFETY', { reason, cure: 'Put them back, or run hyper-store resume --confirm' }).message

test('what a stop is about is read from its sentence, without the words for the command line', () => {
  assert.deepEqual(stopOf(said('7 of 12 files are gone from the disk at once')), {
    cause: 'gone-here',
    gone: 7,
    of: 12,
    reason: '7 of 12 files are gone from the disk at once',
  })
  const all = stopOf(said('All 12 files of the folder are gone from the disk'))
  assert.deepEqual([all.cause, all.gone, all.of], ['gone-here', 12, 12])
  const theirs = stopOf(said('Another device deleted 9 of 12 files at once'))
  assert.deepEqual([theirs.cause, theirs.gone, theirs.of], ['gone-elsewhere', 9, 12])
  assert.equal(stopOf(said('The folder on disk is missing')).cause, 'missing')
  assert.equal(stopOf(said('The folder on disk cannot be read')).cause, 'unreadable')
  assert.equal(stopOf(said('Another folder or disk stands where the folder was')).cause, 'replaced')
  assert.deepEqual(stopOf('Something new. Do this'), { cause: 'other', gone: null, of: null, reason: 'Something new. Do this' })
})
