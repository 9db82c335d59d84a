/** Blocks of any log: in pieces, as one file, and as they are appended. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import Corestore from 'corestore'
import type { CheckpointLog } from '../../src/core/ports.ts'
import { LogCore } from '../../src/hyper/log-core.ts'
import { PlainCore } from '../../src/hyper/plain-core.ts'

const NO_CHECKPOINTS: CheckpointLog = { putMany: async () => undefined, after: async () => [] }
const WAIT = { timeoutMs: 200 }

async function openCore(encryptionKey: Uint8Array | null = null): Promise<{ core: PlainCore; log: LogCore } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-core-'))
  const store = new Corestore(dir)
  const plain = store.get({ name: 'log', encryptionKey })
  await plain.ready()
  const raw = encryptionKey === null ? plain : store.get({ key: plain.key })
  await raw.ready()
  const log = new LogCore(plain, raw, NO_CHECKPOINTS)
  return {
    core: new PlainCore(log),
    log,
    async [Symbol.asyncDispose]() {
      await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all).toString()
}

for (const [name, key] of [
  ['an open', null],
  ['an encrypted', Buffer.alloc(32, 3)],
] as const) {
  test(`any range of ${name} log is read as of one file`, async () => {
    await using opened = await openCore(key)
    const { core, log } = opened
    const texts = ['one', '', 'two two', 'x', 'the end']
    await log.append(texts.map((text) => Buffer.from(text)))
    const whole = texts.join('')
    assert.deepEqual([core.length, core.byteLength], [5, whole.length])
    for (let start = 0; start <= whole.length; start++)
      for (let end = start; end <= whole.length + 1; end++)
        assert.equal(await textOf(core.read({ start, end }, WAIT)), whole.slice(start, end))
  })
}

test('a page of blocks is at most so many, and none beyond the end', async () => {
  await using opened = await openCore()
  await opened.log.append(['a', 'b', 'c'].map((text) => Buffer.from(text)))
  const indices = async (from: number, limit: number) => (await opened.core.blocks(from, limit, WAIT)).map(({ index }) => index)
  assert.deepEqual([await indices(0, 2), await indices(1, 9), await indices(3, 1), await indices(2 ** 50, 1)], [[0, 1], [1, 2], [], []])
})

test('a page of large blocks ends at 8 MiB, and has one block at least', async () => {
  await using opened = await openCore()
  const large = Buffer.alloc(5 * 1024 * 1024)
  await opened.log.append([large, large])
  assert.equal((await opened.core.blocks(0, 2, WAIT)).length, 1)
})

test('a block that is nowhere is given up after the wait, and the ones before it were read', async () => {
  await using opened = await openCore()
  await opened.log.append(['a', 'b'].map((text) => Buffer.from(text)))
  await opened.log.clear([{ start: 1, end: 2 }])
  await assert.rejects(opened.core.blocks(0, 2, WAIT), { code: 'NO_PEER' })
  assert.equal((await opened.core.blocks(0, 1, WAIT)).length, 1)
})

test('a follower gets what is there and what comes, and ends when it is told to', async () => {
  await using opened = await openCore()
  const { core, log } = opened
  await log.append([Buffer.from('a')])
  const stop = new AbortController()
  const seen: string[] = []
  for await (const { index, bytes } of core.follow(0, { timeoutMs: 200, signal: stop.signal })) {
    seen.push(`${index}${Buffer.from(bytes).toString()}`)
    if (seen.length < 3) await log.append([Buffer.from(String.fromCodePoint(97 + seen.length))])
    else stop.abort()
  }
  assert.deepEqual(seen, ['0a', '1b', '2c'])
})
