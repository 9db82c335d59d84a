/** hyper-store as the benchmark runs it: the real program, default settings, on loopback; its own watcher acts. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@hyper-store/client'
import type { Client, Item } from '@hyper-store/client'
import { runsStill, startChild, stopChild } from './children.ts'
import { now } from './measure.ts'
import type { Arrival, Pair, Program, Side, Single, Trio } from './program.ts'

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
const START_S = 30
const SETTLE_S = 300

/** The program of this workspace. */
export function hyperStore(): Program {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
  return { system: `hyper-store-${version}`, makePair, makeTrio, makeSingle }
}

class Store implements Side {
  readonly label: Side['label']
  readonly folder: string
  readonly #home: string
  readonly #log: string
  #process: ChildProcess | null = null
  #client: Client | null = null

  constructor(root: string, label: Side['label']) {
    this.label = label
    this.folder = join(root, label, 'f')
    this.#home = join(root, label, 'home')
    this.#log = join(root, label, 'log')
    mkdirSync(this.folder, { recursive: true })
    mkdirSync(this.#home)
  }

  get store(): string {
    return this.#home
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error(`store ${this.label} does not run; see ${this.#log}`)
    return pid
  }

  get client(): Client {
    if (this.#client === null) throw new Error(`store ${this.label} does not run; see ${this.#log}`)
    return this.#client
  }

  async start(): Promise<void> {
    const program = join(PACKAGE, 'bin/hyper-store.js')
    const args = [program, 'run-service', '--home', this.#home, '--port', '0', '--lan-only', '--no-lan', '--name', this.label]
    const child = startChild(process.execPath, args, { log: this.#log })
    this.#process = child
    for (const deadline = now() + START_S; now() < deadline; await sleep(20)) {
      if (!runsStill(child)) break
      const service = await readFile(join(this.#home, 'service.json'), 'utf8').then(parseService, () => null)
      if (service?.pid !== child.pid) continue
      const token = (await readFile(join(this.#home, 'token'), 'utf8')).trim()
      this.#client = createClient({ url: service?.url ?? '', token })
      return
    }
    throw new Error(`store ${this.label} did not start; see ${this.#log}`)
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (child === null) return
    this.#process = null
    const client = this.#client
    this.#client = null
    await stopChild(child, async () => client?.stopService())
  }

  /** Makes this store know another one as `name`. */
  async knows(other: Store, name: string): Promise<void> {
    const { line } = await other.client.createPair({})
    const target = line.split(' ').find((word) => word.startsWith('http'))
    if (target === undefined) throw new Error(`no address in the pairing line of ${other.label}`)
    await this.client.setProvider(name, { target })
  }
}

function parseService(text: string): { url: string; pid: number } {
  return JSON.parse(text) as { url: string; pid: number }
}

/** Resolves when these stores hold the same version of the folder and say so twice. */
async function settleAll(stores: readonly Store[], key: string): Promise<void> {
  let calm = 0
  for (const deadline = now() + SETTLE_S; now() < deadline; await sleep(250)) {
    const items = await Promise.all(stores.map((store) => store.client.getFolder(key).catch(() => null)))
    const versions = new Set(items.map((item) => item?.version))
    calm = items.every((item) => item?.state === 'up-to-date') && versions.size === 1 ? calm + 1 : 0
    if (calm === 2) return
  }
  const states = await Promise.all(stores.map((store) => store.client.getFolder(key).then(brief, String)))
  throw new Error(`the stores do not come to rest: ${states.join('; ')}`)
}

function brief(item: Item): string {
  return `${item.state} ${item.version} ${item.problem?.message ?? ''}`
}

async function startAll(stores: readonly Store[]): Promise<void> {
  for (const store of stores) await store.start()
}

async function stopAll(stores: readonly Store[]): Promise<void> {
  await Promise.all(stores.map((store) => store.stop()))
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
