/** Feeds of events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActivityEvent, ChangeEvent, Item } from '@hyper-store/client'
import { countsOf, joinEvents, linesOf, newsOf, pickEvents } from './lines.ts'

const start = new Date(2026, 10, 23, 12, 0, 0).getTime()
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
const change = (seconds: number, path: string, more: Partial<ChangeEvent> = {}): ActivityEvent => ({
  event: 'change',
  at: at(seconds),
  link: 'hyper://a',
  op: 'add',
  path,
  version: seconds,
  device: 'laptop',
  ...more,
})
const receipt = (seconds: number, complete = true): ActivityEvent => ({
  event: 'receipt',
  at: at(seconds),
  link: 'hyper://a',
  device: { name: 'raspberry', key: 'r' },
  version: seconds,
  complete,
  files: 1,
  bytes: 1,
})
const peer = (seconds: number, connected: boolean): ActivityEvent => ({
  event: 'peer',
  at: at(seconds),
  key: 'r',
  name: 'raspberry',
  connected,
  via: 'lan',
})

test('changes of one folder by one device are one line, though others stand between them', () => {
  const lines = linesOf([
    receipt(9),
    change(8, 'three'),
    peer(7, true),
    change(6, 'two', { op: 'change' }),
    change(5, 'two'),
    change(4, 'x', { device: 'phone' }),
    change(3, 'one', { op: 'delete' }),
  ])
  assert.deepEqual(
    lines.map((line) => [line.event, line.device, line.files.map(({ path, op }) => `${op} ${path}`)]),
    [
      ['receipt', 'raspberry', []],
      ['change', 'laptop', ['add three', 'add two', 'delete one']],
      ['peer', 'raspberry', []],
      ['change', 'phone', ['add x']],
    ],
  )
  const [, changes] = lines
  assert.deepEqual([changes?.at, changes?.since], [at(8), at(3)])
  assert.deepEqual(
    [...countsOf(changes?.files ?? [])],
    [
      ['add', 2],
      ['delete', 1],
    ],
  )
})

test('of what comes and goes the newest state is told', () => {
  const lines = linesOf([peer(9, false), peer(7, true), peer(6, false), receipt(5), receipt(4)])
  assert.deepEqual(
    lines.map((line) => [line.event, line.at]),
    [
      ['peer', at(9)],
      ['receipt', at(5)],
    ],
  )
})

test('it is no news that a device holds a part, that this one holds what it writes, or that one of several connections ended', () => {
  const events = [peer(9, false), receipt(8, false), receipt(7), peer(6, false), peer(5, true), change(4, 'a')]
  const item = (role: Item['role'], live: boolean) => ({ link: 'hyper://a', role, devices: [{ key: 'r', live }] }) as unknown as Item
  const of = (ownKey: string, one: Item) => newsOf(events, { ownKey, items: [one] }).map((event) => events.indexOf(event))
  assert.deepEqual(of('l', item('owner', false)), [0, 2, 3, 4, 5])
  assert.deepEqual(of('r', item('owner', false)), [0, 3, 4, 5])
  assert.deepEqual(of('r', item('keeper', false)), [0, 2, 3, 4, 5])
  assert.deepEqual(of('l', item('owner', true)), [2, 3, 4, 5])
})

test('long after is another line, and so is another day', () => {
  assert.equal(linesOf([change(1300, 'b'), change(0, 'a')]).length, 2)
  const midnight = (new Date(2026, 10, 24).getTime() - start) / 1000
  assert.equal(linesOf([change(midnight + 1, 'b'), change(midnight - 1, 'a')]).length, 2)
})

test('a line keeps its name while events are added to it', () => {
  const first = linesOf([change(1, 'a')])
  assert.equal(linesOf([change(2, 'b'), change(1, 'a')])[0]?.id, first[0]?.id)
})

test('what the store remembers stands after what came live, nothing twice', () => {
  const [a, b, c] = [change(3, 'c'), change(2, 'b'), change(2, 'a')]
  assert.deepEqual(joinEvents([a, b], [a, b, c, change(1, 'z')]), [a, b, c, change(1, 'z')])
  assert.deepEqual(joinEvents([], [a]), [a])
  assert.deepEqual(joinEvents([a], []), [a])
})

test('a feed can be of one folder or of one kind', () => {
  const all = [change(3, 'c'), change(2, 'b', { link: 'hyper://b' }), peer(1, true)]
  assert.equal(pickEvents(all, 'all', null), all)
  assert.deepEqual(pickEvents(all, 'files', 'hyper://b'), [all[1]])
  assert.deepEqual(pickEvents(all, 'devices', null), [all[2]])
  assert.deepEqual(pickEvents(all, 'devices', 'hyper://b'), [])
})
