/** Model of whole sync loops: a writer and two readers under random histories always converge, and nothing that a user saved is lost. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { openState } from '../../src/state/state.ts'
import '../fixtures/property-seed.ts'
import type { LoopDeed } from './loop-user.ts'
import { historyArb, LoopWorld, type LoopAct, type Who } from './loop-world.ts'

const state = await openState(null)
after(async () => state.close())

const play = async (history: readonly LoopAct[]): Promise<void> => new LoopWorld(state).play(history)

test('whatever happens, writer and readers agree in the end and nothing is lost', async () => {
  await fc.assert(fc.asyncProperty(historyArb, play), { numRuns: Number(process.env['MODEL_RUNS'] ?? 2000), includeErrorInReport: true })
})

describe('histories that once failed', () => {
  const user = (who: Who, deed: LoopDeed, told = true): LoopAct => ({ act: 'user', who, deed, told })
  const write = (path: string): LoopDeed => ({ do: 'write', path, length: 0, replace: false, keepTime: false })
  const run = (ms: number): LoopAct => ({ act: 'run', ms })
  const deliver = (who: Who): LoopAct => ({ act: 'deliver', who, versions: 1000 })

  test('a folder that became a file reaches a reader, although the folder went with its last file', async () => {
    await play([
      user('writer', write('b/a'), false),
      { act: 'rescan', who: 'writer' },
      run(150),
      deliver('reader1'),
      run(150),
      user('writer', { do: 'file-for-folder', path: 'b' }, false),
    ])
  })

  test('a new version that met an edit of the reader comes in the next pass, and not only after a restart', async () => {
    for (let after = 0; after < 60; after++) {
      const meanwhile: LoopAct = { act: 'meanwhile', who: 'reader1', after, deed: write('a'), told: true }
      await play([
        user('writer', write('a')),
        run(150),
        deliver('reader1'),
        run(150),
        user('writer', write('a')),
        run(150),
        meanwhile,
        deliver('reader1'),
        run(5000),
      ])
    }
  })

  test('a file that takes the place of a folder that was once empty takes back what was in it', async () => {
    await play([
      user('writer', { do: 'folder', path: 'a' }),
      run(150),
      user('writer', write('a/b')),
      run(150),
      user('writer', { do: 'file-for-folder', path: 'a' }),
      run(150),
      deliver('reader1'),
    ])
  })

  test('a folder that a file took the place of while it was being made is on record in the end', async () => {
    for (let after = 0; after < 30; after++) {
      await play([
        user('writer', { do: 'folder', path: 'a' }, false),
        user('writer', write('a')),
        run(150),
        { act: 'deliver', who: 'reader1', versions: 1 },
        { act: 'meanwhile', who: 'reader1', after, deed: { do: 'file-for-folder', path: 'a' }, told: false },
        user('writer', { do: 'folder', path: 'a/a' }, false),
        run(0),
        { act: 'deliver', who: 'reader1', versions: 1 },
      ])
    }
  })

  test('a confirmation given while the root is missing ends at once, and once a fault is over the work goes on', async () => {
    await play([
      user('writer', write('a')),
      { act: 'trouble', who: 'writer', after: 22, kind: 'fail' },
      { act: 'root', who: 'writer', missing: true },
      run(5000),
      { act: 'pause', who: 'writer', on: true },
      run(20),
      { act: 'pause', who: 'writer', on: false },
      run(5000),
    ])
  })
})

describe('the loop of a folder', () => {
  test('a root that is missing deletes nothing, even when it vanishes between two looks; when it is back all goes on', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    for (let n = 0; n < 5; n++) world.deed('writer', { do: 'write', path: `f${n}`, length: 0, replace: false, keepTime: false })
    await world.run(200)
    const before = world.folder.history().length
    for (let after = 0; after < 40; after++) {
      writer.armed.push({
        after,
        run: () => {
          writer.setRoot(true)
          return null
        },
      })
      // Not "anything may have changed": a whole scan would tell that the root is gone.
      writer.deliverEvents(true)
      writer.note(['f0', 'f1', 'f2', 'f3', 'f4'])
      writer.deliverEvents()
      await world.run(3000)
      writer.deliverEvents()
      await world.run(3000)
      if (writer.rootMissing) assert.equal(writer.loop.problem?.code, 'STOPPED_FOR_SAFETY', `after ${after} steps`)
      writer.loop.resume({ confirm: true })
      await world.run(5000)
      writer.armed = []
      writer.setRoot(false)
      await world.run(5000)
      assert.equal(writer.loop.problem, null)
      assert.equal(world.folder.history().length, before, `something was published when the root went after ${after} steps`)
    }
    assert.deepEqual(writer.violations, [])
  })

  test('most files gone at once: nothing is unpublished until it is confirmed, however slowly the events come', async () => {
    for (const together of [1, 3, 20]) {
      const world = new LoopWorld(state)
      const { writer } = world.devices
      for (let n = 0; n < 20; n++) world.deed('writer', { do: 'write', path: `f${n}`, length: 0, replace: false, keepTime: false })
      await world.run(200)
      for (let n = 0; n < 20; n++) {
        world.deed('writer', { do: 'delete', path: `f${n}` }, (n + 1) % together === 0)
        if ((n + 1) % together === 0) await world.run(50)
      }
      writer.deliverEvents()
      await world.run(60_000)
      const deletions = () => world.folder.history().filter((record) => record.entry === null).length
      assert.ok(deletions() <= 10, `${deletions()} of 20 files were unpublished, ${together} at a time`)
      assert.equal(writer.loop.problem?.code, 'STOPPED_FOR_SAFETY')
      assert.equal(writer.loop.state, 'stopped')
      writer.loop.resume({ confirm: true })
      await world.run(5000)
      assert.equal(deletions(), 20)
      assert.equal(writer.loop.problem, null)
    }
  })

  test('files that are gone come back from the drives when that is the answer, the rest stays as it is, and nothing is unpublished', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    for (let n = 0; n < 20; n++) world.deed('writer', { do: 'write', path: `f${n}`, length: 0, replace: false, keepTime: false })
    await world.run(200)
    const texts = writer.disk.snapshot()
    for (let n = 0; n < 15; n++) world.deed('writer', { do: 'delete', path: `f${n}` }, false)
    writer.deliverEvents()
    await world.run(10_000)
    assert.equal(writer.loop.problem?.code, 'STOPPED_FOR_SAFETY')
    world.deed('writer', { do: 'write', path: 'f19', length: 3, replace: false, keepTime: false })
    const meanwhile = writer.disk.snapshot()['f19']
    writer.loop.resume({ confirm: false, bringBack: true })
    await world.run(10_000)
    assert.equal(writer.loop.problem, null)
    assert.deepEqual(writer.disk.snapshot(), { ...texts, f19: meanwhile })
    assert.equal(world.folder.history().filter((record) => record.entry === null).length, 0)

    world.deed('writer', { do: 'delete', path: 'f1' })
    await world.run(10_000)
    assert.equal(world.folder.history().filter((record) => record.entry === null).length, 1, 'deletions count again afterwards')
    assert.deepEqual(writer.violations, [])
  })

  test('a mass deletion that another device published is not done here until it is confirmed', async () => {
    const world = new LoopWorld(state)
    const { reader1 } = world.devices
    for (let n = 0; n < 12; n++) world.deed('writer', { do: 'write', path: `f${n}`, length: 0, replace: false, keepTime: false })
    await world.run(200)
    world.folder.deliver('reader1')
    await world.run(200)
    for (let n = 0; n < 12; n++) world.deed('writer', { do: 'delete', path: `f${n}` })
    world.devices.writer.loop.resume({ confirm: true })
    await world.run(5000)
    world.folder.deliver('reader1')
    await world.run(60_000)
    assert.equal(Object.keys(reader1.disk.snapshot()).length, 12)
    assert.equal(reader1.loop.problem?.code, 'STOPPED_FOR_SAFETY')
    reader1.restart()
    await world.run(10_000)
    assert.equal(Object.keys(reader1.disk.snapshot()).length, 12, 'a restart is no confirmation')
    reader1.loop.resume({ confirm: true })
    await world.run(5000)
    assert.equal(Object.keys(reader1.disk.snapshot()).length, 0)
    assert.equal(reader1.disk.trash().length, 12)
  })

  test('an emptied folder found by a whole scan stops; the files come back and it goes on by itself', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    for (const path of ['a', 'b']) world.deed('writer', { do: 'write', path, length: 0, replace: false, keepTime: false })
    await world.run(200)
    const texts = writer.disk.snapshot()
    for (const path of ['a', 'b']) world.deed('writer', { do: 'delete', path }, false)
    writer.deliverEvents(true)
    void writer.loop.rescan().catch(() => undefined)
    await world.run(10_000)
    assert.equal(writer.loop.problem?.code, 'STOPPED_FOR_SAFETY')
    for (const [path, text] of Object.entries(texts)) writer.disk.write(path, text ?? '')
    await world.run(10_000)
    assert.equal(writer.loop.problem, null)
    assert.equal(world.folder.history().filter((record) => record.entry === null).length, 0)
  })

  test('pausing ends a pass after the step that is being done, says so, and resuming does the rest', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    for (let n = 0; n < 5; n++) world.deed('writer', { do: 'append', path: `f${n}`, large: true }, false)
    for (let n = 0; n < 5; n++) writer.disk.write(`f${n}`, `${n}`.repeat(100_000))
    writer.armed.push({
      after: 30,
      run: () => {
        writer.loop.pause()
        return null
      },
    })
    void writer.loop.rescan().catch(() => undefined)
    await world.run(5000)
    assert.equal(writer.loop.state, 'paused')
    const then = world.folder.history().length
    assert.ok(then < 5)
    await world.run(3_600_000)
    assert.equal(world.folder.history().length, then)
    writer.loop.resume({ confirm: false })
    await world.run(5000)
    assert.equal(writer.loop.state, 'idle')
    assert.equal(world.folder.history().length, 5)
  })

  test('lost events are made good by the hourly scan, and a folder at rest does nothing else', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    world.deed('writer', { do: 'write', path: 'a', length: 0, replace: false, keepTime: false })
    await world.run(200)
    const steps = writer.steps
    await world.run(3_000_000)
    assert.equal(writer.steps, steps)
    world.deed('writer', { do: 'write', path: 'b', length: 0, replace: false, keepTime: false }, false)
    writer.deliverEvents(true)
    await world.run(700_000)
    assert.equal(world.folder.history().length, 2)
  })

  test('a large file saved again is published within moments, also when its time lies in the future', async () => {
    const world = new LoopWorld(state)
    const { writer } = world.devices
    for (let n = 0; n < 4; n++) {
      writer.disk.write('large', `${n}`.repeat(1_200_000), { mtimeMs: world.clock.now + 1e9 + n })
      writer.note(['large'])
      writer.deliverEvents()
      await world.run(500)
      assert.equal(world.folder.history().length, n + 1, `save ${n + 1}`)
    }
  })
})
