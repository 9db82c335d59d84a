/** Folders as a user handles them, with real services. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Item, ReceiptEvent } from '@hyper-store/client'
import { Item as ItemShape, ReceiptEvent as ReceiptShape } from '@hyper-store/client'
import * as v from 'valibot'
import { createWorld, errorOf } from './world.ts'

test('add, list, status and remove tell the same item, in lines and in JSON', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  const added = await world.run('a', ['add', './photos'])
  assert.equal(added.code, 0, added.stderr)
  assert.match(added.stdout, /^hyper:\/\/[a-z0-9]{52}\n$/)
  const link = added.stdout.trim()
  const [item] = (await world.json('a', ['list'])) as unknown as Item[]
  assert.deepEqual(v.parse(ItemShape, item), item)
  assert.deepEqual([item?.link, item?.path, item?.title, item?.files, item?.bytes, item?.role], [link, folder, 'photos', 1, 5, 'owner'])
  assert.match((await world.run('a', ['list'])).stdout, new RegExp(`^${link}\tphotos\tup-to-date\t5 B\t0\n$`))
  for (const ref of ['./photos', 'photos', link, item?.key ?? '']) {
    const [status] = (await world.json('a', ['status', ref])) as unknown as Item[]
    assert.equal(status?.link, link, ref)
  }
  assert.match((await world.run('a', ['status', 'photos'])).stdout, /laptop +this device +holds version \d+ \(live\), complete/)
  assert.deepEqual((await world.run('a', ['remove', './photos'])).stdout, '')
  assert.deepEqual(await world.json('a', ['list']), [])
  assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'hello')
  // The same drive goes on; a new one would leave everybody behind who has the link.
  assert.equal((await world.run('a', ['add', './photos'])).stdout.trim(), link)
})

test('two folders with alike names get different links', async () => {
  await using world = await createWorld()
  await world.serve('a')
  await world.folder('my docs')
  await world.folder('my-docs')
  const links = [await world.run('a', ['add', './my docs']), await world.run('a', ['add', './my-docs'])].map(({ stdout }) => stdout)
  assert.notEqual(links[0], links[1])
})

test('what is not there is exit code 6, what is no folder 2, an overlap 1', async () => {
  await using world = await createWorld()
  await world.serve('a')
  await world.folder('photos/inner')
  await writeFile(path.join(world.dir, 'file'), '')
  assert.equal((await world.run('a', ['add', './photos'])).code, 0)
  const cases: [string[], number, string][] = [
    [['remove', './nowhere'], 6, 'UNKNOWN_FOLDER'],
    [['status', `hyper://${'y'.repeat(52)}`], 6, 'UNKNOWN_FOLDER'],
    [['wait', 'nothing'], 6, 'UNKNOWN_FOLDER'],
    [['add', './nowhere'], 6, 'NOT_FOUND'],
    [['add', './file'], 2, 'NOT_A_FOLDER'],
    [['add', './photos/inner'], 1, 'FOLDER_OVERLAP'],
    [['list', 'nobody'], 6, 'UNKNOWN_PROVIDER'],
    [['add', './photos', 'nobody'], 6, 'UNKNOWN_PROVIDER'],
    [['wait', './photos', 'nobody'], 6, 'UNKNOWN_PROVIDER'],
  ]
  for (const [args, exit, code] of cases) {
    const ended = await world.run('a', [...args, '--json'])
    assert.deepEqual([ended.code, errorOf(ended).code], [exit, code], args.join(' '))
    const { stderr } = await world.run('a', args)
    assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', /^hyper-store: [^\n]+$/)
  }
})

test('wait gives a receipt of this device, counts a file that was saved just before, and runs --exec', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const folder = await world.folder('photos')
  assert.equal((await world.run('a', ['add', './photos'])).code, 0)
  for (const count of [1, 2, 3]) {
    await writeFile(path.join(folder, `${count}.txt`), 'x'.repeat(count))
    const [receipt] = (await world.json('a', ['wait', './photos', '--timeout', '30s'])) as unknown as ReceiptEvent[]
    assert.deepEqual(v.parse(ReceiptShape, receipt), receipt)
    assert.deepEqual([receipt?.device.name, receipt?.files], ['laptop', count])
  }
  const { code, stdout } = await world.run('a', ['wait', './photos', '--exec', 'echo done with $HYPER_STORE_TITLE'])
  assert.equal(code, 0)
  assert.match(stdout, /^laptop holds version \d+ of photos \(3 files, 6 B\) since .*\ndone with photos\n$/)
})

test('pause, resume, rescan and ignore change and tell the folder', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, '.hyperignore'), '*.tmp\n')
  await writeFile(path.join(folder, 'a.tmp'), 'x')
  await world.run('a', ['add', './photos'])
  assert.equal((await world.json('a', ['pause', 'photos']))[0]?.['state'], 'paused')
  assert.notEqual((await world.json('a', ['resume', 'photos']))[0]?.['state'], 'paused')
  const [item] = await world.json('a', ['rescan', 'photos'])
  assert.equal(item?.['files'], 1)
  assert.match((await world.run('a', ['ignore', 'photos'])).stdout, /\.hyperignore:1\t\*\.tmp/)
  assert.match((await world.run('a', ['ignore', 'photos', '--test', 'a.tmp'])).stdout, /^ignored\ta\.tmp/)
  assert.match((await world.run('a', ['ignore', 'photos', '--test', 'a.txt'])).stdout, /^kept\ta\.txt/)
})

test('cloning the link of an own folder is refused with 7, and nothing is touched', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  const link = (await world.run('a', ['add', './photos'])).stdout.trim()
  await world.folder('empty')
  const refused = await world.run('a', ['clone', './empty', link, '--json'])
  assert.deepEqual([refused.code, errorOf(refused).code], [7, 'OWN_LINK'])
  assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'hello')
})

test('watch prints a change that is made while it runs', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const folder = await world.folder('photos')
  await world.run('a', ['add', './photos'])
  const child = world.start('a', ['watch', './photos', '--json'])
  const seen = new Promise<{ op: string; path: string }>((resolve) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
      for (const line of text.split('\n').slice(0, -1)) {
        const event = JSON.parse(line) as { event: string; op: string; path: string }
        if (event.event === 'change') resolve(event)
      }
    })
  })
  await new Promise<void>((resolve) =>
    child.stderr?.setEncoding('utf8').on('data', (text: string) => text.includes('Watching') && resolve()),
  )
  await writeFile(path.join(folder, 'new.txt'), 'x')
  const { op, path: changed } = await seen
  assert.deepEqual([op, changed], ['add', 'new.txt'])
})
