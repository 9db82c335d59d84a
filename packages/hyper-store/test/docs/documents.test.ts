/** What the documents point at exists, and the entrance says what the program does. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { COMMANDS } from '../../src/cli/command-table.ts'

const root = new URL('../../../../../', import.meta.url)
const OWN = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'packages/client/README.md',
  'packages/hyper-store/README.md',
]

async function documents(): Promise<string[]> {
  const below = await readdir(new URL('docs/', root), { recursive: true })
  return [...OWN, ...below.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
}

test('every link of a document leads to something', async () => {
  for (const name of await documents()) {
    const text = await readFile(new URL(name, root), 'utf8')
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target === undefined || /^(https?:|#)/.test(target)) continue
      assert.ok(existsSync(new URL(target.split('#')[0] ?? '', new URL(name, root))), `${name} points at ${target}`)
    }
  }
})

test('every decision has its place in the list, with its title', async () => {
  const list = await readFile(new URL('docs/decisions/README.md', root), 'utf8')
  const files = (await readdir(new URL('docs/decisions/', root))).filter((name) => /^\d{4}-/.test(name))
  assert.ok(files.length > 0)
  for (const file of files) {
    const [title] = (await readFile(new URL(`docs/decisions/${file}`, root), 'utf8')).split('\n', 1)
    const found = /^# (\d{4}): (.+)$/.exec(title ?? '')
    assert.ok(file.startsWith(`${found?.[1]}-`), file)
    assert.ok(list.includes(`| [${found?.[1]}](${file}) | ${found?.[2]} |`), file)
  }
})

test('the commands that the README and the Pi page show exist', async () => {
  const known = new Set(COMMANDS.flatMap(({ commands }) => commands.map(({ name }) => name)))
  for (const name of ['README.md', 'docs/pi.md', 'packages/hyper-store/README.md']) {
    const text = await readFile(new URL(name, root), 'utf8')
    const code = Array.from(text.matchAll(/```sh\n([^]*?)```/g), (block) => block[1] ?? '').join('\n')
    for (const [, command] of code.matchAll(/^(?:sudo (?:-u \S+ )?)?hyper-store (?:--home \S+ )?([a-z][a-z-]+)/gm)) {
      assert.ok(known.has(command ?? ''), `${name}: hyper-store ${command}`)
    }
  }
})

test('the source files and tests that documents name exist', async () => {
  for (const name of await documents()) {
    const text = await readFile(new URL(name, root), 'utf8')
    for (const [, file] of text.matchAll(/`((?:src|test|core|disk|hyper|http|service|state|sync|cli)\/[\w/.-]+\.ts)`/g)) {
      const found = ['packages/hyper-store/', 'packages/hyper-store/src/'].some((base) => existsSync(new URL(base + file, root)))
      assert.ok(found, `${name} names ${file}`)
    }
  }
})
