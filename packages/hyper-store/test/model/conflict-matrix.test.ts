/**
 * The conflict matrix of a two-way sync: what two devices do apart, and what both must have once they met, in every order of meeting and
 * with either clock ahead. The cases are those that Syncthing's integration tests are described to cover, in our words and with our rules.
 * Where both changed a file and have told so, the newer time keeps the name. Who hears of the other before telling gives way.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FolderPath } from '../../src/core/entries.ts'
import { WHOLE_PASS } from './shared-device.ts'
import { Judge, treeOf } from './shared-judge.ts'
import { SharedWorld, type DeviceSetup } from './shared-world.ts'

type Edit = (disk: SharedWorld['devices'][number]['disk']) => void
const at = (path: string) => path as FolderPath
const write =
  (path: string, text: string): Edit =>
  (disk) =>
    disk.write(at(path), text)
const remove =
  (path: string): Edit =>
  (disk) =>
    disk.delete(at(path))
const rename =
  (from: string, to: string): Edit =>
  (disk) =>
    disk.rename(at(from), at(to))
const folder =
  (path: string): Edit =>
  (disk) =>
    disk.makeFolder(at(path))
const link =
  (path: string, target: string): Edit =>
  (disk) => {
    disk.delete(at(path))
    disk.write(at(path), target, { kind: 'symlink' })
  }
const bits =
  (path: string): Edit =>
  (disk) =>
    disk.stamp(at(path), { mtimeMs: disk.nodes.get(at(path))?.mtimeMs ?? 0, executable: true })
const touch =
  (path: string): Edit =>
  (disk) =>
    disk.stamp(at(path), { mtimeMs: (disk.nodes.get(at(path))?.mtimeMs ?? 0) + 5, executable: false })

interface Case {
  readonly name: string
  /** What both have at first. */
  readonly first: readonly Edit[]
  readonly left: readonly Edit[]
  readonly right: readonly Edit[]
  /** Path → text, `-> target`, null for an empty folder; `*` in a path stands for a conflict's device and time. Alternatives by who keeps the name. */
  readonly end: Tree | Alternatives
  /** Whose version is newer, whatever the clocks say. */
  readonly newest?: Side
}
type Side = 'left' | 'right'
interface Alternatives {
  readonly keepsLeft: Tree
  readonly keepsRight: Tree
}
type Tree = Readonly<Record<string, string | null>>

const CONFLICT = ' (conflict *)'

