/** Properties of the keys of tables as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { afterPrefix, compareKeys, keyBytes, keyText, startsWith, subOf } from './table-keys.ts'

const bytes = fc.uint8Array({ maxLength: 40 })

test('the text of any key gives its bytes back, and has nothing that a terminal would obey', () => {
  fc.assert(
    fc.property(bytes, (key) => {
      assert.deepEqual(keyBytes(keyText(key)), key)
      assert.ok(!/\p{Cc}/u.test(keyText(key)))
    }),
  )
})

test('a key that is plain text is shown as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      if (/[\p{Cc}\p{Cs}%/]/u.test(text)) return
      assert.equal(keyText(keyBytes(text)), text)
    }),
  )
})

test('a slash stands for the zero byte, and what else is special is escaped', () => {
  assert.deepEqual(keyBytes('posts/2026'), new Uint8Array(Buffer.from('posts\u00002026')))
  assert.equal(keyText(Buffer.from('a/b%c\0d')), 'a%2Fb%25c/d')
  assert.equal(keyText(Buffer.from([0xff, 0x41, 0xc3])), '%FFA%C3')
  assert.deepEqual(keyBytes('%2f%zz%'), new Uint8Array(Buffer.from('/%zz%')))
  assert.equal(keyText(Buffer.from('\uFEFFa')), '\uFEFFa')
})

test('all keys with a prefix, and no others, lie between it and what comes after it', () => {
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      const end = afterPrefix(prefix)
      const isBetween = compareKeys(key, prefix) >= 0 && (end === null || compareKeys(key, end) < 0)
      assert.equal(isBetween, startsWith(key, prefix))
    }),
  )
})

test('the order of keys is that of their bytes', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(a, b))))
})

test('the sub-database of a key is its first name below the prefix', () => {
  const sub = (key: string, prefix: string) => {
    const found = subOf(keyBytes(key), keyBytes(prefix))
    return found === null ? null : keyText(found)
  }
  assert.equal(sub('posts/2026/a', ''), 'posts/')
  assert.equal(sub('posts/2026/a', 'posts/'), 'posts/2026/')
  assert.equal(sub('posts/2026/a', 'posts/20'), 'posts/2026/')
  assert.equal(sub('posts/a', 'posts/'), null)
})
