/** What browsers say of a request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFromBrowser, siteOf } from './sites.ts'

const marks = (origin?: string, secFetchSite?: string) => ({ origin, secFetchSite, otherMarks: false, authority: 'localhost:3472' })

test('siteOf() takes only this authority for its own origin', () => {
  assert.equal(siteOf(marks('http://localhost:3472')), 'own')
  assert.equal(siteOf(marks('https://localhost:3472', 'same-origin')), 'own')
  for (const origin of [
    'null',
    '',
    'http://localhost',
    'http://evil.example',
    'http://localhost:3472.evil.example',
    'http://localhost:3472/',
    'file://localhost:3472',
  ]) {
    assert.equal(siteOf(marks(origin)), 'cross', origin)
  }
  assert.equal(siteOf({ ...marks('http://pi.local'), authority: 'pi.local:80' }), 'own')
})

test('siteOf() believes Sec-Fetch-Site where no Origin is sent', () => {
  for (const site of ['cross-site', 'same-site', 'anything']) assert.equal(siteOf(marks(undefined, site)), 'cross', site)
  assert.equal(siteOf(marks(undefined, 'same-origin')), 'own')
  assert.equal(siteOf(marks(undefined, 'none')), 'unmarked')
  assert.equal(siteOf(marks()), 'unmarked')
  assert.equal(siteOf(marks('http://localhost:3472', 'cross-site')), 'cross')
})

test('isFromBrowser() sees any mark of a browser', () => {
  assert.equal(isFromBrowser(marks()), false)
  assert.equal(isFromBrowser(marks(undefined, 'none')), true)
  assert.equal(isFromBrowser({ ...marks(), otherMarks: true }), true)
})