const CASES: readonly Case[] = [
  {
    name: 'nothing is done',
    first: [write('a', 'one')],
    left: [],
    right: [],
    end: { a: 'one' },
  },
  {
    name: 'edit and nothing',
    first: [write('a', 'one')],
    left: [write('a', 'two')],
    right: [],
    end: { a: 'two' },
  },
  {
    name: 'edit and edit: the newer keeps the name, the other is a copy beside it',
    first: [write('a.txt', 'one')],
    left: [write('a.txt', 'left')],
    right: [write('a.txt', 'right')],
    end: {
      keepsLeft: { 'a.txt': 'left', [`a${CONFLICT}.txt`]: 'right' },
      keepsRight: { 'a.txt': 'right', [`a${CONFLICT}.txt`]: 'left' },
    },
  },
  {
    name: 'the same edit twice is no conflict',
    first: [write('a', 'one')],
    left: [write('a', 'same')],
    right: [write('a', 'same')],
    end: { a: 'same' },
  },
  {
    name: 'the first merge of two folders that hold the same',
    first: [],
    left: [write('a', 'same'), write('l', 'left')],
    right: [write('a', 'same'), write('r', 'right')],
    end: { a: 'same', l: 'left', r: 'right' },
  },
  {
    name: 'the first merge of two folders that differ in a file',
    first: [],
    left: [write('a', 'left')],
    right: [write('a', 'right')],
    end: { keepsLeft: { a: 'left', [`a${CONFLICT}`]: 'right' }, keepsRight: { a: 'right', [`a${CONFLICT}`]: 'left' } },
  },
  {
    name: 'edit and delete: the edit stays',
    first: [write('a', 'one')],
    left: [write('a', 'two')],
    right: [remove('a')],
    end: { a: 'two' },
  },
  {
    name: 'delete and edit: the edit stays',
    first: [write('a', 'one')],
    left: [remove('a')],
    right: [write('a', 'two')],
    end: { a: 'two' },
  },
  { name: 'delete and delete', first: [write('a', 'one'), write('b', 'b')], left: [remove('a')], right: [remove('a')], end: { b: 'b' } },
  {
    name: 'delete and make again, and nothing',
    first: [write('a', 'one')],
    left: [remove('a'), write('a', 'again')],
    right: [],
    end: { a: 'again' },
  },
  {
    name: 'rename and edit: the edit stays under the old name, the old text under the new one',
    first: [write('a', 'one')],
    left: [rename('a', 'b')],
    right: [write('a', 'two')],
    end: { a: 'two', b: 'one' },
  },
  {
    name: 'rename and rename to two names: both are there',
    first: [write('a', 'one')],
    left: [rename('a', 'l')],
    right: [rename('a', 'r')],
    end: { l: 'one', r: 'one' },
  },
  {
    name: 'two files renamed to one name: one is a copy beside the other',
    first: [write('a', 'one'), write('b', 'two')],
    left: [rename('a', 'c')],
    right: [rename('b', 'c')],
    end: {
      keepsLeft: { c: 'one', [`c${CONFLICT}`]: 'two' },
      keepsRight: { c: 'two', [`c${CONFLICT}`]: 'one' },
    },
    newest: 'right',
  },
  {
    name: 'rename and delete: the file stays under its new name',
    first: [write('a', 'one'), write('x', 'x')],
    left: [rename('a', 'b')],
    right: [remove('a')],
    end: { b: 'one', x: 'x' },
  },
  {
    name: 'a folder renamed, and a file in it edited',
    first: [write('d/a', 'one'), write('d/b', 'b')],
    left: [rename('d', 'e')],
    right: [write('d/a', 'two')],
    end: { 'e/a': 'one', 'e/b': 'b', 'd/a': 'two' },
  },
  {
    name: 'a folder renamed, and a file made in it',
    first: [write('d/a', 'one')],
    left: [rename('d', 'e')],
    right: [write('d/new', 'new')],
    end: { 'e/a': 'one', 'd/new': 'new' },
  },
  {
    name: 'a folder renamed on both sides',
    first: [write('d/a', 'one')],
    left: [rename('d', 'l')],
    right: [rename('d', 'r')],
    end: { 'l/a': 'one', 'r/a': 'one' },
  },
  {
    name: 'a folder deleted, and a file in it edited',
    first: [write('d/a', 'one'), write('d/b', 'b')],
    left: [remove('d')],
    right: [write('d/a', 'two')],
    end: { 'd/a': 'two' },
  },
  {
    name: 'a folder deleted, and a file made in it',
    first: [write('d/a', 'one')],
    left: [remove('d')],
    right: [write('d/new', 'new')],
    end: { 'd/new': 'new' },
  },
  {
    name: 'a file becomes a folder, and nothing',
    first: [write('a', 'one')],
    left: [remove('a'), write('a/b', 'b')],
    right: [],
    end: { 'a/b': 'b' },
  },
  {
    name: 'a folder becomes a file, and nothing',
    first: [write('a/b', 'b'), write('a/c', 'c')],
    left: [remove('a'), write('a', 'file')],
    right: [],
    end: { a: 'file' },
  },
  {
    name: 'a file becomes a folder, and is edited: the folder keeps the name, the edit is a copy beside it',
    first: [write('a', 'one')],
    left: [remove('a'), write('a/b', 'b')],
    right: [write('a', 'two')],
    end: { 'a/b': 'b', [`a${CONFLICT}`]: 'two' },
  },
  {
    name: 'a folder becomes a file, and something is made in it',
    first: [write('a/b', 'b')],
    left: [remove('a'), write('a', 'file')],
    right: [write('a/new', 'new')],
    end: { 'a/new': 'new', [`a${CONFLICT}`]: 'file' },
  },
  {
    name: 'a file on one side and a folder on the other, both new',
    first: [],
    left: [write('a', 'file')],
    right: [write('a/b', 'b')],
    end: { 'a/b': 'b', [`a${CONFLICT}`]: 'file' },
  },
  {
    name: 'a file on one side and an empty folder on the other: the file stays',
    first: [],
    left: [write('a', 'file')],
    right: [folder('a')],
    end: { a: 'file' },
  },
  {
    name: 'a file becomes a link, and nothing',
    first: [write('a', 'one')],
    left: [link('a', 'there')],
    right: [],
    end: { a: '-> there' },
  },
  {
    name: 'a link and an edit',
    first: [write('a', 'one')],
    left: [link('a', 'there')],
    right: [write('a', 'two')],
    end: { keepsLeft: { a: '-> there', [`a${CONFLICT}`]: 'two' }, keepsRight: { a: 'two', [`a${CONFLICT}`]: '-> there' } },
  },
  {
    name: 'the same link made twice is no conflict',
    first: [],
    left: [link('a', 'there')],
    right: [link('a', 'there')],
    end: { a: '-> there' },
  },
  { name: 'an empty folder, and nothing', first: [], left: [folder('d')], right: [], end: { d: null } },
  { name: 'an empty folder on both sides', first: [], left: [folder('d')], right: [folder('d')], end: { d: null } },
  {
    name: 'an empty folder deleted, and a file made in it',
    first: [folder('d')],
    left: [remove('d')],
    right: [write('d/a', 'one')],
    end: { 'd/a': 'one' },
  },
  {
    name: 'the name in other case, and nothing',
    first: [write('name', 'one')],
    left: [rename('name', 'Name')],
    right: [],
    end: { Name: 'one' },
  },
  {
    name: 'the name in other case, and an edit',
    first: [write('name', 'one')],
    left: [rename('name', 'Name')],
    right: [write('name', 'two')],
    end: { Name: 'one', name: 'two' },
  },
  {
    name: 'two names that differ in case, made apart',
    first: [],
    left: [write('name', 'left')],
    right: [write('Name', 'right')],
    end: { name: 'left', Name: 'right' },
  },
  {
    name: 'two Unicode forms of a name, made apart',
    first: [],
    left: [write('\u00e9', 'left')],
    right: [write('e\u0301', 'right')],
    end: { '\u00e9': 'left', 'e\u0301': 'right' },
  },
  {
    name: 'a touch and an edit: the edit is on top of the same bytes',
    first: [write('a', 'one')],
    left: [touch('a')],
    right: [],
    end: { a: 'one' },
  },
  {
    name: 'a touch on both sides is no conflict',
    first: [write('a', 'one')],
    left: [touch('a')],
    right: [touch('a'), touch('a')],
    end: { a: 'one' },
  },
  {
    name: 'execute bit on both sides is no conflict',
    first: [write('a', 'one')],
    left: [bits('a')],
    right: [bits('a')],
    end: { a: 'one' },
  },
  {
    name: 'two files swapped, and nothing',
    first: [write('a', 'one'), write('b', 'two')],
    left: [rename('a', 'c'), rename('b', 'a'), rename('c', 'b')],
    right: [],
    end: { a: 'two', b: 'one' },
  },
]

