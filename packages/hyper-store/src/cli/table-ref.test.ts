import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client, RowsPage } from '@hyper-store/client'
import * as fc from 'fast-check'
import { checkedKey, pagesOf, tableRef } from './table-ref.ts'
import type { RowsWish } from './table-ref.ts'

const KEY = `${'y'.repeat(51)}o`

test('a table is a link, with a version or the name of a table in a shared folder, or a title', () => {
  assert.deepEqual(tableRef('contacts'), { ref: 'contacts', version: null })
  assert.deepEqual(tableRef(KEY), { ref: `hyper://${KEY}`, version: null })
  assert.deepEqual(tableRef(`hyper://${KEY}+3/our todo#${KEY}`, '3'), { ref: `hyper://${KEY}/our%20todo#${KEY}`, version: 3 })
  assert.deepEqual(tableRef('contacts', '7'), { ref: 'contacts', version: 7 })
  assert.throws(() => tableRef(`${KEY}+3`, '4'), { code: 'USAGE' })
  assert.throws(() => tableRef('contacts', 'x'), { code: 'USAGE' })
  assert.throws(() => tableRef('hyper://nothing'), { code: 'BAD_LINK' })
})

test('a key has at most 4096 bytes, where an escape is one', () => {
  assert.equal(checkedKey('%00'.repeat(4096)).length, 3 * 4096)
  for (const key of ['', 'é'.repeat(2049)]) assert.throws(() => checkedKey(key), { code: 'BAD_VALUE' })
})

/** Bytes as the text of Latin 1, whose order is theirs; the keys of this test have no other characters. */
const raw = (key: string) => key.replaceAll('/', '\0').replaceAll('%2F', '/')
const text = (bytes: string) => bytes.replaceAll('/', '%2F').replaceAll('\0', '/')

/** Rows in memory that come two or three at a time, whatever is asked for. */
function smallPages(keys: readonly string[]): Pick<Client, 'getRows'> {
  const sorted = keys.map(raw).toSorted((a, b) => (a < b ? -1 : 1))
  const getRows = async (_: string, query: Record<string, string | boolean | undefined> = {}): Promise<RowsPage> => {
    const bound = (name: string) => (typeof query[name] === 'string' ? raw(query[name]) : null)
    const [prefix, gt, gte, lt, lte] = [bound('prefix') ?? '', bound('gt'), bound('gte'), bound('lt'), bound('lte')]
    const found = sorted.filter(
      (key) =>
        key.startsWith(prefix) &&
        (gt === null || key > gt) &&
        (gte === null || key >= gte) &&
        (lt === null || key < lt) &&
        (lte === null || key <= lte),
    )
    const page = { rows: [] as RowsPage['rows'], subs: [] as string[], more: false, version: 9 }
    const most = Math.min(Number(query['limit']), 2 + (found.length % 2))
    for (const key of query['reverse'] === true ? found.toReversed() : found) {
      const end = query['shallow'] === true ? key.indexOf('\0', prefix.length) : -1
      const sub = end < 0 ? null : text(key.slice(0, end + 1))
      if (sub !== null && page.subs.includes(sub)) continue
      page.more = page.rows.length + page.subs.length >= most
      if (page.more) break
      if (sub === null) page.rows.push({ key: text(key), type: 'json', value: 1, version: 1, at: null })
      else page.subs.push(sub)
    }
    return page
  }
  return { getRows: getRows as Client['getRows'] }
}

test('pages follow each other without a gap, in both directions, over sub-databases and odd names', async () => {
  const key = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b', '/', '%2F', '!') })
  const optional = fc.option(key, { nil: undefined })
  const wish = fc.record({
    prefix: optional,
    gt: optional,
    gte: optional,
    lt: optional,
    lte: optional,
    reverse: fc.boolean(),
    shallow: fc.boolean(),
  })
  const property = fc.asyncProperty(
    fc.uniqueArray(key, { maxLength: 14 }),
    wish,
    fc.integer({ min: 1, max: 20 }),
    async (keys, given, most) => {
      const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as RowsWish
      const client = smallPages(keys) as Client
      const seen: string[] = []
      const options = { signal: new AbortController().signal, most }
      for await (const page of pagesOf(client, { ref: 't', version: null }, wanted, options)) {
        seen.push(...page.rows.map((row) => row.key), ...page.subs)
      }
      const expected = keys.filter((one) => {
        const [at, gt, gte, lt, lte] = [raw(one), wanted.gt, wanted.gte, wanted.lt, wanted.lte]
        if (!at.startsWith(raw(wanted.prefix ?? '')) || (gt !== undefined && at <= raw(gt)) || (gte !== undefined && at < raw(gte)))
          return false
        return !((lt !== undefined && at >= raw(lt)) || (lte !== undefined && at > raw(lte)))
      })
      const named = expected.map((one) => {
        const end = wanted.shallow === true ? raw(one).indexOf('\0', raw(wanted.prefix ?? '').length) : -1
        return end < 0 ? `row ${one}` : `sub ${text(raw(one).slice(0, end + 1))}`
      })
      const all = [...new Set(named)]
      assert.equal(seen.length, Math.min(most, all.length))
      if (most >= all.length) assert.deepEqual(seen.toSorted(), all.map((one) => one.slice(4)).toSorted())
    },
  )
  await fc.assert(property, { numRuns: 400 })
})

test('a search goes on after the key that a page names, be the page empty', async () => {
  const asked: (string | undefined)[] = []
  const getRows = async (_: string, { gt }: { gt?: string } = {}): Promise<RowsPage> => {
    asked.push(gt)
    const next = { undefined: 'f', f: 'm', m: undefined }[String(gt)]
    return { rows: [], subs: [], more: next !== undefined, version: 3, ...(next === undefined ? {} : { next }) }
  }
  const pages = pagesOf(
    { getRows } as unknown as Client,
    { ref: 't', version: null },
    { match: 'x' },
    { signal: AbortSignal.timeout(10_000) },
  )
  let count = 0
  for await (const _ of pages) count++
  assert.deepEqual([count, asked], [3, [undefined, 'f', 'm']])
})
