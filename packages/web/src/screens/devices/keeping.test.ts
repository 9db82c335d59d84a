import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item, ItemDevice, Provider } from '@hyper-store/client'
import { isElsewhere, keptHow } from './keeping.ts'
import { holdingsOf } from './box-facts.ts'

const box: Provider = { name: 'box', url: null, deviceKey: 'box', role: 'owner', reachable: true }

function device(key: string, complete: boolean, at: string | null = null): ItemDevice {
  return { name: key, key, role: key === 'me' ? 'this' : 'provider', version: 1, complete, at, live: true, progress: complete ? 1 : 0.5 }
}

function item(key: string, ...devices: ItemDevice[]): Item {
  return {
    kind: 'folder',
    link: `hyper://${key}`,
    key,
    path: null,
    title: key,
    mode: 'send-receive',
    version: 1,
    files: 1,
    bytes: 1,
    state: 'up-to-date',
    progress: 1,
    peers: 1,
    private: true,
    role: 'owner',
    devices,
    bytesPerSecond: 0,
    secondsLeft: null,
    problem: null,
  }
}

test('a box deletes its copy only while another device has all of the folder', () => {
  assert.equal(isElsewhere(item('a', device('me', false), device('box', true)), box), false)
  assert.equal(isElsewhere(item('a', device('me', true), device('box', true)), box), true)
})

test('how a folder is kept is what the box says; without its word only that it is kept', () => {
  const kept = item('a', device('me', true), device('box', true))
  assert.equal(keptHow(kept, box, new Map([['a', 'keep-blind']])), 'sealed')
  assert.equal(keptHow(kept, box, new Map([['a', 'keep']])), 'trusted')
  assert.equal(keptHow(kept, box, new Map()), 'not')
  assert.equal(keptHow(kept, box, null), 'kept')
  assert.equal(keptHow(item('b', device('me', true)), box, null), 'not')
})

test('what a box holds counts with its newest word, without what it says that it keeps no more', () => {
  const items = [
    item('a', device('box', true, '2026-01-01T00:00:00.000Z')),
    item('b', device('box', false, '2026-01-02T00:00:00.000Z')),
    item('c', device('me', true)),
  ]
  const all = holdingsOf(items, 'box')
  assert.deepEqual([all.items.length, all.whole, all.at], [2, 1, '2026-01-02T00:00:00.000Z'])
  assert.equal(holdingsOf(items, 'box', new Map([['a', 'keep']])).items.length, 1)
})