const YEARS = 5

function setup(newer: 'left' | 'right', mode: DeviceSetup['mode'] = 'send-receive'): DeviceSetup[] {
  const device = (skewYears: number, as: DeviceSetup['mode'] = 'send-receive'): DeviceSetup => ({
    mode: as,
    skewYears,
    exclude: [],
    member: true,
  })
  return [device(newer === 'left' ? YEARS : 0), device(newer === 'right' ? YEARS : 0, mode)]
}

function treeAt(world: SharedWorld, who: number): Record<string, string | null> {
  const device = world.devices[who]
  assert(device !== undefined)
  const shown: Record<string, string | null> = {}
  for (const [path, { kind, text }] of device.disk.nodes) {
    const name = path.replace(/\(conflict [^)]*\)/gu, '(conflict *)')
    if (kind === 'folder' && !device.disk.isEmpty(path)) continue
    shown[name] = kind === 'folder' ? null : kind === 'symlink' ? `-> ${text}` : text
  }
  return shown
}

/** Both tell before they meet, or one has told when the other hears of it and has not. */
const MEETINGS = ['both tell first', 'left tells first', 'right tells first'] as const

describe('what two devices do apart', () => {
  for (const { name, first, left, right, end, newest } of CASES) {
    for (const newer of ['left', 'right'] as const) {
      for (const meeting of MEETINGS) {
        test(`${name} (${newer} is newer, ${meeting})`, async () => {
          const world = new SharedWorld({ seed: 1, devices: setup(newer) })
          await world.begin()
          const [one, other] = world.devices
          assert(one !== undefined && other !== undefined)
          for (const edit of first) edit(one.disk)
          await world.meet()
          for (const edit of left) edit(one.disk)
          for (const edit of right) edit(other.disk)
          for (const who of meeting === 'both tell first' ? [0, 1] : [meeting === 'left tells first' ? 0 : 1]) {
            await world.pass({ who, shape: WHOLE_PASS, meanwhile: [] })
            if (meeting !== 'both tell first') await world.carry({ from: who, to: 1 - who, drive: null, versions: 1000 })
          }
          await world.meet()
          const keeps = meeting === 'left tells first' ? 'left' : meeting === 'right tells first' ? 'right' : (newest ?? newer)
          assert.deepEqual(treeAt(world, 0), isAlternatives(end) ? (keeps === 'left' ? end.keepsLeft : end.keepsRight) : end)
          assert.deepEqual(new Map(treeOf(one)), treeOf(other))
          await new Judge(world).judge()
        })
      }
    }
  }
})

