import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, property, string } from 'fast-check'
import { decodePart, encodePart, folderPlace, parseFolderPlace } from './places.ts'

test('any text comes back from its part of an address, which has no sign that the router would read', () => {
  check(
    property(string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const part = encodePart(text)
      assert.doesNotMatch(part, /[%/?#]/)
      assert.equal(decodePart(part), text)
    }),
  )
})

test('names that look like escapes come back as they are', () => {
  for (const name of ['100%25', '~7E', '~', '%', 'a#b?c', '..', '\u202Egnp.exe']) assert.equal(decodePart(encodePart(name)), name)
})

test('a part that is malformed is no text', () => assert.equal(decodePart('~zz'), null))

test('a place of a folder comes back from its address', () => {
  for (const place of [
    { part: 'files', path: '', version: null },
    { part: 'files', path: 'a b/ü~', version: null },
    { part: 'view', path: 'x/100%.jpg', version: 12 },
    { part: 'files', path: '', version: 3 },
    { part: 'people', path: '', version: null },
  ] as const) {
    assert.deepEqual(parseFolderPlace(folderPlace('key', place).slice('/folders/key'.length)), place)
  }
})

test('an address that makes no sense is none', () => {
  for (const rest of ['/at/x/files', '/nothing', '/files/~zz']) assert.equal(parseFolderPlace(rest), null)
})
