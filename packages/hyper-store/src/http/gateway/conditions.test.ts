/** Conditional requests. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpDate, isNotModified, mayUseRange, strongEtag } from './conditions.ts'
import type { Conditions } from './conditions.ts'

const mtimeMs = Date.UTC(2026, 10, 3, 10, 32, 5, 250)
const validators = { etag: '"abc"', mtimeMs }
const date = 'Tue, 03 Nov 2026 10:32:05 GMT'
const none: Conditions = { ifNoneMatch: undefined, ifModifiedSince: undefined, ifRange: undefined }

test('isNotModified() compares tags weakly and takes lists and *', () => {
  for (const ifNoneMatch of ['"abc"', 'W/"abc"', '"x", "abc"', '"a,b","abc"', ' * ']) {
    assert.equal(isNotModified({ ...none, ifNoneMatch }, validators), true, ifNoneMatch)
  }
  for (const ifNoneMatch of ['"abd"', 'abc', '', '"x","y"'])
    assert.equal(isNotModified({ ...none, ifNoneMatch }, validators), false, ifNoneMatch)
})

test('isNotModified() goes by whole seconds, and only when there are no tags', () => {
  assert.equal(httpDate(mtimeMs), date)
  assert.equal(isNotModified({ ...none, ifModifiedSince: date }, validators), true)
  assert.equal(isNotModified({ ...none, ifModifiedSince: 'Tue, 03 Nov 2026 10:32:04 GMT' }, validators), false)
  assert.equal(isNotModified({ ...none, ifModifiedSince: date, ifNoneMatch: '"x"' }, validators), false)
  assert.equal(isNotModified({ ...none, ifModifiedSince: '9999' }, validators), false)
  assert.equal(isNotModified({ ...none, ifModifiedSince: date }, { ...validators, mtimeMs: 0 }), false)
})

test('mayUseRange() wants the very same content', () => {
  assert.equal(mayUseRange(none, validators), true)
  for (const ifRange of ['"abc"', date]) assert.equal(mayUseRange({ ...none, ifRange }, validators), true, ifRange)
  for (const ifRange of ['"abd"', 'W/"abc"', 'Tue, 03 Nov 2026 10:32:06 GMT', 'yesterday', '']) {
    assert.equal(mayUseRange({ ...none, ifRange }, validators), false, ifRange)
  }
})

test('strongEtag() quotes, and escapes what would break the header', () => {
  assert.equal(strongEtag('a-1'), '"a-1"')
  assert.equal(strongEtag('a"\r\nx: y%é'), '"a%22%d%ax:%20y%25%e9"')
})

test('httpDate() knows no date for unknown and impossible times', () => {
  assert.equal(httpDate(0), null)
  assert.equal(httpDate(9e15), null)
})
