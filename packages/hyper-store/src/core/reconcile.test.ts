/** The case table of reconcile, row by row, and the places where paths meet. The model test in test/model covers the rest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriveId, EntryOrTombstone, FileEntry, FolderPath, LocalFile, LocalNode, Synced, VersionVector } from './entries.ts'
import { reconcile, type PathView, type ReconcileInput, type Step } from './reconcile.ts'
import { createSelection } from './selection.ts'

const ME = 'meeeeeeeee' as DriveId
const HIM = 'himhimhimh' as DriveId
const p = (text: string) => text as FolderPath

function file(hash: string, vector: VersionVector = { [HIM]: 1 }, facts: Partial<FileEntry> = {}): FileEntry {
  return { kind: 'file', size: 1, hash, executable: false, content: null, mtimeMs: 10, vector, ...facts }
}
function local(ino: number, facts: Partial<LocalFile> = {}): LocalFile {
  return { kind: 'file', size: 1, mtimeMs: 10, ctimeMs: 10, ino, executable: false, ...facts }
}
const gone = (vector: VersionVector): EntryOrTombstone => ({ kind: 'tombstone', mtimeMs: 20, vector })
const BASE: Synced = { entry: file('b'), local: local(1) }
const EDITED = local(1, { ctimeMs: 11 })
const NEWER = file('n', { [HIM]: 2 })
const OCCUPIED: LocalNode = { kind: 'folder', empty: false }
const EMPTY: LocalNode = { kind: 'folder', empty: true }

function view(path: string, remote: EntryOrTombstone | null, node: LocalNode | null, synced: Synced | null): PathView {
  return { path: p(path), remote, local: node, synced }
}
function planOf(paths: PathView[], options: Partial<ReconcileInput> = {}) {
  return reconcile({ paths, mode: 'send-receive', drive: ME, deviceName: 'pi', ...options })
}
const short = (steps: readonly Step[]) => steps.map((step) => `${step.op} ${step.path}`)

test('reconcile() follows the case table in every mode', () => {
  const rows: [string, EntryOrTombstone | null, LocalNode | null, Synced | null, string, string, string][] = [
    // what                         remote          disk           record  send-receive  receive-only  send-only
    ['nothing anywhere', null, null, null, '', '', ''],
    ['new on disk', null, local(1), null, 'publish', '', 'publish'],
    ['new empty folder', null, EMPTY, null, 'publish', '', 'publish'],
    ['new folder with content', null, OCCUPIED, null, '', '', ''],
    ['new in the drives', NEWER, null, null, 'fetch', 'fetch', ''],
    ['new on both, sizes equal', NEWER, local(1), null, 'compare', 'compare', 'publish'],
    ['new on both, sizes differ', NEWER, local(1, { size: 9 }), null, 'set-aside', 'set-aside', 'publish'],
    ['agreed', BASE.entry, local(1), BASE, '', '', ''],
    ['edited here', BASE.entry, EDITED, BASE, 'publish', '', 'publish'],
    ['deleted here', BASE.entry, null, BASE, 'unpublish', '', 'unpublish'],
    ['touched there', file('b', { [HIM]: 2 }, { mtimeMs: 99 }), local(1), BASE, 'stamp', 'stamp', ''],
    ['touched there, edited here', file('b', { [HIM]: 2 }, { mtimeMs: 99 }), EDITED, BASE, 'publish', '', 'publish'],
    ['edited there', NEWER, local(1), BASE, 'fetch', 'fetch', ''],
    ['edited on both', NEWER, EDITED, BASE, 'compare', 'compare', 'publish'],
    ['edited on both, sizes differ', NEWER, local(1, { size: 9 }), BASE, 'set-aside', 'set-aside', 'publish'],
    ['edited there, deleted here', NEWER, null, BASE, 'fetch', 'fetch', 'forget'],
    ['deleted there', gone({ [HIM]: 2 }), local(1), BASE, 'remove', 'remove', ''],
    ['deleted there without a tombstone', null, local(1), BASE, 'remove', 'remove', ''],
    ['deleted there, edited here', gone({ [HIM]: 2 }), EDITED, BASE, 'publish', 'forget', 'publish'],
    ['deleted on both', gone({ [HIM]: 2 }), null, BASE, 'forget', 'forget', 'forget'],
    ['lagging drives', file('o', {}), local(1), BASE, '', '', ''],
    ['own past, no record', file('o', { [ME]: 3 }), EDITED, null, 'publish', 'compare', 'publish'],
    ['own past, older record', file('o', { [HIM]: 1, [ME]: 1 }), EDITED, BASE, 'publish', 'compare', 'publish'],
    ['own past, older record, deleted since', file('o', { [HIM]: 1, [ME]: 1 }), null, BASE, 'unpublish', 'fetch', 'unpublish'],
  ]
  for (const [what, remote, node, synced, sendReceive, receiveOnly, sendOnly] of rows) {
    const ops = (mode: ReconcileInput['mode']) =>
      planOf([view('f', remote, node, synced)], { mode })
        .steps.map((step) => step.op)
        .join()
    assert.deepEqual([ops('send-receive'), ops('receive-only'), ops('send-only')], [sendReceive, receiveOnly, sendOnly], what)
    assert.deepEqual([ops('keep'), ops('keep-blind')], ['', ''])
  }
})

test('reconcile() gives a new version a vector that has seen what it replaces, and no more', () => {
  const [edit] = planOf([view('f', gone({ [HIM]: 2 }), EDITED, BASE)]).steps
  assert.deepEqual(edit?.op === 'publish' && edit.vector, { [HIM]: 2, [ME]: 1 })
  // Without a base, or an equal one would end in a record that the deletion then takes away.
  assert.equal(edit?.op === 'publish' && edit.base, null)
  const [beside] = planOf([view('f', NEWER, EDITED, BASE)], { mode: 'send-only' }).steps
  assert.deepEqual(beside?.op === 'publish' && beside.vector, { [HIM]: 1, [ME]: 1 })
  // A path that comes anew outranks every version of it that was deleted, wherever one is still on record.
  const [again] = planOf([view('f', null, EDITED, null)], { written: 40 }).steps
  assert.deepEqual(again?.op === 'publish' && again.vector, { [ME]: 41 })
})

test('reconcile() touches nothing where the disk could not be read', () => {
  const paths = [
    { ...view('d', null, null, null), localUnknown: true },
    view('d/f', NEWER, null, null),
    view('d/g', BASE.entry, null, BASE),
    { ...view('g', BASE.entry, null, BASE), localUnknown: true },
  ]
  for (const mode of ['send-receive', 'receive-only', 'send-only'] as const) {
    const plan = planOf(paths, { mode })
    assert.deepEqual(plan.steps, [], mode)
    for (const path of ['d', 'g']) assert(plan.refusals.some((refusal) => refusal.path === path))
  }
})

test('reconcile() renames in the drives what was renamed on disk', () => {
  const plan = planOf([view('a', BASE.entry, null, BASE), view('b', null, local(1, { ctimeMs: 50 }), null)])
  assert.deepEqual(short(plan.steps), ['publish-rename b'])
  assert.equal(plan.counts['publish-rename'], 1)
  assert.equal(plan.counts.unpublish, 0)
  const other = planOf([view('a', BASE.entry, null, BASE), view('b', null, local(2), null)])
  assert.deepEqual(short(other.steps), ['unpublish a', 'publish b'])
})

test('reconcile() renames on disk what was renamed in the drives, and fetches in chains and swaps', () => {
  const moved = planOf([
    view('d', null, OCCUPIED, null),
    view('d/a', gone({ [HIM]: 2 }), local(1), BASE),
    view('b', file('b', { [HIM]: 2 }), null, null),
  ])
  assert.deepEqual(short(moved.steps), ['fetch-rename b'])
  assert.deepEqual(moved.steps[0]?.op === 'fetch-rename' && moved.steps[0].prune, ['d'])
  const other: Synced = { entry: file('c'), local: local(2) }
  const swap = planOf([view('a', file('c', { [HIM]: 2 }), local(1), BASE), view('b', file('b', { [HIM]: 2 }), local(2), other)])
  assert.deepEqual(short(swap.steps), ['fetch a', 'fetch b'])
  const into = planOf([view('a', gone({ [HIM]: 2 }), local(1), BASE), view('a/b', file('b', { [HIM]: 2 }), null, null)])
  assert.deepEqual(short(into.steps), ['remove a', 'fetch a/b'])
})

test('reconcile() frees names before it takes them: file to folder and back', () => {
  const toFolder = planOf([view('a', gone({ [HIM]: 2 }), local(1), BASE), view('a/b/c', NEWER, null, null)])
  assert.deepEqual(short(toFolder.steps), ['remove a', 'fetch a/b/c'])
  const toFile = planOf([
    view('a', NEWER, OCCUPIED, null),
    view('a/b', gone({ [HIM]: 2 }), local(1), BASE),
    view('a/c', gone({ [HIM]: 2 }), local(2), { entry: file('c'), local: local(2) }),
  ])
  assert.deepEqual(short(toFile.steps), ['remove a/c', 'remove a/b', 'fetch a'])
})

test('reconcile() keeps local files that stand where others made a folder, under a name of their own', () => {
  const paths = [view('a', null, local(7, { mtimeMs: 0 }), null), view('a/b', NEWER, null, null)]
  const plan = planOf(paths, { mode: 'receive-only' })
  assert.deepEqual(short(plan.steps), ['set-aside a', 'fetch a/b'])
  assert.equal(plan.steps[0]?.op === 'set-aside' && plan.steps[0].as, 'a (kept pi 1970-01-01 00-00)')
  const [aside] = planOf(paths).steps
  assert.equal(aside?.op === 'set-aside' && aside.as, 'a (conflict pi 1970-01-01 00-00)')
})

test('reconcile() never puts a file over a folder in which something stays', () => {
  const paths = [view('a', NEWER, OCCUPIED, null), view('a/mine', null, local(7), null)]
  assert.deepEqual(short(planOf(paths, { mode: 'receive-only' }).steps), ['set-aside a'])
  const both = planOf(paths)
  assert.deepEqual(short(both.steps), ['publish a/mine'])
  assert.equal(both.refusals.length, 1)
})

test('reconcile() shows a file and a folder of one name in foreign drives as the folder, once and for all', () => {
  const entry = file('x', {})
  const first = planOf([view('a', entry, null, null), view('a/b', file('y', {}), null, null)], { mode: 'receive-only' })
  assert.deepEqual(short(first.steps), ['fetch a/b'])
  assert.deepEqual(
    first.refusals.map((refusal) => refusal.path),
    ['a'],
  )
  const synced: Synced = { entry: file('y', {}), local: local(3) }
  const later = planOf([view('a', entry, OCCUPIED, null), view('a/b', file('y', {}), local(3), synced)], { mode: 'receive-only' })
  assert.deepEqual(later.steps, [])
})

test('reconcile() leaves the folder of an entry standing when its last file goes', () => {
  const folder: EntryOrTombstone = { kind: 'folder', mtimeMs: 0, vector: { [HIM]: 1 } }
  const plan = planOf([
    view('d', folder, OCCUPIED, { entry: folder, local: EMPTY }),
    view('d/e', null, OCCUPIED, null),
    view('d/e/f', gone({ [HIM]: 2 }), local(1), BASE),
  ])
  assert.deepEqual(
    plan.steps.map((step) => step.op === 'remove' && step.prune),
    [['d/e']],
  )
})

test('reconcile() does not publish a folder that only waits for its content', () => {
  assert.deepEqual(short(planOf([view('d', null, EMPTY, null), view('d/f', NEWER, null, null)]).steps), ['fetch d/f'])
})

test('reconcile() refuses the second of two names that the disk cannot tell apart', () => {
  const paths = [
    view('A', NEWER, null, null),
    view('a', file('o'), null, null),
    view('b/x', NEWER, null, null),
    view('B/y', NEWER, null, null),
  ]
  assert.equal(planOf(paths).steps.length, 4)
  const plan = planOf(paths, { caseInsensitive: true })
  assert.deepEqual(short(plan.steps), ['fetch A', 'fetch B/y'])
  assert.deepEqual(
    plan.refusals.map((refusal) => refusal.path),
    ['a', 'b/x'],
  )
})

test('reconcile() numbers a kept name that is taken', () => {
  const taken = 'f (kept pi 1970-01-01 00-00)'
  const plan = planOf([view('f', NEWER, local(1, { size: 9 }), null), view(taken, null, local(2), null)], { mode: 'receive-only' })
  assert.deepEqual(
    plan.steps.map((step) => step.op === 'set-aside' && step.as),
    ['f (kept pi 1970-01-01 00-00 2)'],
  )
})

test('reconcile() brings the record up to date when only the vector grew', () => {
  const entry = file('b', { [HIM]: 2 })
  assert.deepEqual(planOf([view('f', entry, local(1), BASE)]).steps, [{ op: 'record', path: 'f', synced: { entry, local: BASE.local } }])
})

test('reconcile() keeps an edit of a conflict copy that vanished, follows one that changed its name, and unpublishes one that was deleted', () => {
  const copy = 'f (conflict him 2026-11-22 10-32)'
  // Settled elsewhere meanwhile: the edit becomes a file of its own, whatever the copy was.
  const [edit] = planOf([view(copy, null, EDITED, BASE)]).steps
  assert.deepEqual(edit?.op === 'publish' && [edit.path, edit.base, edit.vector], [copy, null, { [HIM]: 1, [ME]: 1 }])
  const renamed = planOf([
    view(copy, null, local(1), BASE),
    { ...view(`${copy.slice(0, -1)} 2)`, file('b', { [HIM]: 1 }), null, null), derived: true },
  ])
  assert.deepEqual(short(renamed.steps), [`fetch-rename ${copy.slice(0, -1)} 2)`])
  const [deleted] = planOf([{ ...view(copy, BASE.entry, null, BASE), derived: true }]).steps
  assert.equal(deleted?.op, 'unpublish')
})

test('reconcile() never takes a conflict copy of its own version for its own past at that path', () => {
  // The loser is this device's version of f; a file of the user happens to bear the copy's name.
  const mine = { ...view('f (conflict pi 2026-11-22 10-32)', file('m', { [ME]: 3 }), local(7, { size: 9 }), null), derived: true }
  assert.deepEqual(
    planOf([mine]).steps.map((step) => step.op),
    ['set-aside'],
  )
  const other = { ...view('f (conflict pi)', file('m', { [HIM]: 1, [ME]: 4 }), null, BASE), derived: true }
  assert.deepEqual(
    planOf([other]).steps.map((step) => step.op),
    ['fetch'],
  )
})

test('reconcile() takes what is left out from the disk and never from the drives', () => {
  const selection = createSelection(['raw'])
  const absent: Synced = { entry: BASE.entry, local: null }
  const rows: [string, EntryOrTombstone | null, LocalNode | null, Synced | null, string, string, string][] = [
    // what                        remote             disk               record  send-receive  receive-only  send-only
    ['new in the drives', NEWER, null, null, '', '', ''],
    ['agreed', BASE.entry, local(1), BASE, 'leave', 'leave', ''],
    ['edited there', NEWER, local(1), BASE, 'leave', 'leave', ''],
    ['deleted there', gone({ [HIM]: 2 }), local(1), BASE, 'leave', 'leave', ''],
    ['edited here', BASE.entry, EDITED, BASE, 'publish', '', 'publish'],
    ['edited on both', NEWER, EDITED, BASE, 'publish', '', 'publish'],
    ['deleted here', BASE.entry, null, BASE, 'forget', 'forget', 'forget'],
    ['new here', null, local(1), null, '', '', ''],
    ['new on both', NEWER, local(1, { mtimeMs: 99 }), null, '', '', ''],
    ['left unfinished by a stop', BASE.entry, local(1), absent, 'compare', 'compare', ''],
    ['left', BASE.entry, null, absent, '', '', ''],
    ['left, and deleted there', gone({ [HIM]: 2 }), null, absent, 'forget', 'forget', 'forget'],
    ['a new empty folder', null, EMPTY, null, '', '', ''],
  ]
  for (const [what, remote, node, synced, sendReceive, receiveOnly, sendOnly] of rows) {
    const ops = (mode: ReconcileInput['mode']) =>
      planOf([view('raw/f', remote, node, synced)], { mode, selection })
        .steps.map((step) => step.op)
        .join()
    assert.deepEqual([ops('send-receive'), ops('receive-only'), ops('send-only')], [sendReceive, receiveOnly, sendOnly], what)
  }
  const [own] = planOf([view('raw/f', null, local(1), null)], { selection }).refusals
  assert.deepEqual([own?.path, own?.leftOut], ['raw/f', true])
  // What others wrote meanwhile was not looked at here: the edit stands beside it.
  const [beside] = planOf([view('raw/f', NEWER, EDITED, BASE)], { selection }).steps
  assert.deepEqual(beside?.op === 'publish' && beside.vector, { [HIM]: 1, [ME]: 1 })
})

test('reconcile() brings back what was left out, without taking anything for its own past', () => {
  const absent: Synced = { entry: file('b', { [ME]: 1 }), local: null }
  const mine = file('b', { [ME]: 1 })
  assert.deepEqual(short(planOf([view('raw/f', mine, null, absent)]).steps), ['fetch raw/f'])
  assert.deepEqual(short(planOf([view('raw/f', mine, local(7, { size: 9 }), absent)]).steps), ['set-aside raw/f'])
  const under = planOf([view('raw', null, local(7), null), view('raw/f', mine, null, absent)])
  assert.deepEqual(short(under.steps), ['set-aside raw', 'fetch raw/f'])
})

test('reconcile() does not publish a folder that is empty because what is in it is left out', () => {
  const selection = createSelection(['photos/raw'])
  assert.deepEqual(planOf([view('photos', null, EMPTY, null)], { selection }).steps, [])
  assert.deepEqual(short(planOf([view('other', null, EMPTY, null)], { selection }).steps), ['publish other'])
})

test('reconcile() lets a name be taken in another case once it is free', () => {
  const options = { caseInsensitive: true }
  const rename = planOf([view('Readme', gone({ [HIM]: 2 }), local(1), BASE), view('README', file('b', { [HIM]: 2 }), null, null)], options)
  assert.deepEqual(short(rename.steps), ['fetch-rename README'])
  const folder = planOf(
    [
      view('docs', null, OCCUPIED, null),
      view('docs/a', gone({ [HIM]: 2 }), local(1), BASE),
      view('Docs/a', file('b', { [HIM]: 2 }), null, null),
    ],
    options,
  )
  // The folder is freed first; what goes into the other comes with the next plan.
  assert.deepEqual(short(folder.steps), ['remove docs/a'])
  assert.deepEqual(
    folder.refusals.map((refusal) => refusal.path),
    ['Docs/a'],
  )
})
