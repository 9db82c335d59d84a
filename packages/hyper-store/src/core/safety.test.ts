/** Tests of the safety stops. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSafety, type SafetyInput } from './safety.ts'

const CALM: SafetyInput = {
  rootState: 'present',
  identityKnown: true,
  syncedFiles: 100,
  localFiles: 100,
  plannedUnpublish: 0,
  plannedRemove: 0,
  confirmed: false,
}
const isOk = (change: Partial<SafetyInput>) => checkSafety({ ...CALM, ...change }).ok

test('checkSafety() lets normal work through', () => {
  assert.equal(isOk({}), true)
  assert.equal(isOk({ plannedUnpublish: 50, localFiles: 50 }), true)
  assert.equal(isOk({ plannedRemove: 50 }), true)
  assert.equal(isOk({ syncedFiles: 9, plannedUnpublish: 8, localFiles: 1 }), true)
  assert.equal(isOk({ syncedFiles: 0, localFiles: 0 }), true)
})

test('checkSafety() stops when the root is missing or unreadable, even when confirmed', () => {
  for (const rootState of ['missing', 'unreadable'] as const) {
    assert.equal(isOk({ rootState }), false)
    assert.equal(isOk({ rootState, confirmed: true }), false)
  }
})

test('checkSafety() stops when another disk stands in the place of a known root', () => {
  assert.equal(isOk({ rootState: 'replaced' }), false)
  assert.equal(isOk({ rootState: 'replaced', identityKnown: false }), true)
  assert.equal(isOk({ rootState: 'replaced', confirmed: true }), true)
})

test('checkSafety() stops when the folder was emptied, however few files it had', () => {
  assert.equal(isOk({ syncedFiles: 1, localFiles: 0, plannedUnpublish: 1 }), false)
  assert.equal(isOk({ syncedFiles: 1, localFiles: 0, plannedUnpublish: 1, confirmed: true }), true)
  assert.equal(isOk({ syncedFiles: 1, localFiles: null, plannedUnpublish: 1 }), true)
})

test('checkSafety() stops when more than half of the files go at once, in either direction', () => {
  assert.equal(isOk({ plannedUnpublish: 51, localFiles: 49 }), false)
  assert.equal(isOk({ plannedUnpublish: 51, localFiles: null }), false)
  assert.equal(isOk({ plannedRemove: 51 }), false)
  assert.equal(isOk({ plannedRemove: 51, confirmed: true }), true)
  assert.equal(isOk({ syncedFiles: 10, plannedRemove: 6 }), false)
})

test('checkSafety() says why and what to do, for a sentence around it', () => {
  const verdict = checkSafety({ ...CALM, plannedRemove: 51 })
  assert(!verdict.ok)
  assert.match(verdict.reason, /51 of 100/u)
  assert.doesNotMatch(verdict.reason, /\.$/u)
  assert.match(verdict.cure, /resume/u)
})
