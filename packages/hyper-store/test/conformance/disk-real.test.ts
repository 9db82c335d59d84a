/** What only a real disk can do to us: odd names and files, roots that vanish, crashes, the trash. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as nodePath from 'node:path'
import type { ScanProblem } from '../../src/core/ports.ts'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { FolderRoot } from '../../src/disk/root.ts'
import { makeStepContext } from '../../src/disk/step-context.ts'
import { listTrash, pruneTrash, restoreFromTrash } from '../../src/disk/trash.ts'
import { asPath, makeTempRoot, mustLook, openRealSubject, placeText, PRIVATE_DIR, scanAll } from './disk-subjects.ts'

const isRoot = process.getuid?.() === 0
const onLinux = process.platform === 'linux'

function real(
  title: string,
  run: (subject: Awaited<ReturnType<typeof openRealSubject>>) => Promise<void>,
  skip: string | false = false,
): void {
  it(title, { skip }, async () => {
    const subject = await openRealSubject()
    try {
      await run(subject)
    } finally {
      await subject[Symbol.asyncDispose]()
    }
  })
}

async function scanWithProblems(subject: Awaited<ReturnType<typeof openRealSubject>>) {
  const problems: ScanProblem[] = []
  const nodes = await scanAll(subject.folder, { onProblem: (problem) => problems.push(problem) })
  return { nodes, problems }
}

describe('scan of a real disk', () => {
  real(
    'reports fifos and sockets as special files and does not hang on them',
    async (subject) => {
      execFileSync('mkfifo', [nodePath.join(subject.root, 'pipe')])
      const server = net.createServer()
      await new Promise<void>((resolve) => server.listen(nodePath.join(subject.root, 'socket'), resolve))
      const { nodes, problems } = await scanWithProblems(subject)
      assert.equal(nodes.size, 0)
      assert.deepEqual(
        problems.sort((a, b) => (a.path < b.path ? -1 : 1)),
        [
          { path: 'pipe', reason: 'special-file' },
          { path: 'socket', reason: 'special-file' },
        ],
      )
      await assert.rejects(subject.folder.openFile(asPath('pipe')), { name: 'FileChanged' })
      assert.equal(await subject.folder.look(asPath('pipe')), null)
      // It is in the way all the same.
      assert.deepEqual(await placeText(subject.folder, 'pipe', 'x'), { done: false, why: 'exists' })
      await new Promise((resolve) => server.close(resolve))
    },
    process.platform === 'win32' && 'no fifos',
  )

  real(
    'reports names and link targets that are not UTF-8, and keeps a true U+FFFD',
    async (subject) => {
      const bad = Buffer.concat([Buffer.from(`${subject.root}/bad`), Buffer.from([0xff])])
      fs.writeFileSync(bad, 'x')
      subject.write('good\uFFFD', 'x')
      fs.symlinkSync(Buffer.from([0x61, 0xff]), nodePath.join(subject.root, 'link'))
      const { nodes, problems } = await scanWithProblems(subject)
      assert.deepEqual([...nodes.keys()], ['good\uFFFD'])
      assert.deepEqual(
        problems.map(({ reason }) => reason),
        ['bad-name', 'bad-name'],
      )
    },
    !onLinux && 'this system has no names that are not UTF-8',
  )

  real('leaves its own folder out and reports a name that some systems take for it', async (subject) => {
    await placeText(subject.folder, 'a', 'a')
    fs.mkdirSync(nodePath.join(subject.root, PRIVATE_DIR.toUpperCase()), { recursive: true })
    const { nodes, problems } = await scanWithProblems(subject)
    assert.deepEqual([...nodes.keys()], ['a'])
    if (onLinux) assert.deepEqual(problems, [{ path: PRIVATE_DIR.toUpperCase(), reason: 'bad-name' }])
  })

  real(
    'reports a folder that may not be read, which is not the same as deleted',
    async (subject) => {
      subject.write('closed/x', 'x')
      subject.write('open/y', 'y')
      const closed = nodePath.join(subject.root, 'closed')
      fs.chmodSync(closed, 0)
      try {
        const { nodes, problems } = await scanWithProblems(subject)
        assert.deepEqual(problems, [{ path: 'closed', reason: 'unreadable' }])
        assert.deepEqual(nodes.get('closed'), { kind: 'folder', empty: false })
        assert.ok(nodes.has('open/y'))
        await assert.rejects(subject.folder.look(asPath('closed/x')), { code: 'FOLDER_UNREADABLE' })
        await assert.rejects(subject.folder.openFile(asPath('closed/x')), { code: 'FOLDER_UNREADABLE' })
        await assert.rejects(placeText(subject.folder, 'closed/x', 'y'), { code: 'READ_ONLY_DISK' })
      } finally {
        fs.chmodSync(closed, 0o700)
      }
    },
    isRoot ? 'the root user may read everything' : process.platform === 'win32' && 'no permission bits',
  )

  real('a root that vanishes during the scan makes it fail, not end early', async (subject) => {
    for (let at = 0; at < 1500; at += 1) subject.write(`d${String(at % 50)}/f${String(at)}`, '')
    const moved = `${subject.root}-moved`
    const walk = subject.folder.scan()[Symbol.asyncIterator]()
    assert.equal((await walk.next()).done, false)
    fs.renameSync(subject.root, moved)
    try {
      await assert.rejects(
        async () => {
          for (let next = await walk.next(); next.done !== true; next = await walk.next());
        },
        { code: 'FOLDER_UNREADABLE' },
      )
      await assert.rejects(scanAll(subject.folder), { code: 'FOLDER_UNREADABLE' })
    } finally {
      fs.rmSync(moved, { recursive: true })
    }
  })

  real('100 MiB of content are not read', async (subject) => {
    const file = nodePath.join(subject.root, 'big')
    fs.writeFileSync(file, '')
    fs.truncateSync(file, 100 * 1024 * 1024)
    const before = process.resourceUsage().fsRead
    const node = (await scanAll(subject.folder)).get('big')
    assert.equal(node?.kind === 'file' && node.size, 100 * 1024 * 1024)
    assert.equal(process.resourceUsage().fsRead, before)
  })
})

describe('the root of a real folder', () => {
  it('is told missing, no folder or present, and our own folder is there only while it is needed', async () => {
    const root = makeTempRoot()
    try {
      const folder = await openDiskFolder(nodePath.join(root, 'x'), { privateDir: PRIVATE_DIR })
      assert.deepEqual(await folder.rootState(), { state: 'missing' })
      fs.writeFileSync(nodePath.join(root, 'x'), 'a file')
      assert.deepEqual(await folder.rootState(), { state: 'not-a-folder' })
      fs.rmSync(nodePath.join(root, 'x'))
      fs.mkdirSync(nodePath.join(root, 'x'))
      const state = await folder.rootState()
      assert.ok(state.state === 'present' && state.writable)
      assert.equal(state.identity.ino, fs.statSync(nodePath.join(root, 'x')).ino)
      assert.equal((await scanAll(folder)).size, 0)
      assert.deepEqual(fs.readdirSync(nodePath.join(root, 'x')), [])
      const staged = await folder.stage()
      assert.deepEqual(fs.readdirSync(nodePath.join(root, 'x', PRIVATE_DIR)), ['staging'])
      await staged.discard()
      assert.deepEqual(fs.readdirSync(nodePath.join(root, 'x')), [])
    } finally {
      fs.rmSync(root, { recursive: true })
    }
  })

  real('never comes back by our hand when it has vanished', async (subject) => {
    const staged = await subject.folder.stage()
    await staged.finish({ size: 0, mtimeMs: 0, executable: false })
    fs.rmSync(subject.root, { recursive: true })
    const unreadable = { code: 'FOLDER_UNREADABLE' }
    await assert.rejects(subject.folder.stage(), unreadable)
    await assert.rejects(subject.folder.place([{ staged, path: asPath('a/b'), seen: null }]), unreadable)
    await assert.rejects(subject.folder.makeFolder(asPath('a')), unreadable)
    await assert.rejects(subject.folder.makeSymlink(asPath('a'), 'b', null), unreadable)
    await assert.rejects(
      subject.folder.watch(() => {}, { ignored: () => false }),
      unreadable,
    )
    assert.equal(fs.existsSync(subject.root), false)
  })

  real('is not written when another folder stands in its place, until rootState told of it', async (subject) => {
    subject.write('a', 'a')
    await subject.folder.rootState()
    const aside = `${subject.root}-aside`
    fs.renameSync(subject.root, aside)
    fs.mkdirSync(subject.root)
    try {
      await assert.rejects(subject.folder.stage(), { code: 'FOLDER_UNREADABLE' })
      await assert.rejects(scanAll(subject.folder), { code: 'FOLDER_UNREADABLE' })
      assert.deepEqual(fs.readdirSync(subject.root), [])
      assert.equal((await subject.folder.rootState()).state, 'present')
      assert.equal((await placeText(subject.folder, 'b', 'b')).done, true)
    } finally {
      fs.rmSync(aside, { recursive: true })
    }
  })

  real('does not use a link in the place of our own folder', async (subject) => {
    const elsewhere = makeTempRoot()
    try {
      fs.symlinkSync(elsewhere, nodePath.join(subject.root, PRIVATE_DIR))
      await assert.rejects(subject.folder.stage(), { code: 'FOLDER_UNREADABLE' })
      assert.deepEqual(fs.readdirSync(elsewhere), [])
    } finally {
      fs.rmSync(elsewhere, { recursive: true })
    }
  })

  real('loses the left-overs of a crashed process when it is opened', async (subject) => {
    const staging = nodePath.join(subject.root, PRIVATE_DIR, 'staging')
    fs.mkdirSync(staging, { recursive: true })
    fs.writeFileSync(nodePath.join(staging, 'left-by-a-crash'), 'x')
    const again = await openDiskFolder(subject.root, { privateDir: PRIVATE_DIR })
    assert.deepEqual(fs.readdirSync(subject.root), [])
    await again[Symbol.asyncDispose]()
  })
})

describe('placing on a real disk', () => {
  real('a link that leads out of the folder is not followed, whatever it points at', async (subject) => {
    const outside = makeTempRoot()
    try {
      fs.writeFileSync(nodePath.join(outside, 'victim'), 'safe')
      // A peer's tree: a link, then a child of the link.
      assert.equal((await subject.folder.makeSymlink(asPath('out'), outside, null)).done, true)
      assert.deepEqual(await placeText(subject.folder, 'out/evil', 'x'), { done: false, why: 'unsafe' })
      assert.deepEqual(await placeText(subject.folder, 'out/deep/evil', 'x'), { done: false, why: 'unsafe' })
      assert.deepEqual(await subject.folder.makeFolder(asPath('out/evil')), { done: false, why: 'unsafe' })
      assert.equal(await subject.folder.removeFolder(asPath('out/evil')), false)
      // A link to a file: replaced itself, never written through.
      const made = await subject.folder.makeSymlink(asPath('victim'), nodePath.join(outside, 'victim'), null)
      assert.ok(made.done)
      assert.equal((await placeText(subject.folder, 'victim', 'evil', { seen: made.node })).done, true)
      assert.deepEqual(fs.readdirSync(outside), ['victim'])
      assert.equal(fs.readFileSync(nodePath.join(outside, 'victim'), 'utf8'), 'safe')
      assert.deepEqual([...(await scanAll(subject.folder)).keys()].sort(), ['out', 'victim'])
    } finally {
      fs.rmSync(outside, { recursive: true })
    }
  })

  real('a path longer than the system can hold is refused', async (subject) => {
    const path = Array.from({ length: 40 }, () => 'p'.repeat(200)).join('/')
    const outcome = await placeText(subject.folder, path, 'x')
    assert.deepEqual(outcome, { done: false, why: 'unsafe' })
    assert.equal(await subject.folder.look(asPath(path)), null)
  })

  real(
    'a new version is no more readable than the old one was',
    async (subject) => {
      subject.write('secret', 'old')
      fs.chmodSync(nodePath.join(subject.root, 'secret'), 0o600)
      await placeText(subject.folder, 'secret', 'new', { seen: await mustLook(subject.folder, 'secret'), executable: true })
      assert.equal(fs.statSync(nodePath.join(subject.root, 'secret')).mode & 0o777, 0o700)
    },
    process.platform === 'win32' && 'no permission bits',
  )

  real(
    'new files have the bits of the umask',
    async (subject) => {
      const data = Buffer.from('x')
      const [plain, script] = await subject.folder.stageSmall([
        { data, facts: { size: 1, mtimeMs: 0, executable: false } },
        { data, facts: { size: 1, mtimeMs: 0, executable: true } },
      ])
      assert.ok(plain !== undefined && script !== undefined)
      await subject.folder.place([
        { staged: plain, path: asPath('plain'), seen: null },
        { staged: script, path: asPath('script'), seen: null },
      ])
      fs.writeFileSync(nodePath.join(subject.root, 'reference'), '')
      const bits = (name: string) => fs.statSync(nodePath.join(subject.root, name)).mode & 0o777
      assert.equal(bits('plain'), bits('reference'))
      assert.equal(bits('script'), bits('reference') | ((bits('reference') & 0o444) >> 2))
    },
    process.platform === 'win32' && 'no permission bits',
  )

  real('times that are no times do not stop a file', async (subject) => {
    const times = [0, Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e300, -86_400_000]
    const data = Buffer.from('x')
    const staged = await subject.folder.stageSmall(times.map((mtimeMs) => ({ data, facts: { size: 1, mtimeMs, executable: false } })))
    const outcomes = await subject.folder.place(staged.map((file, at) => ({ staged: file, path: asPath(String(at)), seen: null })))
    assert.ok(outcomes.every((outcome) => outcome.done))
    assert.equal(fs.statSync(nodePath.join(subject.root, '5')).mtimeMs, -86_400_000)
  })

  real('what is staged leaves nothing behind once placed or discarded', async (subject) => {
    await placeText(subject.folder, 'a', 'a')
    await placeText(subject.folder, 'a', 'b')
    await placeText(subject.folder, 'a', 'c', { seen: await mustLook(subject.folder, 'a') })
    // Only the trash, which holds the second version.
    assert.deepEqual(fs.readdirSync(nodePath.join(subject.root, PRIVATE_DIR)).sort(), ['README.txt', 'trash'])
  })
})

describe('the trash of a real folder', () => {
  real('lists what was put there, brings it back to a free name only, and forgets by age or all', async (subject) => {
    const root = new FolderRoot(subject.root, PRIVATE_DIR)
    const context = makeStepContext(root)
    assert.deepEqual(await listTrash(root), [])
    for (const text of ['one', 'two']) {
      subject.write('d/a', text)
      await subject.folder.remove(asPath('d/a'), await mustLook(subject.folder, 'd/a'), { trash: true })
    }
    // Within the same second a file, then a folder of that name.
    subject.write('d/a/below', 'three')
    await subject.folder.remove(asPath('d/a/below'), await mustLook(subject.folder, 'd/a/below'), { trash: true })
    const items = await listTrash(root)
    assert.deepEqual(items.map(({ path }) => path).sort(), ['d/a', 'd/a', 'd/a/below'])
    assert.ok(items.every(({ at }) => Math.abs(at - Date.now()) < 60_000))

    const first = items.find(({ path }) => path === 'd/a')
    assert.ok(first !== undefined)
    assert.deepEqual(await restoreFromTrash(context, first), { done: false, why: 'exists' })
    const restored = await restoreFromTrash(context, { ...first, to: asPath('back/a') })
    assert.equal(restored.done, true)
    assert.equal(subject.read('back/a'), 'one')
    assert.deepEqual(await restoreFromTrash(context, { batch: '../..', path: asPath('x') }), { done: false, why: 'unsafe' })
    assert.deepEqual(await restoreFromTrash(context, { ...first, path: asPath('../x') }), { done: false, why: 'unsafe' })
    assert.deepEqual(await restoreFromTrash(context, first), { done: false, why: 'changed' })

    assert.equal((await pruneTrash(root, Date.now() - 3_600_000)).items, 0)
    assert.equal((await listTrash(root)).length, 2)
    assert.ok((await pruneTrash(root, Infinity)).items > 0)
    assert.deepEqual(await listTrash(root), [])
    assert.deepEqual(fs.readdirSync(subject.root).sort(), ['back', 'd'])
  })
})
