/** Lists of links: what is on them is kept, what leaves them is not, and a store offers what its owner says. */
import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { FollowedList, Item } from '@hyper-store/client'
import { pairWith, runningStore, share } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

describe('lists', { timeout: 100_000 }, () => {
  let stores: Stores
  let a: TestStore
  let b: TestStore
  const links: string[] = []

  before(async () => {
    stores = await createStores()
    a = await runningStore(stores, 'a')
    b = await runningStore(stores, 'b')
    for (const name of ['one', 'two', 'three']) {
      await mkdir(path.join(a.dir, name))
      await writeFile(path.join(a.dir, name, 'file.txt'), name)
      links.push((await share(a, name)).link)
    }
  })
  after(async () => stores[Symbol.asyncDispose]())

  const kept = async (): Promise<string[]> => (await b.json<Item>(['list'])).map(({ link }) => link).sort()
  const until = async (wanted: readonly string[]) => {
    const sorted = [...wanted].sort()
    for (const deadline = Date.now() + 20_000; ;) {
      const now = await kept()
      if (JSON.stringify(now) === JSON.stringify(sorted)) return
      assert.ok(Date.now() < deadline, `kept: ${now.join(' ')}`)
    }
  }

  it('keeps the links of a file and follows it; what somebody asked for stays', async () => {
    const [one = '', two = '', three = ''] = links
    const file = path.join(b.dir, 'links.txt')
    await writeFile(file, `# what we keep\n${one}\nno link at all\n\n${two} # the second\n`)
    const [list] = await b.json<FollowedList>(['lists', 'follow', './links.txt'])
    assert.deepEqual(list?.links, [one, two])
    assert.equal(list?.problem?.code, 'BAD_LINK')
    assert.match(list?.problem?.message ?? '', /line 3/)
    await until([one, two])

    await b.ok(['add', two])
    await writeFile(file, JSON.stringify([three]))
    await until([two, three])

    // An empty list is more likely a mishap than a wish.
    await writeFile(file, '')
    for (const deadline = Date.now() + 20_000; ;) {
      const [now] = await b.json<FollowedList>(['lists'])
      if (now?.problem?.code === 'STOPPED_FOR_SAFETY') break
      assert.ok(Date.now() < deadline, JSON.stringify(now))
    }
    await until([two, three])

    // A list that can't be read changes nothing.
    await rm(file)
    const again = await b.json<FollowedList>(['lists', 'follow', './links.txt'])
    assert.equal(again[0]?.id, list?.id)
    await b.stop()
    await b.serve()
    await until([two, three])
    await b.ok(['lists', 'unfollow', './links.txt'])
    assert.deepEqual(await b.json(['lists']), [])
    await until([two, three])
    assert.equal((await b.run(['lists', 'unfollow', 'nothing'])).code, 6)
    assert.notEqual((await b.run(['lists', 'follow', './nothing.txt'])).code, 0)
  })

  it('offers what is listed, and another store can follow that', async () => {
    const [one = '', two = '', three = ''] = links
    assert.deepEqual((await a.json<{ links: unknown[] }>(['list', '--public']))[0]?.links, [])
    await a.ok(['mode', 'one', '--listed'])
    assert.deepEqual((await a.json<{ links: unknown[] }>(['list', '--public']))[0]?.links, [{ link: one, title: 'one' }])
    const [list] = await b.json<FollowedList>(['lists', 'follow', a.url])
    assert.deepEqual(list?.links, [one])
    await until([one, two, three])

    await mkdir(path.join(a.dir, 'secret'))
    await a.ok(['add', 'secret', '--private'])
    assert.notEqual((await a.run(['mode', 'secret', '--listed'])).code, 0)
    await a.ok(['mode', 'one', '--unlisted'])
    assert.deepEqual((await a.json<{ links: unknown[] }>(['list', '--public']))[0]?.links, [])
  })

  it('keeps the links of a table, be they keys or values, and follows it', async () => {
    const [one = '', two = '', three = ''] = links
    const [table] = await a.json<{ link: string }>(['bee', 'create', 'seeds'])
    const link = table?.link ?? ''
    for (const key of [one, two]) await a.ok(['bee', 'put', link, key, '{"type":"drive","description":"a thing"}'])
    await a.ok(['bee', 'put', link, 'note', 'not a link'])
    const c = await runningStore(stores, 'c')
    await pairWith(c, a)
    await c.ok(['add', link])
    await c.ok(['lists', 'follow', link])
    await a.ok(['bee', 'put', link, 'third', three])
    for (const deadline = Date.now() + 20_000; ;) {
      const now = (await c.json<Item>(['list'])).map((item) => item.link)
      if ([one, two, three].every((wanted) => now.includes(wanted))) break
      assert.ok(Date.now() < deadline, now.join(' '))
    }
  })
})
