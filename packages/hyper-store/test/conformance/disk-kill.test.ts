/** A process killed while it places files: every file in sight is whole, old or new, and the left-overs go with the next start. */
import { it } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { openRealSubject, PRIVATE_DIR, scanAll } from './disk-subjects.ts'

/** Places and replaces files for ever; a file is whole when it has its size and is of one byte value throughout. */
const WRITER = `
  const { openDiskFolder } = await import(process.argv[1])
  const folder = await openDiskFolder(process.argv[2], { privateDir: '.hyper-store' })
  const facts = (size) => ({ size, mtimeMs: 1e12, executable: false })
  for (let round = 0; ; round += 1) {
    const fill = 97 + (round % 26)
    const staged = await folder.stageSmall(Array.from({ length: 30 }, () => ({ data: Buffer.alloc(5000, fill), facts: facts(5000) })))
    const big = await folder.stage()
    for (let at = 0; at < 4; at += 1) await big.write(Buffer.alloc(100000, fill), at * 100000)
    await big.finish(facts(400000))
    const items = [...staged.map((file, at) => ({ staged: file, path: 'd' + (at % 3) + '/f' + at })), { staged: big, path: 'big' }]
    await folder.place(await Promise.all(items.map(async (item) => ({ ...item, seen: await folder.look(item.path), agreed: round % 2 === 0 }))))
    await folder.flush()
    process.stdout.write('.')
  }`

it('kill -9 at any moment leaves no half-written file in sight', async () => {
  const subject = await openRealSubject()
  try {
    const module = new URL('../../src/disk/disk-folder.js', import.meta.url).href
    for (let round = 0; round < 6; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, module, subject.root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      for (let count = 0; count <= round; count += 1) await once(child.stdout, 'data')
      // Somewhere in the next round, another place each time.
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      child.kill('SIGKILL')
      await ended
      const nodes = await scanAll(subject.folder)
      assert.ok(nodes.size >= 34)
      for (const [path, node] of nodes) {
        if (node.kind !== 'file') continue
        const text = subject.read(path) ?? ''
        assert.equal(text.length, path === 'big' ? 400_000 : 5000, path)
        assert.equal(text, text.charAt(0).repeat(text.length), path)
      }
    }
    const next = await openDiskFolder(subject.root, { privateDir: PRIVATE_DIR })
    assert.equal(fs.existsSync(nodePath.join(subject.root, PRIVATE_DIR, 'staging')), false)
    await next[Symbol.asyncDispose]()
  } finally {
    await subject[Symbol.asyncDispose]()
  }
})
