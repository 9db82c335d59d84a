/** The watcher on a real disk: quick, and blind to nothing while folders come, move and go. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { FolderWatcher } from '../../src/core/ports.ts'
import { asPath, openRealSubject, placeText, PRIVATE_DIR, scanAll, until } from './disk-subjects.ts'

type Subject = Awaited<ReturnType<typeof openRealSubject>>
interface Watching {
  readonly subject: Subject
  readonly watcher: FolderWatcher
  readonly dirty: Set<string>
}

function watching(title: string, prepare: (subject: Subject) => void, run: (world: Watching) => Promise<void>): void {
  it(title, async () => {
    const subject = await openRealSubject()
    try {
      prepare(subject)
      const dirty = new Set<string>()
      const watcher = await subject.folder.watch((paths) => paths.forEach((path) => dirty.add(path)), {
        ignored: (path, isFolder) => isFolder && path.split('/').includes('node_modules'),
      })
      await run({ subject, watcher, dirty })
    } finally {
      await subject[Symbol.asyncDispose]()
    }
  })
}

/** True when a path or a folder above it is dirty: a scan of what is dirty would see it. */
function covers(dirty: ReadonlySet<string>, path: string): boolean {
  for (const marked of dirty) if (marked === '' || marked === path || path.startsWith(`${marked}/`)) return true
  return false
}

