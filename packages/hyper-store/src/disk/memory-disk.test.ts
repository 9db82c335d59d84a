/** What only the folder in memory can do: crash before any step, and start again. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import type { FolderPath } from '../core/entries.ts'
import { openMemoryDisk } from './memory-disk.ts'

const FACTS = { size: 1, mtimeMs: 0, executable: false }
const path = (text: string) => text as FolderPath

describe('openMemoryDisk()', () => {
  it('a crash before any step of a group leaves whole files only, the old or the new', async () => {
    for (let crashAt = 1; ; crashAt += 1) {
      let steps = 0
      const disk = openMemoryDisk({
        onStep() {
          steps += 1
          if (steps === crashAt) throw new Error('crash')
        },
      })
      disk.write('b', 'o')
      const seen = await disk.folder.look(path('b'))
      let crashed = false
      try {
        const [a, b] = await disk.folder.stageSmall([
          { data: Buffer.from('n'), facts: FACTS },
          { data: Buffer.from('n'), facts: FACTS },
        ])
        assert.ok(a !== undefined && b !== undefined)
        await disk.folder.place([
          { staged: a, path: path('a'), seen: null },
          { staged: b, path: path('b'), seen },
        ])
      } catch {
        crashed = true
      }
      disk.restart()
      const { a, b } = disk.snapshot()
      assert.ok(a === undefined || a === 'n')
      assert.ok(b === 'o' || (b === 'n' && disk.trash().length === 1))
      if (!crashed) {
        assert.deepEqual(disk.snapshot(), { a: 'n', b: 'n' })
        assert.ok(crashAt > 4, 'stage, sync, place, trash and place were all hit')
        return
      }
    }
  })

  it('staged files do not outlive a restart', async () => {
    const disk = openMemoryDisk()
    const [staged] = await disk.folder.stageSmall([{ data: Buffer.from('n'), facts: FACTS }])
    disk.restart()
    assert.ok(staged !== undefined)
    await assert.rejects(disk.folder.place([{ staged, path: path('a'), seen: null }]))
    assert.deepEqual(disk.snapshot(), {})
  })

  it('a root that is missing or replaced is told and not written', async () => {
    const disk = openMemoryDisk()
    disk.write('a', 'a')
    disk.setRoot('missing')
    assert.deepEqual(await disk.folder.rootState(), { state: 'missing' })
    await assert.rejects(disk.folder.makeFolder(path('d')), { code: 'FOLDER_UNREADABLE' })
    disk.setRoot('replaced')
    await assert.rejects(disk.folder.makeFolder(path('d')), { code: 'FOLDER_UNREADABLE' })
    const state = await disk.folder.rootState()
    assert.ok(state.state === 'present' && state.identity.ino === 2)
    assert.equal((await disk.folder.makeFolder(path('d'))).done, true)
  })
})
