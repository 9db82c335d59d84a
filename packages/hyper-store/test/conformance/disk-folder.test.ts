/** What every `DiskFolder` does, on the real disk and in memory alike. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import type { DiskSubject } from './disk-subjects.ts'
import { asPath, mustLook, openHomedSubject, openMemorySubject, openRealSubject, placeText, scanAll, until } from './disk-subjects.ts'

const SUBJECTS: readonly { name: string; open: () => Promise<DiskSubject> }[] = [
  { name: 'on disk', open: () => openRealSubject() },
  { name: 'on disk with an area in the home', open: openHomedSubject },
  { name: 'in memory', open: openMemorySubject },
]
const HOSTILE = [
  '',
  '/etc/x',
  '../x',
  'a/../../x',
  'a//b',
  './a',
  'a/',
  'nul\0byte',
  '.hyper-store/x',
  '.Hyper-Store/x',
  'x'.repeat(256),
  '\ud800',
]
const FACTS = { size: 3, mtimeMs: 1_600_000_000_000, executable: false }

for (const { name, open } of SUBJECTS) {
  const suite = (title: string, run: (subject: DiskSubject) => Promise<void>): void => {
    it(title, async () => {
      const subject = await open()
      try {
        await run(subject)
      } finally {
        await subject[Symbol.asyncDispose]()
      }
    })
  }

  describe(`a folder ${name}`, () => {
    suite('scan reports folders before what is in them, links as links, and which folders are empty', async (subject) => {
      subject.write('a/b/one.txt', 'one')
      subject.mkdir('a/empty')
      subject.symlink('a/link', '../elsewhere')
      const nodes = await scanAll(subject.folder)
      assert.deepEqual([...nodes.keys()].sort(), ['a', 'a/b', 'a/b/one.txt', 'a/empty', 'a/link'])
      const order = [...nodes.keys()]
      assert.ok(order.indexOf('a') < order.indexOf('a/b') && order.indexOf('a/b') < order.indexOf('a/b/one.txt'))
      assert.deepEqual(nodes.get('a/empty'), { kind: 'folder', empty: true })
      assert.deepEqual(nodes.get('a'), { kind: 'folder', empty: false })
      const link = nodes.get('a/link')
      assert.equal(link?.kind === 'symlink' && link.target, '../elsewhere')
      const file = nodes.get('a/b/one.txt')
      assert.equal(file?.kind === 'file' && file.size, 3)
      assert.deepEqual(await subject.folder.look(asPath('a/b/one.txt')), file)
    })

    suite('scan leaves out what is ignored and calls a folder empty that holds nothing else', async (subject) => {
      subject.write('a/skip.tmp', 'x')
      subject.write('skipped/deep/x', 'x')
      const nodes = await scanAll(subject.folder, { ignored: (path, isFolder) => (isFolder ? path === 'skipped' : path.endsWith('.tmp')) })
      assert.deepEqual([...nodes], [['a', { kind: 'folder', empty: true }]])
    })

    suite('scan of a part gives the start itself and what is below it, and nothing when it is gone', async (subject) => {
      subject.write('a/b/x', 'x')
      subject.write('c', 'c')
      assert.deepEqual([...(await scanAll(subject.folder, { start: asPath('a') })).keys()], ['a', 'a/b', 'a/b/x'])
      assert.deepEqual([...(await scanAll(subject.folder, { start: asPath('c') })).keys()], ['c'])
      assert.equal((await scanAll(subject.folder, { start: asPath('gone') })).size, 0)
    })

    suite('scan stops when its signal is aborted', async (subject) => {
      subject.write('a', 'a')
      await assert.rejects(scanAll(subject.folder, { signal: AbortSignal.abort() }), { name: 'AbortError' })
    })

    suite('paths of 300 characters and names in both unicode forms stay as they are', async (subject) => {
      const long = `${'d'.repeat(100)}/${'e'.repeat(100)}/${'f'.repeat(98)}`
      for (const path of [long, 'caf\u00e9', 'cafe\u0301', '日本/😀 .txt', 'replacement \uFFFD']) {
        assert.equal((await placeText(subject.folder, path, path)).done, true, path)
        assert.equal(subject.read(path), path)
        assert.ok((await scanAll(subject.folder)).has(path), path)
      }
    })

    suite('a placed file has content, time and execute bit as asked and equals what look says', async (subject) => {
      const outcome = await placeText(subject.folder, 'new/deep/file', 'hello', { executable: true })
      assert.ok(outcome.done && outcome.node.kind === 'file')
      assert.equal(outcome.node.mtimeMs, 1_600_000_000_000)
      assert.equal(outcome.node.executable, true)
      assert.equal(outcome.node.size, 5)
      assert.deepEqual(await subject.folder.look(asPath('new/deep/file')), outcome.node)
      assert.equal(subject.read('new/deep/file'), 'hello')
      await subject.folder.flush()
    })

    suite('a group is placed file by file, and one that may not be placed stops none of the others', async (subject) => {
      subject.write('taken', 'mine')
      const data = Buffer.from('abc')
      const paths = [...Array.from({ length: 20 }, (_, at) => `g/${String(at)}`), 'taken', '../out', 'taken/below']
      const staged = await subject.folder.stageSmall(paths.map(() => ({ data, facts: FACTS })))
      const outcomes = await subject.folder.place(staged.map((file, at) => ({ staged: file, path: asPath(paths[at] ?? ''), seen: null })))
      assert.deepEqual(
        outcomes.slice(20).map((outcome) => (outcome.done ? 'done' : outcome.why)),
        ['exists', 'unsafe', 'blocked'],
      )
      assert.ok(outcomes.slice(0, 20).every((outcome) => outcome.done))
      assert.equal(subject.read('taken'), 'mine')
      // A refused file may still go elsewhere.
      const left = staged[20]
      assert.ok(left !== undefined)
      const [second] = await subject.folder.place([{ staged: left, path: asPath('taken (conflict)'), seen: null }])
      assert.equal(second?.done, true)
      assert.equal(subject.read('taken (conflict)'), 'abc')
    })

    suite('nothing is overwritten where the plan saw nothing', async (subject) => {
      subject.write('a', 'mine')
      subject.symlink('l', 'a')
      subject.mkdir('d')
      for (const path of ['a', 'l', 'd']) assert.deepEqual(await placeText(subject.folder, path, 'theirs'), { done: false, why: 'exists' })
      assert.deepEqual(await subject.folder.makeSymlink(asPath('a'), 'x', null), { done: false, why: 'exists' })
      assert.deepEqual(await subject.folder.makeFolder(asPath('a')), { done: false, why: 'exists' })
      assert.equal(subject.read('a'), 'mine')
    })

    suite('what changed since it was seen is not replaced, stamped, renamed or removed', async (subject) => {
      subject.write('a', 'old')
      const seen = await mustLook(subject.folder, 'a')
      assert.ok(seen.kind === 'file')
      subject.write('a', 'newer')
      const now = await mustLook(subject.folder, 'a')
      assert.notDeepEqual(now, seen)
      const changed = { done: false, why: 'changed' }
      assert.deepEqual(await placeText(subject.folder, 'a', 'theirs', { seen }), changed)
      assert.deepEqual(await subject.folder.makeSymlink(asPath('a'), 'x', seen), changed)
      assert.deepEqual(await subject.folder.stamp(asPath('a'), FACTS, seen), changed)
      assert.deepEqual(await subject.folder.rename(asPath('a'), asPath('b'), seen), changed)
      assert.deepEqual(await subject.folder.remove(asPath('a'), seen, { trash: true }), changed)
      assert.deepEqual(await subject.folder.remove(asPath('a'), seen, { trash: false }), changed)
      assert.equal(subject.read('a'), 'newer')
      subject.delete('a')
      assert.deepEqual(await placeText(subject.folder, 'a', 'theirs', { seen: now }), changed)
      assert.deepEqual(await placeText(subject.folder, 'gone/a', 'theirs', { seen: now }), changed)
      assert.equal(await subject.folder.look(asPath('gone')), null)
    })

    suite('a replaced file goes to the trash, unless it is the agreed version', async (subject) => {
      subject.write('d/a', 'first')
      assert.equal((await placeText(subject.folder, 'd/a', 'second', { seen: await mustLook(subject.folder, 'd/a') })).done, true)
      assert.equal(subject.read('d/a'), 'second')
      assert.deepEqual(await subject.trashed(), ['d/a'])
      const agreed = { seen: await mustLook(subject.folder, 'd/a'), agreed: true }
      assert.equal((await placeText(subject.folder, 'd/a', 'third', agreed)).done, true)
      assert.equal(subject.read('d/a'), 'third')
      assert.deepEqual(await subject.trashed(), ['d/a'])
    })

    suite('the trash forgets what is older than asked, and nothing else', async (subject) => {
      subject.write('a', 'a')
      await subject.folder.remove(asPath('a'), await mustLook(subject.folder, 'a'), { trash: true })
      await subject.folder.pruneTrash(Date.now() - 60_000)
      assert.deepEqual(await subject.trashed(), ['a'])
      await subject.folder.pruneTrash(Date.now() + 60_000)
      assert.deepEqual(await subject.trashed(), [])
    })

    suite('a link is made, replaces a file, and is replaced by one', async (subject) => {
      const made = await subject.folder.makeSymlink(asPath('x/l'), '/nowhere/at all', null)
      assert.ok(made.done && made.node.kind === 'symlink' && made.node.target === '/nowhere/at all')
      const file = await placeText(subject.folder, 'x/l', 'now a file', { seen: made.node })
      assert.ok(file.done)
      assert.equal(subject.read('x/l'), 'now a file')
      const again = await subject.folder.makeSymlink(asPath('x/l'), 'y', file.node)
      assert.equal(again.done && again.node.kind, 'symlink')
      assert.deepEqual(await subject.trashed(), ['x/l', 'x/l'])
      assert.deepEqual(await subject.folder.makeSymlink(asPath('bad'), 'a\0b', null), { done: false, why: 'unsafe' })
    })

    suite('a file takes the place of an empty folder, never of one with something in it', async (subject) => {
      subject.mkdir('empty')
      subject.write('full/x', 'x')
      const seen = { kind: 'folder', empty: true } as const
      assert.equal((await placeText(subject.folder, 'empty', 'file', { seen })).done, true)
      assert.equal(subject.read('empty'), 'file')
      assert.deepEqual(await placeText(subject.folder, 'full', 'file', { seen }), { done: false, why: 'blocked' })
      assert.equal(subject.read('full/x'), 'x')
    })

    suite('hostile paths are refused by every step and touch nothing', async (subject) => {
      subject.write('a', 'a')
      const seen = await mustLook(subject.folder, 'a')
      const unsafe = { done: false, why: 'unsafe' }
      for (const path of HOSTILE.map(asPath)) {
        assert.deepEqual(await placeText(subject.folder, path, 'x'), unsafe, JSON.stringify(path))
        assert.deepEqual(await subject.folder.makeSymlink(path, 'x', null), unsafe)
        assert.deepEqual(await subject.folder.makeFolder(path), unsafe)
        assert.deepEqual(await subject.folder.remove(path, seen, { trash: false }), unsafe)
        assert.deepEqual(await subject.folder.rename(path, asPath('b'), seen), unsafe)
        assert.deepEqual(await subject.folder.rename(asPath('a'), path, seen), unsafe)
        assert.equal(await subject.folder.removeFolder(path), false)
        assert.equal(await subject.folder.look(path), null)
        assert.equal(await subject.folder.readText(path), null)
        await assert.rejects(subject.folder.openFile(path), { name: 'FileChanged' })
      }
      assert.deepEqual([...(await scanAll(subject.folder)).keys()], ['a'])
    })

    suite('a link or a file in the place of a parent is never passed', async (subject) => {
      subject.write('real/x', 'x')
      subject.symlink('link', 'real')
      subject.write('file', 'f')
      const seen = await mustLook(subject.folder, 'real/x')
      assert.ok(seen.kind === 'file')
      for (const [parent, why] of [
        ['link', 'unsafe'],
        ['file', 'blocked'],
      ] as const) {
        const refused = { done: false, why }
        assert.deepEqual(await placeText(subject.folder, `${parent}/x`, 'y', { seen }), refused)
        assert.deepEqual(await placeText(subject.folder, `${parent}/new/deep`, 'y'), refused)
        assert.deepEqual(await subject.folder.makeFolder(asPath(`${parent}/new`)), refused)
        assert.deepEqual(await subject.folder.makeSymlink(asPath(`${parent}/new`), 'x', null), refused)
        assert.deepEqual(await subject.folder.remove(asPath(`${parent}/x`), seen, { trash: true }), refused)
        assert.deepEqual(await subject.folder.stamp(asPath(`${parent}/x`), FACTS, seen), refused)
        assert.deepEqual(await subject.folder.rename(asPath('real/x'), asPath(`${parent}/y`), seen), refused)
        assert.equal(await subject.folder.look(asPath(`${parent}/x`)), null)
        await assert.rejects(subject.folder.openFile(asPath(`${parent}/x`)), { name: 'FileChanged' })
      }
      assert.equal(subject.read('real/x'), 'x')
    })

    suite('makeFolder makes parents and is content with a folder that is there', async (subject) => {
      assert.deepEqual(await subject.folder.makeFolder(asPath('a/b')), { done: true, node: { kind: 'folder', empty: true } })
      assert.deepEqual(await subject.folder.makeFolder(asPath('a')), { done: true, node: { kind: 'folder', empty: false } })
    })

    suite('stamp sets bit and time and leaves the content', async (subject) => {
      subject.write('a', 'abc')
      const seen = await mustLook(subject.folder, 'a')
      assert.ok(seen.kind === 'file')
      const outcome = await subject.folder.stamp(asPath('a'), { size: 3, mtimeMs: 1_500_000_000_000, executable: true }, seen)
      assert.ok(outcome.done && outcome.node.kind === 'file')
      assert.equal(outcome.node.mtimeMs, 1_500_000_000_000)
      assert.equal(outcome.node.executable, true)
      assert.deepEqual(await mustLook(subject.folder, 'a'), outcome.node)
      assert.equal(subject.read('a'), 'abc')
    })

    suite('rename moves files, links and whole folders to free names only', async (subject) => {
      subject.write('d/x', 'x')
      subject.symlink('l', 'd')
      subject.write('taken', 't')
      const { folder } = subject
      const file = await mustLook(folder, 'd/x')
      assert.deepEqual(await folder.rename(asPath('d/x'), asPath('taken'), file), { done: false, why: 'exists' })
      assert.equal((await folder.rename(asPath('d/x'), asPath('d/new/y'), file)).done, true)
      assert.equal((await folder.rename(asPath('l'), asPath('m'), await mustLook(folder, 'l'))).done, true)
      const tree = await mustLook(folder, 'd')
      assert.deepEqual(await folder.rename(asPath('d'), asPath('d/inside'), tree), { done: false, why: 'blocked' })
      assert.equal((await folder.rename(asPath('d'), asPath('e'), tree)).done, true)
      assert.equal(subject.read('e/new/y'), 'x')
      assert.deepEqual([...(await scanAll(folder)).keys()].sort(), ['e', 'e/new', 'e/new/y', 'm', 'taken'])
    })

    suite('remove deletes or keeps in the trash, and folders only when nothing is in them', async (subject) => {
      subject.write('d/a', 'a')
      subject.write('d/b', 'b')
      subject.mkdir('empty')
      const { folder } = subject
      const full = await mustLook(folder, 'd')
      assert.deepEqual(await folder.remove(asPath('d'), full, { trash: true }), { done: false, why: 'changed' })
      assert.equal((await folder.remove(asPath('d/a'), await mustLook(folder, 'd/a'), { trash: true })).done, true)
      assert.deepEqual(await subject.trashed(), ['d/a'])
      assert.equal(await folder.removeFolder(asPath('d')), false)
      assert.equal((await folder.remove(asPath('d/b'), await mustLook(folder, 'd/b'), { trash: false })).done, true)
      assert.equal(await folder.removeFolder(asPath('d')), true)
      assert.equal((await folder.remove(asPath('empty'), await mustLook(folder, 'empty'), { trash: true })).done, true)
      assert.equal(await folder.removeFolder(asPath('never')), false)
      assert.deepEqual(await subject.trashed(), ['d/a'])
      assert.equal((await scanAll(folder)).size, 0)
    })

    suite('an open file gives what was seen and tells when it changed meanwhile', async (subject) => {
      subject.write('a', 'hello world')
      const file = await subject.folder.openFile(asPath('a'))
      const buffer = Buffer.alloc(100)
      assert.equal(await file.read(buffer, 6), 5)
      assert.equal(buffer.toString('utf8', 0, 5), 'world')
      assert.equal(await file.read(buffer, 11), 0)
      assert.deepEqual(await file.lookAgain(), file.seen)
      subject.write('a', 'hello world, and more')
      assert.notDeepEqual(await file.lookAgain(), file.seen)
      // A file that grows is never read beyond what was seen.
      assert.equal(await file.read(buffer, 0), 11)
      subject.write('a', 'hi')
      await assert.rejects(file.read(buffer, 0), { name: 'FileChanged' })
      subject.delete('a')
      assert.equal(await file.lookAgain(), null)
      await file[Symbol.asyncDispose]()
      await assert.rejects(subject.folder.openFile(asPath('a')), { name: 'FileChanged' })
    })

    suite('readText gives text, and null for what is not a file', async (subject) => {
      subject.write('.hyperignore', '*.tmp\n')
      subject.mkdir('d')
      assert.equal(await subject.folder.readText(asPath('.hyperignore')), '*.tmp\n')
      assert.equal(await subject.folder.readText(asPath('d')), null)
      assert.equal(await subject.folder.readText(asPath('none')), null)
    })

    suite('a staged file takes ranges and wholes of files that still are as seen', async (subject) => {
      subject.write('base', '0123456789')
      const base = await mustLook(subject.folder, 'base')
      assert.ok(base.kind === 'file')
      const staged = await subject.folder.stage()
      assert.equal(await staged.copyFrom(asPath('base'), base, { from: 2, length: 3, to: 1 }), true)
      await staged.write(Buffer.from('A'), 0)
      await staged.write([Buffer.from('B'), Buffer.from(''), Buffer.from('CD')], 4)
      assert.equal(await staged.copyFrom(asPath('base'), base, { from: 8, length: 3, to: 7 }), false)
      await staged.finish({ ...FACTS, size: 7 })
      await subject.folder.place([{ staged, path: asPath('made'), seen: null }])
      assert.equal(subject.read('made'), 'A234BCD')

      const copy = await subject.folder.stage()
      assert.equal(await copy.copyWhole(asPath('base'), base), true)
      await copy.finish({ ...FACTS, size: 10 })
      await subject.folder.place([{ staged: copy, path: asPath('copy'), seen: null }])
      assert.equal(subject.read('copy'), '0123456789')

      subject.write('base', 'changed!!!')
      const late = await subject.folder.stage()
      assert.equal(await late.copyFrom(asPath('base'), base, { from: 0, length: 3, to: 0 }), false)
      assert.equal(await late.copyWhole(asPath('base'), base), false)
      await late.discard()
    })

    suite('the watcher reports edits of the user and not what is ignored', async (subject) => {
      const dirty = new Set<string>()
      const watcher = await subject.folder.watch((paths) => paths.forEach((path) => dirty.add(path)), {
        ignored: (path) => path.endsWith('.tmp'),
      })
      assert.equal(watcher.complete, true)
      subject.write('x.tmp', 'x')
      subject.write('a', 'a')
      await until(() => dirty.has('a'), 'a new file')
      dirty.clear()
      subject.write('a', 'b')
      await until(() => dirty.has('a'), 'a changed file')
      dirty.clear()
      subject.rename('a', 'b')
      await until(() => dirty.has('a') && dirty.has('b'), 'a renamed file')
      dirty.clear()
      subject.delete('b')
      await until(() => dirty.has('b'), 'a deleted file')
      assert.ok(!dirty.has('x.tmp'))
      await watcher[Symbol.asyncDispose]()
      dirty.clear()
      subject.write('c', 'c')
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(dirty.size, 0)
    })
  })
}
