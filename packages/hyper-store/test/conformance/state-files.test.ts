/** The state's files: newer formats, interrupted migrations, a second opener, damage. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FolderPath } from '../../src/core/entries.ts'
import { MIGRATIONS } from '../../src/state/schema.ts'
import type { Migration } from '../../src/state/schema.ts'
import { openState } from '../../src/state/state.ts'

const next = (MIGRATIONS.at(-1)?.version ?? 0) + 1
const record = { entry: { kind: 'folder', vector: {}, mtimeMs: 0 }, local: null } as const

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hyper-store-state-'))
  try {
    await use(join(home, 'state'))
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Names, sizes and times of a folder's files. */
async function photograph(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).sort()
  return Promise.all(names.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`))
}

test('openState() makes its folder for its owner alone', () =>
  inFolder(async (folder) => {
    await using state = await openState(folder)
    assert.equal(state.repaired, false)
    if (process.platform !== 'win32') assert.equal((await stat(folder)).mode & 0o777, 0o700)
  }))

test('openState() refuses a newer format and touches nothing', () =>
  inFolder(async (folder) => {
    const later: Migration[] = [...MIGRATIONS, { version: next, writes: async () => [] }]
    await (await openState(folder, later)).close()
    const before = await photograph(folder)
    await assert.rejects(openState(folder), { code: 'NEWER_STATE', data: { home: folder, found: next, known: next - 1 } })
    assert.deepEqual(await photograph(folder), before)
    // Without the mark beside it, the version inside the database still refuses.
    await rm(join(folder, 'format'))
    await assert.rejects(openState(folder), { code: 'NEWER_STATE' })
  }))

test('migrations run once, in order, and go on after one failed', () =>
  inFolder(async (folder) => {
    await (await openState(folder)).close()
    const ran: number[] = []
    const step = (version: number, fails = false): Migration => ({
      version,
      writes: async () => {
        if (fails) throw new Error('stopped here')
        ran.push(version)
        return [{ type: 'put', key: `setting!step${version}`, value: 'true' }]
      },
    })
    await assert.rejects(openState(folder, [...MIGRATIONS, step(next), step(next + 1, true)]), /stopped here/)
    await using state = await openState(folder, [...MIGRATIONS, step(next), step(next + 1)])
    assert.deepEqual(ran, [next, next + 1])
    assert.equal(await state.settings.get(`step${next}`), true)
    assert.equal(await readFile(join(folder, 'format'), 'utf8'), `${next + 1}\n`)
  }))

test('openState() says that another has the state open', () =>
  inFolder(async (folder) => {
    await using state = await openState(folder)
    assert.equal(state.repaired, false)
    await assert.rejects(openState(folder), { code: 'HOME_LOCKED' })
  }))

test('a damaged state is repaired: settings stay, what can be rebuilt is dropped', () =>
  inFolder(async (folder) => {
    const state = await openState(folder)
    await state.settings.set('name', 'raspberry')
    await state.synced('f1').apply({ put: [['a' as FolderPath, record]], applied: { d: 1 } })
    await state.chunks('d1').putMany([{ hash: new Uint8Array(32), place: { index: 1, byteLength: 1 } }], { rebuilt: 1, sync: true })
    await state.close()
    const files = await readdir(join(folder, 'level'))
    const manifest = files.find((name) => name.startsWith('MANIFEST')) ?? 'missing'
    await truncate(join(folder, 'level', manifest), 3)

    // Stopped between the repair and the end of the clearing: the next start still knows.
    const broken: Migration[] = [...MIGRATIONS, { version: next, writes: () => Promise.reject(new Error('stopped here')) }]
    await assert.rejects(openState(folder, broken), /stopped here/)
    await writeFile(join(folder, 'format'), `${next - 1}\n`)

    await using again = await openState(folder)
    assert.equal(again.repaired, true)
    assert.equal(await again.settings.get('name'), 'raspberry')
    assert.equal(await again.synced('f1').count(), 0)
    assert.equal(await again.synced('f1').get('a' as FolderPath), null)
    assert.equal(await again.synced('f1').applied(), null)
    assert.equal(await again.chunks('d1').rebuilt(), null)
  }))

test('a state that is no folder ends with one clear sentence', () =>
  inFolder(async (folder) => {
    const state = await openState(folder)
    await state.close()
    await rm(join(folder, 'level'), { recursive: true })
    await writeFile(join(folder, 'level'), 'not a folder')
    await assert.rejects(openState(folder), { code: 'FOLDER_UNREADABLE' })
  }))

test('a state that no repair helps ends with one clear sentence', () =>
  inFolder(async (folder) => {
    const state = await openState(folder)
    await state.settings.set('name', 'x'.repeat(2000))
    await state.close()
    // The log is renamed by a repair into an archive; a folder in its place can be neither read nor moved aside by it.
    await rm(join(folder, 'level', 'CURRENT'))
    await mkdir(join(folder, 'level', 'CURRENT'))
    await assert.rejects(openState(folder), (error: { code?: string; message?: string }) => {
      assert.match(error.code ?? '', /^(STATE_DAMAGED|FOLDER_UNREADABLE)$/)
      assert.doesNotMatch(error.message ?? '', /\(no \w+\)/)
      return true
    })
  }))

test('a killed process loses nothing that was acknowledged, and count and records agree', { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const module = JSON.stringify(new URL('../../src/state/state.js', import.meta.url).href)
    const script = `const { openState } = await import(${module})
      const tree = (await openState(${JSON.stringify(folder)})).synced('f1')
      for (let n = 0; ; n++) {
        const put = Array.from({ length: 50 }, (_, i) => ['p' + n + '-' + i, { entry: { kind: 'folder', vector: {}, mtimeMs: n }, local: null }])
        await tree.apply({ put, del: n % 2 ? ['p' + (n - 1) + '-0'] : [], applied: { d: n } })
        console.log(n)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = -1
    for await (const text of child.stdout.setEncoding('utf8')) {
      // The last number may be cut; the one before it is whole.
      acknowledged = Number(String(text).split('\n').slice(0, -1).at(-1) ?? acknowledged)
      if (acknowledged >= 40) child.kill('SIGKILL')
    }
    await using state = await openState(folder)
    const tree = state.synced('f1')
    const applied = (await tree.applied())?.['d'] ?? -1
    assert.ok(applied >= acknowledged, `${applied} of ${acknowledged}`)
    let found = 0
    for await (const [path] of tree.entries()) if (path !== '') found++
    assert.equal(await tree.count(), found)
    assert.equal(found, (applied + 1) * 50 - Math.ceil(applied / 2))
  }),
)

test('calls after close() fail and closing twice is fine', async () => {
  const state = await openState(null)
  await state.close()
  await state.close()
  await assert.rejects(state.settings.get('x'))
})
