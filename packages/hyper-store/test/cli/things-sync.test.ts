/** One-way sync and diff of folders by path and by link, as a user runs them. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { PROGRAM, createStores } from '../fixtures/stores.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { errorOf } from './world.ts'

const SERVICE = ['--port', '0', '--lan-only', '--no-lan', '--name', 'laptop']
const linesOf = (text: string) => text.split('\n').filter(Boolean)

/** Writes files by name; a name that ends in a slash is an empty folder. */
async function tree(root: string, files: Record<string, string>): Promise<string> {
  await mkdir(root, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name)
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true })
    if (!name.endsWith('/')) await writeFile(file, text)
  }
  return root
}

/** Files by path with their text; folders that hold nothing end in a slash. */
async function filesOf(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(root, file)
    if (entry.isFile()) found[name] = await readFile(file, 'utf8')
    else if (entry.isSymbolicLink()) found[name] = '->'
    else if ((await readdir(file)).length === 0) found[`${name}/`] = ''
  }
  return found
}

const same = (a: Record<string, string>, b: Record<string, string>) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, text]) => b[name] === text)

function start(store: TestStore, args: readonly string[]): ChildProcess {
  const env = { ...process.env, HYPER_STORE_HOME: store.home, HYPER_STORE_SERVICE_OPTIONS: '--lan-only --no-lan' }
  return spawn(process.execPath, [PROGRAM, ...args], { cwd: store.dir, env, stdio: 'ignore' })
}

test('sync between two paths needs no service: what it copies, leaves out, refuses and asks for', async () => {
  await using stores = await createStores('hyper-store-things-')
  const a = await stores.add('a')
  const run = (...args: string[]) => a.run(['sync', 'from', 'to', '--no-start', ...args])
  const from = await tree(path.join(a.dir, 'from'), {
    '.hyperignore': '*.tmp\n',
    'x.tmp': 'x',
    'one.txt': 'one',
    'sub/deep/two.txt': 'two',
    'empty/': '',
    'left/three.txt': 'three',
  })
  await symlink('one.txt', path.join(from, 'inside'))
  await symlink('/etc', path.join(from, 'outside'))
  const to = path.join(a.dir, 'to')

  const dry = await run('--dry-run', '--filter', 'left/', '--filter', '*.md')
  assert.deepEqual([dry.code, linesOf(dry.stdout).at(-1)], [0, '5 added to be made'])
  await assert.rejects(stat(to))
  const first = await run('--filter', 'left/')
  assert.deepEqual(
    [first.code, linesOf(first.stdout).toSorted()],
    [0, ['+ .hyperignore (6 B)', '+ empty/', '+ inside', '+ one.txt (3 B)', '+ sub/deep/two.txt (3 B)', '5 added']],
  )
  assert.match(first.stderr, /outside is left out: it points out of the folder/)
  assert.deepEqual(await filesOf(to), {
    '.hyperignore': '*.tmp\n',
    'one.txt': 'one',
    'sub/deep/two.txt': 'two',
    'empty/': '',
    inside: '->',
  })
  assert.equal((await run('--filter', 'left/')).stdout, 'no changes\n')

  // What the target ignores is not deleted; a file of another time and the same content is no change.
  await writeFile(path.join(to, 'mine.tmp'), 'mine')
  await utimes(path.join(from, 'one.txt'), 1000, 1000)
  assert.equal((await run('--filter', 'left/')).stdout, 'no changes\n')
  await rename(path.join(from, 'sub/deep/two.txt'), path.join(from, 'two.txt'))
  await rm(path.join(from, 'sub'), { recursive: true })
  await rm(path.join(from, 'inside'))
  await writeFile(path.join(from, 'one.txt'), 'one more')
  const stopped = await run('--json')
  assert.deepEqual([stopped.code, errorOf(stopped).code], [7, 'STOPPED_FOR_SAFETY'])
  assert.equal(await readFile(path.join(to, 'one.txt'), 'utf8'), 'one')
  assert.deepEqual(linesOf((await run('--dry-run', '--prefix', 'left')).stdout), ['+ left/three.txt (5 B)', '1 added to be made'])
  assert.deepEqual(linesOf((await run('--no-add', '--no-delete', '--dry-run')).stdout), ['~ one.txt (3 B to 8 B)', '1 changed to be made'])
  const second = await run('--yes')
  assert.deepEqual(linesOf(second.stdout).toSorted(), [
    '+ left/three.txt (5 B)',
    '- inside',
    '1 added, 1 deleted, 1 changed, 1 renamed',
    '> sub/deep/two.txt to two.txt',
    '~ one.txt (3 B to 8 B)',
  ])
  const { 'x.tmp': _, outside: __, ...shared } = await filesOf(from)
  assert.deepEqual(await filesOf(to), { ...shared, 'mine.tmp': 'mine' })

  // A symlink in the target is replaced, never written through; a file gives way to a folder.
  const elsewhere = await tree(path.join(a.dir, 'elsewhere'), { 'one.txt': 'precious' })
  await rm(path.join(to, 'one.txt'))
  await symlink(path.join(elsewhere, 'one.txt'), path.join(to, 'one.txt'))
  await rm(path.join(to, 'left'), { recursive: true })
  await symlink(elsewhere, path.join(to, 'left'))
  assert.equal((await run('--yes')).code, 0)
  assert.deepEqual(await filesOf(elsewhere), { 'one.txt': 'precious' })
  assert.deepEqual(await filesOf(to), { ...shared, 'mine.tmp': 'mine' })

  const cases: [string[], number, string][] = [
    [['sync', 'nowhere', 'to'], 2, 'NOT_A_FOLDER'],
    [['sync', 'from/one.txt', 'to'], 2, 'NOT_A_FOLDER'],
    [['sync', 'from', 'from/left'], 2, 'USAGE'],
    [['sync', 'from', 'to', '--version', '2'], 2, 'USAGE'],
    [['sync', 'from', 'to', '--live', '--dry-run'], 2, 'USAGE'],
    [['diff', 'from', 'nowhere'], 2, 'NOT_A_FOLDER'],
    [['diff', 'from', 'to', '--from', '2'], 2, 'USAGE'],
    [['diff', 'from', '--commit'], 2, 'USAGE'],
  ]
  for (const [args, exit, code] of cases) {
    const ended = await a.run([...args, '--json', '--no-start'])
    assert.deepEqual([ended.code, errorOf(ended).code], [exit, code], args.join(' '))
  }
})