function isAlternatives(end: Case['end']): end is Alternatives {
  return typeof end['keepsLeft'] === 'object'
}

test('an ignored name is left alone on both sides, whatever is done there', async () => {
  const world = new SharedWorld({ seed: 1, devices: setup('left') })
  await world.begin()
  const [one, other] = world.devices
  assert(one !== undefined && other !== undefined)
  for (const device of [one, other]) device.ignores = (path) => path.startsWith('build')
  one.disk.write(at('a'), 'one')
  one.disk.write(at('build/x'), 'left')
  other.disk.write(at('build/x'), 'right')
  await world.meet()
  assert.deepEqual(treeAt(world, 0), { a: 'one', 'build/x': 'left' })
  assert.deepEqual(treeAt(world, 1), { a: 'one', 'build/x': 'right' })
  other.disk.delete(at('build'))
  await world.meet()
  assert.deepEqual(treeAt(world, 0), { a: 'one', 'build/x': 'left' })
})

test('a device that only receives keeps its edit beside what others wrote, and tells nobody', async () => {
  const world = new SharedWorld({ seed: 1, devices: setup('left', 'receive-only') })
  await world.begin()
  const [one, other] = world.devices
  assert(one !== undefined && other !== undefined)
  one.disk.write(at('a'), 'one')
  await world.meet()
  one.disk.write(at('a'), 'two')
  other.disk.write(at('a'), 'own edit')
  await world.meet()
  assert.deepEqual(treeAt(world, 0), { a: 'two' })
  const shown = treeAt(world, 1)
  assert.equal(shown['a'], 'two')
  assert.deepEqual(new Set(Object.values(shown)), new Set(['own edit', 'two']))
})
