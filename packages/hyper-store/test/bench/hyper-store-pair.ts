/** hyper-store as the benchmark runs it: the real program, default settings, on loopback; its own watcher acts. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE, settleAll, startAll, stopAll, Store } from './hyper-store-instance.ts'
import { makeGroup, makeSharedPair } from './hyper-store-shared.ts'
import { now } from './measure.ts'
import type { Arrival, Pair, Program, Single, Trio } from './program.ts'

/** The program of this workspace. */
export function hyperStore(): Program {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
  return { system: `hyper-store-${version}`, makePair, makeTrio, makeSingle, makeSharedPair, makeGroup }
}

async function makePair(root: string): Promise<Pair> {
  const a = new Store(root, 'a')
  const b = new Store(root, 'b')
  const stores = [a, b]
  const share = async (name: string) => {
    const [from, to] = [join(a.folder, '..', name), join(b.folder, '..', name)]
    for (const folder of [from, to]) mkdirSync(folder, { recursive: true })
    const { link, key } = await a.client.addFolder({ path: from })
    await b.client.addFolder({ path: to, link })
    return key
  }
  try {
    await startAll(stores)
    await b.knows(a, 'a')
    const keys = [await share('f')]
    await settleAll(stores, keys[0] ?? '')
    return {
      a,
      b,
      ask: null,
      saves: [{ row: 'W4', asks: false, slow: false, begin: async () => {} }],
      settle: () => settleAll(stores, keys[0] ?? ''),
      async haveFolders(count) {
        while (keys.length < count) keys.push(await share(`f${keys.length}`))
        for (const key of keys) await settleAll(stores, key)
      },
      [Symbol.asyncDispose]: () => stopAll(stores),
    }
  } catch (error) {
    await stopAll(stores)
    throw error
  }
}

async function makeTrio(root: string, { blind }: { blind: boolean }): Promise<Trio> {
  const [a, p, b] = [new Store(root, 'a'), new Store(root, 'p'), new Store(root, 'b')]
  const stores = [a, p, b]
  try {
    await startAll(stores)
    await a.knows(p, 'p')
    await b.knows(p, 'p')
    const how = blind ? { private: true, blind: true } : {}
    const { link, key } = await a.client.addFolder({ path: a.folder, provider: 'p', ...how })
    await b.client.addFolder({ path: b.folder, link })
    await settleAll([a, b], key)
    await b.stop()
    return {
      a,
      p,
      b,
      ask: null,
      arrivalOf: (_step, files) => watchArrival(a, { key, files }),
      settleA: () => settleAll([a], key),
      [Symbol.asyncDispose]: () => stopAll(stores),
    }
  } catch (error) {
    await stopAll(stores)
    throw error
  }
}

/** As its user learns it: A has the provider's receipt for all files. A look now and then makes up for a missed event. */
async function watchArrival(a: Store, { key, files }: { key: string; files: number }): Promise<Arrival> {
  const over = new AbortController()
  let arrived = false
  let lookAt = 0
  const listen = async (onConnection: () => void) => {
    for await (const event of a.client.events({ folder: key, signal: over.signal, onConnection })) {
      if (event.event === 'receipt' && event.device.name === 'p' && event.complete && event.files >= files) arrived = true
    }
  }
  await new Promise<void>((resolve, reject) => {
    listen(resolve).catch(reject)
  })
  return {
    async check() {
      if (arrived || now() < lookAt) return arrived
      lookAt = now() + 1
      const item = await a.client.getFolder(key)
      return item.files >= files && item.devices.some((device) => device.role === 'provider' && device.complete)
    },
    [Symbol.dispose]: () => over.abort(),
  }
}

async function makeSingle(root: string): Promise<Single> {
  const a = new Store(root, 'a')
  await a.start()
  let key = ''
  return {
    a,
    async share() {
      key = (await a.client.addFolder({ path: a.folder })).key
      await settleAll([a], key)
    },
    async rescan() {
      await a.client.rescanFolder(key)
    },
    [Symbol.asyncDispose]: () => stopAll([a]),
  }
}