test('sync and diff by link: a new link from a path, changes, versions, back to a path, and from link to link', async () => {
  await using stores = await createStores('hyper-store-things-')
  const a = await stores.add('a')
  await a.serve(SERVICE)
  const site = await tree(path.join(a.dir, 'site'), {
    'index.html': 'one',
    'img/a.svg': '<svg/>',
    'big.bin': 'x'.repeat(1_500_000),
    'void/': '',
  })
  const [link = '', ...told] = linesOf(await a.ok(['sync', 'site']))
  assert.match(link, /^hyper:\/\/[a-z0-9]{52}$/)
  assert.equal(told.at(-1), '4 added')
  assert.equal((await a.run(['cat', `${link}/index.html`])).stdout, 'one')
  assert.equal(await a.ok(['sync', 'site', link]), 'no changes')
  const [before] = await a.json<{ version: number }>(['info', link])

  await writeFile(path.join(site, 'index.html'), 'two, longer')
  await rm(path.join(site, 'img'), { recursive: true })
  await rename(path.join(site, 'big.bin'), path.join(site, 'bigger.bin'))
  const differs = ['> big.bin to bigger.bin', '- img/a.svg (6 B)', '~ index.html (3 B to 11 B)']
  const shown = linesOf(await a.ok(['diff', 'site', link]))
  assert.deepEqual(shown.slice(0, -1).toSorted(), differs.toSorted())
  assert.match(shown.at(-1) ?? '', /^1 deleted, 1 changed, 1 renamed to make /)
  assert.equal((await a.run(['diff', 'site', link, '--commit'])).code, 7)
  assert.deepEqual(
    linesOf(await a.ok(['diff', 'site', link, '--commit', '--yes'])).toSorted(),
    [...differs, '1 deleted, 1 changed, 1 renamed'].toSorted(),
  )
  assert.equal(await a.ok(['sync', 'site', link]), 'no changes')
  assert.deepEqual(
    linesOf(await a.ok(['ls', '-r', link]))
      .filter((name) => !name.endsWith('/'))
      .toSorted(),
    ['bigger.bin', 'index.html'],
  )

  await a.ok(['sync', `${link}+${before?.version}`, 'then'])
  assert.deepEqual(Object.keys(await filesOf(path.join(a.dir, 'then'))).toSorted(), ['big.bin', 'img/a.svg', 'index.html', 'void/'])
  await a.ok(['sync', link])
  assert.deepEqual(await filesOf(path.join(a.dir, link.slice('hyper://'.length))), await filesOf(site))

  const other = await a.ok(['create', 'drive', 'other'])
  const over = (await a.json<Record<string, unknown>>(['sync', link, other])).at(-1)
  assert.deepEqual([over?.['event'], over?.['changes'], over?.['failed']], ['synced', 3, 0])
  assert.equal((await a.run(['cat', `${other}/index.html`])).stdout, 'two, longer')
  await a.ok(['sync', 'site', `${other}/below`])
  assert.equal((await a.run(['cat', `${other}/below/index.html`])).stdout, 'two, longer')
  assert.match(await a.ok(['diff', link, other]), /^- below/)
  // A folder that has a place on this disk is written there.
  await mkdir(path.join(a.dir, 'kept'))
  const kept = await a.ok(['add', './kept'])
  await a.ok(['sync', link, kept])
  assert.equal(await readFile(path.join(a.dir, 'kept/index.html'), 'utf8'), 'two, longer')
  assert.equal(await a.ok(['sync', 'kept', kept]), 'no changes')
  assert.equal((await a.run(['cat', 'kept/index.html'])).stdout, 'two, longer')
  const cases: [string[], number, string][] = [
    [['sync', 'site', `${link}+1`], 2, 'USAGE'],
    [['sync', `${link}/index.html`, 'x'], 2, 'NOT_A_FOLDER'],
    [['sync', `${link}/none`, 'x'], 6, 'NOT_FOUND'],
  ]
  for (const [args, exit, code] of cases) {
    const ended = await a.run([...args, '--json'])
    assert.deepEqual([ended.code, errorOf(ended).code], [exit, code], args.join(' '))
  }
})

