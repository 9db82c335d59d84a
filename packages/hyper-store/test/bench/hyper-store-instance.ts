/** One hyper-store on loopback: the real program with default settings. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@hyper-store/client'
import type { Client, Item } from '@hyper-store/client'
import { runsStill, startChild, stopChild } from './children.ts'
import { now } from './measure.ts'
import type { Side } from './program.ts'

/** Folder of the program's package, seen from the built file. */
export const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
const START_S = 30
const SETTLE_S = 300

/** A store with its home and its folder. */
export class Store implements Side {
  readonly label: Side['label']
  readonly folder: string
  readonly #home: string
  readonly #log: string
  readonly #port: string
  #process: ChildProcess | null = null
  #client: Client | null = null

  /** With `port` 0 it listens elsewhere after each start. */
  constructor(root: string, label: Side['label'], port = 0) {
    this.label = label
    this.#port = String(port)
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
    // For those who look for what takes the time: a profile of the first store, written when it stops.
    const profile = process.env['HYPER_STORE_BENCH_PROFILE']
    const node = profile === undefined || this.label !== 'a' ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]
    const args = [
      ...node,
      program,
      'run-service',
      '--home',
      this.#home,
      '--port',
      this.#port,
      '--lan-only',
      '--no-lan',
      '--name',
      this.label,
    ]
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
export async function settleAll(stores: readonly Store[], key: string): Promise<void> {
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

/** Starts them one after another. */
export async function startAll(stores: readonly Store[]): Promise<void> {
  for (const store of stores) await store.start()
}

/** Stops them together. */
export async function stopAll(stores: readonly Store[]): Promise<void> {
  await Promise.all(stores.map((store) => store.stop()))
}
