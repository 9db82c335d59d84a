import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoreEvent } from '@hyper-store/client/contract'
import { Activities } from './activities.ts'
import { EventBus } from './event-bus.ts'

function world() {
  const at = { ms: 0, received: 0, sent: 0 }
  const bus = new EventBus()
  const activities = new Activities({ bus, now: () => at.ms, traffic: () => ({ received: at.received, sent: at.sent }) })
  return { at, bus, activities }
}

const removed = (link: string): StoreEvent => ({ event: 'removed', at: '2026-11-03T10:32:00.000Z', link })

test('the newest 500 events are told newest first, states of items never', async () => {
  const { bus, activities } = world()
  for (let i = 0; i < 600; i++) bus.emit(removed(String(i)))
  bus.emit({ event: 'ready', at: '2026-11-03T10:32:00.000Z', url: '', deviceKey: '', name: '', pid: 1, home: '' })
  const { events } = await activities.activity()
  assert.equal(events.length, 500)
  assert.deepEqual([events[0], events.at(-1)], [removed('599'), removed('100')])
  activities.close()
  bus.emit(removed('late'))
  assert.deepEqual((await activities.activity()).events[0], removed('599'))
})

test('a thousand changes of files push nothing else out', async () => {
  const { bus, activities } = world()
  const at = '2026-11-03T10:32:00.000Z'
  const change = (version: number): StoreEvent => ({ event: 'change', at, link: 'l', op: 'add', path: 'p', version, device: '' })
  for (let i = 0; i < 5; i++) bus.emit(removed(String(i)))
  for (let i = 1; i <= 1000; i++) bus.emit(change(i))
  for (let i = 5; i < 150; i++) bus.emit(removed(String(i)))
  const { events } = await activities.activity()
  assert.equal(events.length, 500)
  assert.deepEqual(events.filter(({ event }) => event === 'removed').length, 145)
  assert.deepEqual(
    events.find(({ event }) => event === 'change'),
    change(1000),
  )
  activities.close()
})

test('samples are means of their span; thirty of them are one of the day', async () => {
  const { at, activities } = world()
  for (let i = 1; i <= 400; i++) {
    at.ms += 10_000
    at.received += i <= 30 ? 1000 : 0
    at.sent += 50
    activities.sample()
  }
  const { hour, day, received, sent } = await activities.activity()
  assert.equal(hour.length, 360)
  assert.equal(hour.at(-1)?.sent, 5)
  assert.equal(day.length, 13)
  assert.deepEqual(day[0], { at: new Date(300_000).toISOString(), received: 100, sent: 5 })
  assert.equal(day[1]?.received, 0)
  assert.deepEqual([received, sent], [30_000, 20_000])
  activities.close()
})

test('lines of the log go on from a number, the newest of them first to stay', async () => {
  const { activities } = world()
  for (let i = 1; i <= 1100; i++) activities.say('info', `line ${i}`)
  const { lines } = await activities.log({ after: null, limit: 2 })
  assert.deepEqual(
    lines.map(({ number, text }) => [number, text]),
    [
      [1099, 'line 1099'],
      [1100, 'line 1100'],
    ],
  )
  assert.equal((await activities.log({ after: 1098, limit: 1000 })).lines.length, 2)
  assert.equal((await activities.log({ after: null, limit: 1000 })).lines[0]?.number, 101)
  activities.close()
})
