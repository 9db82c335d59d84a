/** Waiting for devices, against a server whose item changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '@hyper-store/client'
import type { Item } from '@hyper-store/client'
import { LINK, deferred, makeDevice, makeItem, startFakeStore } from './fake-store.ts'
import type { FakeStore, Seen } from './fake-store.ts'

const half = makeDevice({ name: 'raspberry', role: 'provider', complete: false, version: 9, progress: 0.5 })
const whole = makeDevice({ name: 'raspberry', role: 'provider' })
const me = makeDevice({ name: 'laptop', role: 'this' })

/** Serves `items` one after another, the last for ever; `events: false` refuses the event stream. */
function serveItems(items: Item[], options: { events?: boolean; onRescan?: () => Promise<void> } = {}): Promise<FakeStore> {
  let next = 0
  return startFakeStore(async (seen: Seen, response) => {
    if (seen.path.endsWith('/events')) {
      if (options.events === false) return { status: 403, json: { error: { code: 'FORBIDDEN', message: 'no', data: {} } } }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const event = { event: 'removed', at: '2026-11-03T10:32:05.000Z', link: LINK }
      for (let i = 0; i < 5; i++) response.write(`data: ${JSON.stringify(event)}\n\n`)
      return undefined
    }
    if (seen.path.endsWith('/rescan')) {
      await options.onRescan?.()
      return { json: items.at(-1) }
    }
    if (seen.path.includes('/providers/')) {
      const name = decodeURIComponent(seen.path.split('/').at(-1) ?? '')
      if (name !== 'pi') return { status: 404, json: { error: { code: 'UNKNOWN_PROVIDER', message: 'no', data: { name } } } }
      return { json: { name, url: 'http://pi:3472', deviceKey: whole.key, role: 'owner', reachable: true } }
    }
    return { json: items[Math.min(next++, items.length - 1)] }
  })
}

test('wait() gives a receipt of this device and of every provider, and leaves other devices out', async () => {
  const other = makeDevice({ name: 'phone', complete: false, progress: 0 })
  await using store = await serveItems([makeItem({ devices: [me, half, other] }), makeItem({ devices: [me, whole, other] })])
  const seen: number[] = []
  const receipts = await createClient({ url: store.url }).wait('photos', { onItem: (item) => seen.push(item.devices[1]?.progress ?? 0) })
  assert.deepEqual(
    receipts.map((one) => [one.device.name, one.version, one.complete, one.files, one.bytes, one.link]),
    [
      ['laptop', 12, true, 1234, 1_200_000_000, LINK],
      ['raspberry', 12, true, 1234, 1_200_000_000, LINK],
    ],
  )
  assert.equal(seen[0], 0.5)
})

test('wait() polls where there are no events, and finds a provider by its name here', async () => {
  await using store = await serveItems([makeItem({ devices: [me, half] }), makeItem({ devices: [me, whole] })], { events: false })
  const receipts = await createClient({ url: store.url }).wait('photos', { devices: ['pi', 'this'] })
  assert.deepEqual(
    receipts.map((one) => one.device.name),
    ['raspberry', 'laptop'],
  )
})

test('wait() does not believe "complete" before the disk was compared', async () => {
  const rescan = deferred()
  await using store = await serveItems([makeItem()], { onRescan: () => rescan.promise })
  let done = false
  const waiting = createClient({ url: store.url }).wait('photos')
  void waiting.then(() => (done = true))
  const looks = () => store.seen.filter((one) => one.method === 'GET' && one.path.includes('/folders/')).length
  while (looks() < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(done, false)
  rescan.resolve()
  await waiting
  assert.equal(store.seen.filter((one) => one.path.endsWith('/rescan')).length, 1)
})

test('wait() ends with TIMED_OUT that names who lacks what', async () => {
  await using store = await serveItems([makeItem({ devices: [me, { ...half, live: false }] })])
  const client = createClient({ url: store.url })
  const expected = {
    code: 'TIMED_OUT',
    message: 'Not complete after 0 seconds: raspberry held 50 % of version 12 when last heard, and is not connected now',
  }
  await assert.rejects(client.wait('photos', { timeoutS: 0 }), expected)
  await assert.rejects(client.wait('photos', { devices: ['pi', 'this'], timeoutS: 0.2 }), { code: 'TIMED_OUT' })
})

test('wait() ends at once for an unknown name, a stopped folder and an aborted signal', async () => {
  const stopped = { code: 'STOPPED_FOR_SAFETY', message: 'The folder is gone; nothing was deleted. Bring it back' }
  await using store = await serveItems([
    makeItem({ devices: [me, half] }),
    makeItem({ devices: [me, half], state: 'error', problem: stopped }),
  ])
  const client = createClient({ url: store.url })
  await assert.rejects(client.wait('photos', { devices: ['nobody'] }), { code: 'UNKNOWN_PROVIDER' })
  await assert.rejects(client.wait('photos', { signal: AbortSignal.abort() }), { code: 'CANCELLED' })
  await assert.rejects(client.wait('photos'), stopped)
})

test('wait() takes people: the first of their devices to hold all stands for them', async () => {
  const desk = makeDevice({ name: 'desk', person: 'Ben', complete: false, progress: 0.9 })
  const late = makeDevice({ name: 'phone', person: 'Ben', complete: false, progress: 0.1 })
  const phone = makeDevice({ name: 'phone', person: 'Ben' })
  await using store = await serveItems([makeItem({ devices: [me, desk, late] }), makeItem({ devices: [me, desk, phone] })])
  const client = createClient({ url: store.url })
  const [receipt] = await client.wait('photos', { devices: ['Ben'] })
  assert.equal(receipt?.device.name, 'phone')
  await using other = await serveItems([makeItem({ devices: [me, desk, late] })])
  await assert.rejects(createClient({ url: other.url }).wait('photos', { devices: ['Ben'], timeoutS: 0 }), {
    code: 'TIMED_OUT',
    message: 'Not complete after 0 seconds: Ben holds 90 % of version 12',
  })
})

test('wait() takes a device for itself before the person who is called after it, and refuses a name of several', async () => {
  const laptop = makeDevice({ name: 'Ana', role: 'this', person: 'Ana' })
  const phone = makeDevice({ name: 'phone', person: 'Ana', complete: false })
  await using store = await serveItems([makeItem({ devices: [laptop, phone] })])
  const [receipt] = await createClient({ url: store.url }).wait('photos', { devices: ['Ana'] })
  assert.equal(receipt?.device.key, laptop.key)
  const twin = makeDevice({ name: 'phone', key: 'twin'.padEnd(52, 'y'), person: 'Ben' })
  const called = makeDevice({ name: 'Ben', person: 'Cleo' })
  await using several = await serveItems([makeItem({ devices: [laptop, phone, twin, called] })])
  const client = createClient({ url: several.url })
  await assert.rejects(client.wait('photos', { devices: ['phone'] }), { code: 'AMBIGUOUS' })
  await assert.rejects(client.wait('photos', { devices: ['Ben'] }), { code: 'AMBIGUOUS' })
})
