/** Tools beside the store: beam, and completion as real shells use it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTestnet } from '../fixtures/testnet.ts'
import { createWorld, PROGRAM } from './world.ts'

const PHRASE = 'brave-otter-lamp-cloud-tulip-seven'

test('beam carries bytes both ways between two people who know the phrase', async () => {
  await using testnet = await createTestnet()
  await using world = await createWorld()
  const bootstrap = ['--bootstrap', testnet.bootstrap.join(',')]
  const [ana, ben] = await Promise.all([
    world.run('ana', ['beam', PHRASE, '--listen', ...bootstrap, '--timeout', '60s'], {}, 'from ana'),
    world.run('ben', ['beam', PHRASE, ...bootstrap, '--timeout', '60s'], {}, Buffer.alloc(300_000, 7)),
  ])
  assert.deepEqual([ana.code, ben.code], [0, 0], ana.stderr + ben.stderr)
  assert.equal(ben.stdout, 'from ana')
  assert.equal(ana.stdout.length, 300_000)
})

test('beam without a phrase makes one, and says it on stderr alone', async () => {
  await using testnet = await createTestnet()
  await using world = await createWorld()
  const child = world.start('ana', ['beam', '--bootstrap', testnet.bootstrap.join(',')])
  const [first] = (await once(child.stderr ?? process.stderr, 'data')) as [Buffer]
  assert.match(String(first), /^On the other machine: hyper-store beam (?:[a-z]+-){5}[a-z]+\n/)
  child.kill('SIGINT')
  assert.equal(await text(child.stdout ?? process.stdin), '')
})

test('beam gives up when nobody comes', async () => {
  await using testnet = await createTestnet()
  await using world = await createWorld()
  const { code, stderr } = await world.run('ana', ['beam', PHRASE, '--timeout', '2s', '--bootstrap', testnet.bootstrap.join(',')])
  assert.equal(code, 5)
  assert.match(stderr, /nobody came/)
})

test('a bootstrap address that is none is a usage mistake', async () => {
  await using world = await createWorld()
  assert.equal((await world.run('ana', ['beam', PHRASE, '--bootstrap', 'nowhere'])).code, 2)
})

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`the script for ${shell} is understood by that shell`, async (t) => {
    await using world = await createWorld()
    const { code, stdout } = await world.run('ana', ['completion', shell])
    assert.equal(code, 0)
    assert.match(stdout, /hyper-store/)
    const file = path.join(world.dir, `completion.${shell}`)
    await writeFile(file, stdout)
    const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    if (checked.error !== undefined) t.diagnostic(`${shell} is not installed here: its script is not checked by it`)
    else assert.equal(checked.status, 0, checked.stderr)
  })
}

test('bash completes a command by its script', async () => {
  await using world = await createWorld()
  const { stdout } = await world.run('ana', ['completion', 'bash'])
  const ask = [
    `hyper-store() { "${process.execPath}" "${PROGRAM}" "$@"; }`,
    stdout,
    'COMP_WORDS=(hyper-store list-p) COMP_CWORD=1 COMP_LINE="hyper-store list-p" COMP_POINT=18',
    `$(complete -p hyper-store | sed 's/.*-F \\([^ ]*\\).*/\\1/')`,
    'echo "${COMPREPLY[@]}"',
  ].join('\n')
  const { stdout: said, stderr } = spawnSync('bash', ['-c', ask], {
    encoding: 'utf8',
    env: { ...process.env, HYPER_STORE_HOME: world.dir },
  })
  assert.match(said, /list-providers/, stderr)
})

test('the manual is one that man can show, with every command', (t) => {
  const file = fileURLToPath(new URL('../../../man/hyper-store.1', import.meta.url))
  const { stdout, error, status } = spawnSync('groff', ['-man', '-Tutf8', '-P-cbou', file], { encoding: 'utf8' })
  if (error !== undefined) return t.diagnostic('groff is not installed here: the manual is not shown by it')
  assert.equal(status, 0)
  assert.match(stdout, /hyper-store beam \[phrase\]/)
})
