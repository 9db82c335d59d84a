/** Keys, pages, columns and cells of tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TableRow } from '@hyper-store/client'
import { cellOf, cellValue } from '@hyper-store/client'
import { editedText, editedValue } from './cells.ts'
import { columnsOf } from './columns.ts'
import { afterSub, compareKeys, crumbsOf, keyBytes } from './keys.ts'
import { boundsOf, isReallyFirst, keyOf, pageOf, turned } from './paging.ts'

const row = (key: string, value: unknown = 1): TableRow => ({ key, type: 'json', value, version: 1, at: null })

test('keys are in the order of their bytes, with sub-databases before what has more letters', () => {
  assert.deepEqual([...keyBytes('a/b%25%2F%')], [97, 0, 98, 37, 47, 37])
  assert.deepEqual(['b', 'a/z', 'ab', 'a', 'é', 'a%01', 'a!'].sort(compareKeys), ['a', 'a/z', 'a%01', 'a!', 'ab', 'b', 'é'])
  assert.ok(compareKeys('posts/2026', afterSub('posts/')) < 0)
  assert.ok(compareKeys('posts!', afterSub('posts/')) > 0)
  assert.deepEqual(crumbsOf('a/b%2Fc/d'), [
    { name: 'a', prefix: 'a/' },
    { name: 'b/c', prefix: 'a/b%2Fc/' },
  ])
})

test('a page knows what lies before and after it, whichever way it was asked for', () => {
  const answer = { rows: [row('c'), row('b')], subs: ['a/'], more: true, version: 7 }
  const last = pageOf({ at: 'last' }, answer)
  assert.deepEqual(last.lines.map(keyOf), ['a/', 'b', 'c'])
  assert.deepEqual([last.hasBefore, last.hasAfter], [true, false])
  assert.deepEqual(turned({ at: 'last' }, last, 'before'), { at: 'before', key: 'a/' })
  assert.equal(turned({ at: 'last' }, last, 'after'), null)
  const first = pageOf({ at: 'first' }, answer)
  assert.deepEqual([first.hasBefore, first.hasAfter], [false, true])
  assert.deepEqual(pageOf({ at: 'from', key: 'a' }, { ...answer, more: false }).hasBefore, true)
  const search = pageOf({ at: 'first' }, { rows: [], subs: [], more: true, version: 7, next: 'm' })
  assert.deepEqual(turned({ at: 'first' }, search, 'after'), { at: 'after', key: 'm' }, 'a search goes on where it paused')
  assert.equal(isReallyFirst({ at: 'before', key: 'x' }, { ...answer, more: false }), true)
  assert.deepEqual(boundsOf({ at: 'after', key: 'posts/' }), { gte: 'posts%01' })
  assert.deepEqual(boundsOf({ at: 'before', key: 'posts/' }), { lt: 'posts/', reverse: true })
})

test('columns are the fields of the page, those that were there before first, and whole values beside them', () => {
  const lines = [{ row: row('1', { name: 'Ann', age: 3 }) }, { row: row('2', { age: 'old', tags: [] }) }]
  assert.deepEqual(columnsOf(lines, ['tags']), [
    { field: 'tags', kinds: ['list'] },
    { field: 'name', kinds: ['text'] },
    { field: 'age', kinds: ['number', 'text'] },
  ])
  assert.deepEqual(columnsOf([...lines, { row: row('3', 'plain') }]).at(-1), { field: null, kinds: [] })
  assert.deepEqual(columnsOf([{ sub: 'a/' }, { row: row('4', [1]) }]), [{ field: null, kinds: [] }])
})

test('what is edited stays text where it was, and means a value elsewhere', () => {
  for (const value of [null, true, 1.5, -0.25, 'word', '007', 'true', '', '{', '"', { a: [1] }, [2]])
    assert.deepEqual(cellValue(cellOf(value)), value)
  assert.equal(editedValue('12', editedText('12')), '12')
  assert.equal(editedValue(12, '13'), 13)
  assert.equal(editedValue(undefined, ''), undefined)
  assert.deepEqual(editedValue({ a: 1 }, editedText({ a: 2 })), { a: 2 })
})
