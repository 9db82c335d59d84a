/** docs/dependencies.md gives a reason for every dependency of every package, and for no other. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const root = new URL('../../../../../', import.meta.url)
const MANIFESTS = ['package.json', 'packages/client/package.json', 'packages/hyper-store/package.json', 'packages/web/package.json']

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

async function manifestOf(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(new URL(path, root), 'utf8')) as Manifest
}

/** Names in the first column of the tables below each second-level heading. */
async function documented(): Promise<Map<string, string[]>> {
  const text = await readFile(new URL('docs/dependencies.md', root), 'utf8')
  const sections = text.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => [
      section.split('\n', 1)[0] ?? '',
      Array.from(section.matchAll(/^\| `([^`]+)` \| \S/gm), (row) => row[1] ?? ''),
    ]),
  )
}

test('docs/dependencies.md lists every dependency of every package, and no other', async () => {
  const byHeading = await documented()
  for (const path of MANIFESTS) {
    const { name, dependencies, devDependencies } = await manifestOf(path)
    const heading = name === 'hyper-store-workspace' ? 'Workspace' : name
    const used = [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})]
    assert.deepEqual(byHeading.get(heading)?.toSorted(), used.toSorted(), heading)
  }
  assert.equal(byHeading.size, MANIFESTS.length)
})

test('every dependency has an exact version', async () => {
  for (const path of MANIFESTS) {
    const { dependencies, devDependencies } = await manifestOf(path)
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name)
  }
})

test('the lock file names no host', async () => {
  const lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')) as {
    packages: Record<string, { resolved?: string; link?: boolean }>
  }
  for (const [name, { resolved, link }] of Object.entries(lock.packages)) assert.ok(resolved === undefined || link === true, name)
})
