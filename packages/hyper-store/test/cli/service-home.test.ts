/** The home of a store: its secrets, its lock, and the guards against copies and unclean ends. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockHome } from '../../src/service/home-lock.ts'
import {
  homeAt,
  makeHome,
  readOrCreateIdentitySeed,
  readOrCreateToken,
  readServiceFile,
  removeServiceFile,
  writeServiceFile,
} from '../../src/service/home.ts'
import type { Home } from '../../src/service/home.ts'
import { createRunMarks, readMachine, refuseCopiedStore } from '../../src/service/twin.ts'
import type { Machine } from '../../src/service/twin.ts'

const machine: Machine = { machineId: 'm1', boardId: null, bootId: 'boot1' }
const posix = process.platform !== 'win32'

async function withHome(use: (home: Home, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyper-store-home-'))
  try {
    await use(await makeHome(join(folder, 'home')), folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('a home and its secrets are for the owner alone, and the same at the next start', () =>
  withHome(async (home) => {
    const seed = await readOrCreateIdentitySeed(home)
    const token = await readOrCreateToken(home)
    assert.equal(seed.length, 32)
    assert.match(token, /^[\w-]{43}$/)
    assert.deepEqual(await readOrCreateIdentitySeed(home), seed)
    assert.equal(await readOrCreateToken(home), token)
    if (!posix) return
    for (const folder of [home.folder, home.coresFolder, home.stateFolder]) assert.equal((await stat(folder)).mode & 0o777, 0o700)
    for (const file of [home.identityFile, home.tokenFile]) assert.equal((await stat(file)).mode & 0o777, 0o600)
  }))

test('an identity that is lost or broken beside existing logs is never replaced by a new one', () =>
  withHome(async (home) => {
    await readOrCreateIdentitySeed(home)
    await writeFile(join(home.coresFolder, 'CORESTORE'), '')
    await rm(home.identityFile)
    await assert.rejects(readOrCreateIdentitySeed(home), { code: 'FOLDER_UNREADABLE' })
    await writeFile(home.identityFile, 'abc')
    await assert.rejects(readOrCreateIdentitySeed(home), { code: 'FOLDER_UNREADABLE' })
  }))

test('a home that is a file or cannot be made says so', () =>
  withHome(async (home, folder) => {
    await writeFile(join(folder, 'file'), '')
    await assert.rejects(makeHome(join(folder, 'file')), { code: 'NOT_A_FOLDER' })
    if (!posix || process.getuid?.() === 0) return
    await chmod(home.folder, 0o500)
    await assert.rejects(makeHome(join(home.folder, 'inner')), { code: 'READ_ONLY_DISK' })
  }))

test('service.json is written, read, and removed by the process that it is about', () =>
  withHome(async (home) => {
    const facts = { url: 'http://127.0.0.1:1', pid: 5, deviceKey: 'k', name: 'n', version: '0.1.0', startedAt: '2026-11-22T10:00:00Z' }
    assert.equal(await readServiceFile(home), null)
    await writeServiceFile(home, facts)
    assert.deepEqual(await readServiceFile(home), facts)
    await removeServiceFile(home, 6)
    assert.deepEqual(await readServiceFile(home), facts)
    await removeServiceFile(home, 5)
    assert.equal(await readServiceFile(home), null)
    await writeFile(home.serviceFile, '{"url":')
    assert.equal(await readServiceFile(home), null)
  }))

test('a second service on one home is refused with the number of the first, until the first is gone', { timeout: 30_000 }, () =>
  withHome(async (home) => {
    const lock = await lockHome(home)
    await assert.rejects(lockHome(home), { code: 'HOME_LOCKED', data: { home: home.folder, pid: process.pid } })
    await lock.release()
    await lock.release()
    await using again = await lockHome(home)
    assert.ok(again)
  }),
)

test('the lock of a killed process is free', { timeout: 30_000 }, () =>
  withHome(async (home) => {
    const modules = ['home-lock', 'home'].map((name) => JSON.stringify(new URL(`../../src/service/${name}.js`, import.meta.url).href))
    const script = `const { lockHome } = await import(${modules[0]}); const { homeAt } = await import(${modules[1]})
      await lockHome(homeAt(${JSON.stringify(home.folder)})); console.log('locked'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(child.stdout, 'data')
      await assert.rejects(lockHome(home), { code: 'HOME_LOCKED', data: { home: home.folder, pid: child.pid } })
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await using lock = await lockHome(home)
    assert.ok(lock)
    // Reading the file, as a refused service does, must not give our lock away.
    assert.equal(await readFile(home.lockFile, 'utf8'), `${process.pid}\n`)
    await assert.rejects(lockHome(home), { code: 'HOME_LOCKED' })
  }),
)

test('a copied home is refused, a renamed one is not, a moved one is bound anew', () =>
  withHome(async (home, folder) => {
    assert.deepEqual(await refuseCopiedStore(home, { machine, moved: false }), { moved: false })
    assert.deepEqual(await refuseCopiedStore(home, { machine, moved: false }), { moved: false })
    assert.doesNotMatch(await readFile(home.machineFile, 'utf8'), /"m1"/)

    await cp(home.folder, join(folder, 'copy'), { recursive: true, preserveTimestamps: true })
    const copy = homeAt(join(folder, 'copy'))
    await assert.rejects(refuseCopiedStore(copy, { machine, moved: false }), { code: 'STORE_COPIED' })
    await rename(home.folder, join(folder, 'renamed'))
    await refuseCopiedStore(homeAt(join(folder, 'renamed')), { machine, moved: false })

    assert.deepEqual(await refuseCopiedStore(copy, { machine, moved: true }), { moved: true })
    assert.deepEqual(await refuseCopiedStore(copy, { machine, moved: false }), { moved: false })
  }))

test('a home on another machine, or on the twin of a cloned disk, is refused; unknown marks refuse nothing', () =>
  withHome(async (home) => {
    await refuseCopiedStore(home, { machine: { ...machine, boardId: 'b1' }, moved: false })
    const elsewhere = (other: Partial<Machine>) =>
      refuseCopiedStore(home, { machine: { ...machine, boardId: 'b1', ...other }, moved: false })
    await assert.rejects(elsewhere({ machineId: 'm2' }), { code: 'STORE_COPIED' })
    await assert.rejects(elsewhere({ boardId: 'b2' }), { code: 'STORE_COPIED' })
    await elsewhere({ machineId: null, boardId: null, bootId: 'other boot' })
    await elsewhere({})
    // A mark that a crash cut short is written again.
    await writeFile(home.machineFile, '')
    await elsewhere({ machineId: 'm3' })
    await elsewhere({ machineId: 'm3' })
    // Logs that came without any mark were copied.
    await writeFile(join(home.coresFolder, 'CORESTORE'), '')
    await rm(home.machineFile)
    await assert.rejects(elsewhere({}), { code: 'STORE_COPIED' })
    assert.deepEqual(await refuseCopiedStore(home, { machine, moved: true }), { moved: true })
  }))

test('the end of the last run is told: clean, process died, machine stopped', () =>
  withHome(async (home) => {
    const marks = createRunMarks(home, machine)
    assert.equal(await marks.wasUnclean(), 'clean')
    await marks.markStarted()
    assert.equal(await createRunMarks(home, machine).wasUnclean(), 'process-died')
    assert.equal(await createRunMarks(home, { ...machine, bootId: 'boot2' }).wasUnclean(), 'machine-stopped')
    await writeFile(join(home.coresFolder, 'data'), 'x')
    await marks.markStopped()
    assert.equal(await createRunMarks(home, { ...machine, bootId: 'boot2' }).wasUnclean(), 'clean')
    await writeFile(home.runFile, '')
    assert.equal(await marks.wasUnclean(), 'machine-stopped')
  }))

test('where only the clock tells of the start, a minute more or less is the same start', () =>
  withHome(async (home) => {
    await createRunMarks(home, { ...machine, bootId: 'clock 1000' }).markStarted()
    assert.equal(await createRunMarks(home, { ...machine, bootId: 'clock 1030' }).wasUnclean(), 'process-died')
    assert.equal(await createRunMarks(home, { ...machine, bootId: 'clock 1100' }).wasUnclean(), 'machine-stopped')
  }))

test('this machine tells the same of itself each time', async () => {
  const facts = await readMachine()
  assert.deepEqual(await readMachine(), facts)
  assert.ok(facts.bootId.length > 8)
})