describe('the watcher of a real folder', () => {
  watching(
    'reports a saved file in a deep folder within some 15 milliseconds, median of 15',
    (subject) => subject.write('a/b/c/file', ''),
    async ({ subject, dirty }) => {
      const taken: number[] = []
      for (let round = 0; round < 15; round += 1) {
        dirty.clear()
        const began = performance.now()
        subject.write('a/b/c/file', String(round))
        await until(() => dirty.has('a/b/c/file'), 'the saved file')
        taken.push(performance.now() - began)
      }
      const median = taken.sort((a, b) => a - b)[7] ?? 0
      // Twice what is usual, as other programs may be busy too.
      assert.ok(median < 35, `median ${String(median)} ms`)
    },
  )

  watching(
    'a file written to a temporary name and renamed over is reported',
    (subject) => subject.write('doc', 'old'),
    async ({ subject, dirty }) => {
      subject.write('doc.tmp', 'new')
      fs.renameSync(nodePath.join(subject.root, 'doc.tmp'), nodePath.join(subject.root, 'doc'))
      await until(() => dirty.has('doc'), 'the replaced file')
    },
  )

  watching(
    'a change of the execute bit is reported',
    (subject) => subject.write('run.sh', ''),
    async ({ subject, dirty }) => {
      fs.chmodSync(nodePath.join(subject.root, 'run.sh'), 0o755)
      await until(() => dirty.has('run.sh'), 'the new bit')
    },
  )

  watching(
    'nothing made in new nested folders is missed, however soon it follows',
    () => {},
    async ({ subject, dirty }) => {
      const paths = Array.from({ length: 200 }, (_, at) => `n${String(at % 20)}/m${String(at % 7)}/k${String(at % 3)}/f${String(at)}`)
      for (const [at, path] of paths.entries()) {
        subject.write(path, path)
        if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => paths.every((path) => covers(dirty, path)), 'all new files')
      // The new folders are watched by now.
      for (const path of paths.slice(0, 21)) {
        dirty.clear()
        subject.write(path, 'again')
        await until(() => dirty.has(path), path)
      }
    },
  )

  watching(
    'a folder that was moved in, moved within or replaced by one of the same name goes on being watched',
    (subject) => {
      subject.write('old/deep/x', 'x')
      subject.write('same/x', 'x')
    },
    async ({ subject, dirty }) => {
      subject.rename('old', 'new')
      await until(() => dirty.has('old') && dirty.has('new'), 'the moved folder')
      subject.write('new/deep/x', 'y')
      await until(() => dirty.has('new/deep/x'), 'a file in the moved folder')
      subject.delete('same')
      subject.write('same/deep/x', 'z')
      await until(() => dirty.has('same'), 'the replaced folder')
      dirty.clear()
      await until(() => {
        subject.write('same/deep/x', 'zz')
        return dirty.has('same/deep/x')
      }, 'a file in the replaced folder')
    },
  )

  watching(
    'a deleted tree is reported, and a folder turned into a file too',
    (subject) => {
      subject.write('tree/a/b/x', 'x')
      subject.write('swap/x', 'x')
    },
    async ({ subject, dirty }) => {
      subject.delete('tree')
      await until(() => dirty.has('tree'), 'the deleted tree')
      subject.delete('swap')
      subject.write('swap', 'a file now')
      await until(() => dirty.has('swap'), 'the swapped name')
      dirty.clear()
      subject.write('swap', 'changed')
      await until(() => dirty.has('swap'), 'the file in its place')
    },
  )

  watching(
    'neither ignored folders nor our own are watched',
    (subject) => subject.write('node_modules/x/y', ''),
    async ({ subject, dirty }) => {
      await placeText(subject.folder, 'warm-up', 'x')
      await until(() => dirty.has('warm-up'), 'a placed file')
      subject.write('node_modules/x/y', 'changed')
      subject.write('node_modules/new', '')
      subject.write('sub/node_modules/new', '')
      await placeText(subject.folder, 'end', 'x')
      await until(() => dirty.has('end'), 'the last file')
      assert.deepEqual(
        [...dirty].filter((path) => path.includes('node_modules') || path.startsWith(PRIVATE_DIR)),
        [],
      )
    },
  )

  watching(
    'a link to a folder is not entered',
    (subject) => {
      subject.write('real/x', '')
      subject.symlink('link', 'real')
    },
    async ({ subject, dirty }) => {
      subject.write('real/x', 'changed')
      await until(() => dirty.has('real/x'), 'the changed file')
      assert.deepEqual([...dirty], ['real/x'])
    },
  )

  watching(
    'the end of the root is reported as "anything"',
    (subject) => subject.write('a/x', ''),
    async ({ subject, dirty }) => {
      const moved = `${subject.root}-moved`
      fs.renameSync(subject.root, moved)
      try {
        await until(() => dirty.has(''), 'the moved root')
        assert.deepEqual(await subject.folder.rootState(), { state: 'missing' })
      } finally {
        fs.rmSync(moved, { recursive: true })
      }
    },
  )

  watching(
    'a storm of events is reported as "anything", because the system drops what its queue can not hold',
    () => {},
    async ({ subject, dirty }) => {
      for (let at = 0; at < 9000; at += 1) fs.writeFileSync(nodePath.join(subject.root, `f${String(at)}`), '')
      await until(() => dirty.has(''), 'the storm')
    },
  )

  watching(
    'a scan begun after watch, and what is dirty since, together miss nothing',
    () => {},
    async ({ subject, dirty }) => {
      const scanned = scanAll(subject.folder)
      for (let at = 0; at < 50; at += 1) subject.write(`s${String(at)}/x`, '')
      const seen = await scanned
      await until(
        () => Array.from({ length: 50 }, (_, at) => `s${String(at)}/x`).every((path) => seen.has(path) || covers(dirty, path)),
        'all',
      )
      assert.equal((await scanAll(subject.folder, { start: asPath('s1') })).size, 2)
    },
  )

  it(
    'says that it is not complete when the system gives too few watches',
    { skip: canLimitWatches() ? false : 'needs user namespaces' },
    async () => {
      const subject = await openRealSubject()
      try {
        for (let at = 0; at < 20; at += 1) subject.mkdir(`d${String(at)}`)
        const code = `
        const { openDiskFolder } = await import(process.argv[1])
        const folder = await openDiskFolder(process.argv[2], { privateDir: '.hyper-store' })
        const watcher = await folder.watch(() => {}, { ignored: () => false })
        process.stdout.write(String(watcher.complete))
        await folder[Symbol.asyncDispose]()`
        const module = new URL('../../src/disk/disk-folder.js', import.meta.url).href
        const inLimits = (limit: number) => {
          const script = `echo ${String(limit)} > /proc/sys/user/max_inotify_watches && exec "$0" --input-type=module -e "$1" "$2" "$3"`
          return execFileSync('unshare', ['-Ur', 'sh', '-c', script, process.execPath, code, module, subject.root], { encoding: 'utf8' })
        }
        assert.equal(inLimits(100), 'true')
        assert.equal(inLimits(5), 'false')
      } finally {
        await subject[Symbol.asyncDispose]()
      }
    },
  )
})

/** Each user namespace has a limit of its own, so that the test touches nobody else's. */
function canLimitWatches(): boolean {
  if (process.platform !== 'linux') return false
  try {
    execFileSync('unshare', ['-Ur', 'sh', '-c', 'echo 5 > /proc/sys/user/max_inotify_watches'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
