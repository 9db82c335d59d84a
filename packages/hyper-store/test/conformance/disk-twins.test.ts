/** The real folder and the one in memory do the same, step for step, under random edits and steps. */
import { it } from 'node:test'
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import * as fc from 'fast-check'
import type { LocalNode } from '../../src/core/entries.ts'
import type { DiskOutcome } from '../../src/core/ports.ts'
import '../fixtures/property-seed.ts'
import type { DiskSubject } from './disk-subjects.ts'
import { asPath, makeTempRoot, openMemorySubject, openRealSubject, placeText, PRIVATE_DIR, scanAll } from './disk-subjects.ts'

const paths = fc.constantFrom('a', 'b', 'a/x', 'a/y', 'b/x', 'a/x/deep', 'link', 'link/x', '../out')
const texts = fc.constantFrom('', 'one', 'other')
const step = fc.oneof(
  fc.record({ do: fc.constant('place' as const), path: paths, text: texts, fresh: fc.boolean(), agreed: fc.boolean() }),
  fc.record({ do: fc.constant('symlink' as const), path: paths, text: fc.constantFrom('a', '..', '/'), fresh: fc.boolean() }),
  fc.record({ do: fc.constant('folder' as const), path: paths }),
  fc.record({ do: fc.constant('rename' as const), path: paths, to: paths }),
  fc.record({ do: fc.constant('remove' as const), path: paths, trash: fc.boolean() }),
  fc.record({ do: fc.constant('removeFolder' as const), path: paths }),
  fc.record({ do: fc.constant('stamp' as const), path: paths, executable: fc.boolean() }),
  fc.record({ do: fc.constant('edit' as const), path: fc.constantFrom('a/x', 'b', 'c'), text: texts }),
  fc.record({ do: fc.constant('erase' as const), path: fc.constantFrom('a', 'b', 'link') }),
  fc.record({ do: fc.constant('link' as const), path: fc.constant('link'), text: fc.constantFrom('a', 'b') }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What a step came to, in words that are the same for both: inode numbers and times of change are not. */
function told(outcome: DiskOutcome | boolean): unknown {
  if (typeof outcome === 'boolean') return outcome
  return outcome.done ? shape(outcome.node) : outcome.why
}
function shape(node: LocalNode | null): unknown {
  if (node === null || node.kind === 'folder') return node
  return node.kind === 'symlink' ? [node.kind, node.target] : [node.kind, node.size, node.executable]
}

async function run(subject: DiskSubject, one: Step): Promise<unknown> {
  const { folder } = subject
  const path = asPath(one.path)
  const seen = await folder.look(path)
  switch (one.do) {
    case 'place':
      return told(await placeText(folder, path, one.text, { seen: one.fresh ? null : seen, agreed: one.agreed }))
    case 'symlink':
      return told(await folder.makeSymlink(path, one.text, one.fresh ? null : seen))
    case 'folder':
      return told(await folder.makeFolder(path))
    case 'rename':
      return seen !== null && told(await folder.rename(path, asPath(one.to), seen))
    case 'remove':
      return seen !== null && told(await folder.remove(path, seen, { trash: one.trash }))
    case 'removeFolder':
      return told(await folder.removeFolder(path))
    case 'stamp':
      return seen?.kind === 'file' && told(await folder.stamp(path, { size: seen.size, mtimeMs: 1e12, executable: one.executable }, seen))
    case 'edit':
      // A user's hand writes where it can: parents that are files or links would make the two hands differ, not the two folders.
      if ((await folder.look(asPath('a')))?.kind === 'folder' && seen?.kind !== 'folder' && seen?.kind !== 'symlink')
        subject.write(path, one.text)
      break
    case 'erase':
      if (seen !== null) subject.delete(path)
      break
    case 'link':
      if (seen === null) subject.symlink(path, one.text)
      break
  }
  return null
}

it('the twins give the same outcomes, trees and trash, and nothing leaves the folder', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const outer = makeTempRoot()
      const root = nodePath.join(outer, 'root')
      fs.mkdirSync(root)
      const real = await openRealSubject(root)
      const memory = await openMemorySubject()
      try {
        for (const one of steps) assert.deepEqual(await run(real, one), await run(memory, one), JSON.stringify(one))
        const tree = async (subject: DiskSubject) =>
          [...(await scanAll(subject.folder))]
            .map(([path, node]) => [path, shape(node), subject.read(path)] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1))
        assert.deepEqual(await tree(real), await tree(memory))
        assert.deepEqual((await real.trashed()).sort(), [...(await memory.trashed())].sort())
        assert.deepEqual(fs.readdirSync(outer), ['root'])
        const own = nodePath.join(root, PRIVATE_DIR)
        if (fs.existsSync(own)) assert.deepEqual(fs.readdirSync(own).sort(), ['README.txt', 'trash'])
        assert.equal(fs.existsSync(own), (await real.trashed()).length > 0)
      } finally {
        await real[Symbol.asyncDispose]()
        await memory[Symbol.asyncDispose]()
        fs.rmSync(outer, { recursive: true, force: true })
      }
    }),
    { numRuns: 150 },
  )
})