test(
  'sync --live follows a path and a link until it is interrupted, and stops when its source is suddenly empty',
  { timeout: 60_000 },
  async () => {
    await using stores = await createStores('hyper-store-things-')
    const a = await stores.add('a')
    await a.serve(SERVICE)
    const from = await tree(path.join(a.dir, 'from'), { 'a.txt': 'one' })
    const link = await a.ok(['create', 'drive', 'live'])
    const to = path.join(a.dir, 'to')
    const up = start(a, ['sync', 'from', link, '--live', '--yes'])
    const down = start(a, ['sync', link, 'to', '--live', '--yes'])
    try {
      const arrives = async () =>
        until('the same files on both sides', async () => same(await filesOf(to).catch(() => ({})), await filesOf(from)))
      await arrives()
      await tree(from, { 'b/c.txt': 'new', 'a.txt': 'changed' })
      await arrives()
      await rm(path.join(from, 'a.txt'))
      await arrives()
      down.kill('SIGINT')
      assert.deepEqual(await once(down, 'exit'), [0, null])
      // In one step, as an unmounted disk.
      await rename(path.join(from, 'b'), path.join(a.dir, 'away'))
      assert.deepEqual(await once(up, 'exit'), [7, null])
      assert.equal((await a.run(['cat', `${link}/b/c.txt`])).stdout, 'new')
    } finally {
      for (const child of [up, down]) child.kill('SIGKILL')
    }
  },
)
