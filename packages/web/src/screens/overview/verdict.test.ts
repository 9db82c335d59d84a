/** What the overview concludes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item, ItemDevice } from '@hyper-store/client'
import { headlineOf, sharesOf, verdictOf } from './verdict.ts'

const device = (name: string, more: Partial<ItemDevice> = {}): ItemDevice => ({
  name,
  key: `key of ${name}`,
  role: 'device',
  version: 1,
  complete: false,
  at: null,
  live: false,
  progress: 0,
  ...more,
})
const self = device('laptop', { role: 'this', complete: true, live: true, progress: 1 })
const box = (more: Partial<ItemDevice> = {}) => device('raspberry', { role: 'provider', ...more })
const whole = { complete: true, progress: 1, at: '2026-11-23T10:32:00Z' }
const item = (devices: readonly ItemDevice[], more: Partial<Item> = {}): Item => ({
  kind: 'folder',
  link: 'hyper://k',
  key: 'k',
  path: '/p',
  title: 'photos',
  mode: 'send-receive',
  version: 1,
  files: 1,
  bytes: 1000,
  state: 'up-to-date',
  progress: 1,
  peers: 0,
  private: false,
  role: 'owner',
  devices: [self, ...devices],
  bytesPerSecond: 0,
  secondsLeft: null,
  problem: null,
  ...more,
})
const standing = (one: Item) => verdictOf(one).standing

test('a folder is safe when a box has all of it, and without a box when any other device has', () => {
  assert.equal(standing(item([box(whole)])), 'safe')
  assert.equal(standing(item([device('phone', whole)])), 'safe')
  assert.equal(standing(item([box(), device('phone', whole)])), 'off', 'a phone is no box')
  assert.equal(standing(item([box(whole), device('phone', { live: true, progress: 0.2 })])), 'safe', 'who looks on does not count')
  assert.equal(standing(item([box(whole), { ...box(), key: 'nas', name: 'nas' }])), 'safe', 'another box that is off takes nothing away')
  assert.equal(standing(item([box(whole), { ...box({ live: true }), key: 'nas', name: 'nas' }])), 'going')
})

test('a folder that nobody else has is said to be so: alone, on its way, or waiting for who is off', () => {
  assert.equal(standing(item([])), 'alone')
  assert.equal(standing(item([box({ live: true, progress: 0.4 })])), 'going')
  assert.equal(standing(item([box({ at: '2026-11-22T10:00:00Z' })])), 'off')
  assert.equal(standing(item([box()], { state: 'syncing' })), 'coming')
  assert.equal(standing(item([box()], { state: 'waiting' })), 'waiting')
  assert.equal(standing(item([], { role: 'keeper', mode: 'keep' })), 'safe', 'what is kept for others is safe when it is whole here')
})

test('what wants a decision goes before everything but a pause', () => {
  assert.equal(standing(item([box(whole)], { state: 'error', problem: { code: 'DISK_FULL', message: '' } })), 'stuck')
  assert.equal(standing(item([], { state: 'waiting', problem: { code: 'RECOVERING', message: '' } })), 'stuck')
  assert.equal(standing(item([], { state: 'waiting', problem: { code: 'NO_PEER', message: '' } })), 'waiting')
  assert.equal(standing(item([], { state: 'paused', problem: { code: 'RECOVERING', message: '' } })), 'paused')
})

test('all folders together stand as the one that matters most, with the devices that it is about', () => {
  assert.equal(headlineOf([]).standing, 'none')
  assert.deepEqual(headlineOf([item([box(whole)]), item([box({ ...whole, at: '2026-11-23T10:35:00Z' })])]), {
    standing: 'safe',
    folders: 2,
    names: ['raspberry'],
    at: '2026-11-23T10:35:00Z',
    besides: [],
  })
  const going = item([box({ live: true })])
  const mixed = headlineOf([item([box(whole)]), going, going, item([], { state: 'paused' }), item([])])
  assert.deepEqual(
    [mixed.standing, mixed.folders, mixed.names, mixed.besides],
    [
      'going',
      2,
      ['raspberry'],
      [
        { standing: 'alone', folders: 1 },
        { standing: 'paused', folders: 1 },
      ],
    ],
  )
})

test('of several boxes those are named that have everything; of none, all that have something', () => {
  const nas = (more: Partial<ItemDevice>) => ({ ...box(more), key: 'nas', name: 'nas' })
  assert.deepEqual(headlineOf([item([box(whole), nas(whole)]), item([nas(whole)])]).names, ['nas'])
  assert.deepEqual(headlineOf([item([box(whole)]), item([nas(whole)])]).names, ['raspberry', 'nas'])
})

test('a device has a share of all folders by their bytes, and everything only when it has each', () => {
  const big = item([box({ live: true, progress: 0.5 })], { bytes: 2999 })
  const shares = sharesOf([big, item([device('phone', whole), box(whole)], { bytes: 999 })])
  assert.deepEqual(
    shares.map((one) => [one.device.name, one.share, one.folders, one.complete, one.live]),
    [
      ['laptop', 1, 2, true, true],
      ['raspberry', 0.625, 2, false, true],
      ['phone', 1, 1, true, false],
    ],
  )
})
