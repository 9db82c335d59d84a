/** The place of the soak: four writers and a box that keeps, each a program of its own in a network namespace of its own, sharing one folder. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@hyper-store/client'
import { createClient } from '@hyper-store/client'
import { makeNetwork } from '../fixtures/namespaces.ts'
import type { BadCable, TestNetwork } from '../fixtures/namespaces.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { SoakDisk } from './disk.ts'
import type { Ledger } from './ledger.ts'

const PORT = 3472
const FOLDER = 'shared'
const JOIN_MS = 60_000
/** There and back: 40 ms ± 20, and 2 % loss. */
const BAD_CABLE: BadCable = { delayMs: 20, jitterMs: 10, lossPercent: 1 }
const NAMES = ['ana', 'ben', 'cleo', 'dan', 'raspberry'] as const
const BOX = 4
const YEAR_MS = 365 * 86_400_000

/** One device of the soak. */
export interface SoakDevice {
  readonly name: string
  readonly index: number
  readonly store: TestStore
  /** Null for the box. */
  readonly disk: SoakDisk | null
  /** Its API, while its service runs. */
  readonly client: () => Promise<Client>
}

/** Devices, the cables between them, and the folder that they share. */
export interface SoakWorld extends AsyncDisposable {
  readonly devices: readonly SoakDevice[]
  readonly writers: readonly (SoakDevice & { readonly disk: SoakDisk })[]
  readonly network: TestNetwork
  /** Key of the folder. */
  readonly key: string
  /** A folder for what is restored while it is judged. */
  readonly side: string
  /** What this world is like, for people. */
  readonly about: string
}

/** How a world is made. */
export interface WorldOptions {
  readonly random: () => number
  readonly ledger: Ledger
  /** Hosts with bad cables are chosen by chance; false where they can't be made. */
  readonly badCables: boolean
}

/** Starts all devices, shares a folder, and has everybody join. */
export async function makeWorld({ random, ledger, badCables }: WorldOptions): Promise<SoakWorld> {
  const blind = random() < 0.5
  const bad = shuffled([0, 1, 2, 3, BOX], random).slice(0, badCables ? 2 : 0)
  const skewed = Math.floor(random() * BOX)
  const years = (random() < 0.5 ? -1 : 1) * (3 + Math.floor(random() * 9))
  const undo: (() => unknown)[] = []
  const undoAll = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const network = makeNetwork(NAMES.length, { badCables: new Map(bad.map((host) => [host, BAD_CABLE])) })
    undo.push(() => network[Symbol.dispose]())
    const stores = await createStores('hyper-store-soak-')
    undo.push(() => stores[Symbol.asyncDispose]())
    const devices: SoakDevice[] = []
    for (const index of NAMES.keys()) {
      const clockOffsetMs = index === skewed ? years * YEAR_MS : 0
      const made = await addDevice({ stores, network, ledger, index, clockOffsetMs })
      undo.push(made.close)
      devices.push(made.device)
    }
    await Promise.all(devices.map(({ store, name }) => store.serve(['--lan-only', '--expose-to-internet', '--name', name])))
    const key = await shareWithAll(devices, { blind, address: network.addresses[BOX] ?? '' })
    const slow = bad.map((host) => NAMES[host]).join(' and ')
    const about = [
      `the box keeps ${blind ? 'blind' : 'with the keys'}`,
      bad.length === 0 ? 'all cables are good' : `bad cables (${network.badCables}, 40 ms ± 20, 2 % loss): ${slow}`,
      `times of files of ${NAMES[skewed]} are ${Math.abs(years)} years ${years < 0 ? 'behind' : 'ahead'}`,
    ]
    return {
      devices,
      writers: devices.flatMap((device) => (device.disk === null ? [] : [{ ...device, disk: device.disk }])),
      network,
      key,
      side: path.join(stores.dir, 'side'),
      about: about.join('; '),
      [Symbol.asyncDispose]: undoAll,
    }
  } catch (error) {
    await undoAll()
    throw error
  }
}

interface Adding {
  readonly stores: Stores
  readonly network: TestNetwork
  readonly ledger: Ledger
  readonly index: number
  readonly clockOffsetMs: number
}

async function addDevice({ stores, network, ledger, index, clockOffsetMs }: Adding): Promise<{ device: SoakDevice; close: () => void }> {
  const name = NAMES[index] ?? ''
  const prefix = ['ip', 'netns', 'exec', network.hosts[index] ?? '']
  const store = await stores.add(name, { prefix })
  const socket = path.join(stores.dir, `${name}.sock`)
  const door = await openDoor(prefix, socket)
  const client = async () => {
    const token = (await readFile(path.join(store.home, 'token'), 'utf8')).trim()
    return createClient({ url: `http://127.0.0.1:${PORT}`, token, fetch: (input, init) => fetchThrough(socket, input, init) })
  }
  const places = { root: path.join(store.dir, FOLDER), side: path.join(store.dir, 'side') }
  const disk = index === BOX ? null : new SoakDisk({ device: name, ...places, ledger, clockOffsetMs })
  return { device: { name, index, store, disk, client }, close: () => door.kill('SIGKILL') }
}

/** The stores listen in namespaces where this process is not; a helper in each carries calls in. */
async function openDoor(prefix: readonly string[], socket: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../fixtures/api-door-process.js', import.meta.url))
  const args = [...prefix.slice(1), process.execPath, program, socket, String(PORT)]
  const child = spawn(prefix[0] ?? '', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message')
  child.unref()
  child.channel?.unref()
  return child
}

async function fetchThrough(socketPath: string, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { pathname, search, host } = new URL(input instanceof Request ? input.url : input)
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host }
  const signal = init.signal ?? undefined
  const sent = request({
    socketPath,
    path: pathname + search,
    method: init.method ?? 'GET',
    headers,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  })
  sent.end(init.body ?? undefined)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  const told = Object.entries(answer.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  )
  const body = Buffer.concat(parts)
  return new Response(body.length === 0 ? null : body, { status: answer.statusCode ?? 500, headers: told })
}

/** The first writer owns the folder, the second is an admin, the others write; the box keeps. */
async function shareWithAll(devices: readonly SoakDevice[], { blind, address }: { blind: boolean; address: string }): Promise<string> {
  const [owner, ...others] = devices.filter(({ disk }) => disk !== null)
  const box = devices[BOX]
  if (owner === undefined || box === undefined || owner.disk === null) throw new Error('five devices were made')
  const api = await owner.client()
  const { code } = await (await box.client()).createPair({})
  await api.setProvider(box.name, { target: `http://${address}:${PORT}#${code}` })
  const { key } = await api.addFolder({ path: owner.disk.root, private: true, provider: box.name, ...(blind ? { blind } : {}) })
  const joins: Promise<void>[] = []
  for (const [i, guest] of others.entries()) {
    const invite = await api.createInvite(key, { role: i === 0 ? 'admin' : 'writer' })
    joins.push(joinFolder(guest, invite.code ?? ''))
  }
  await Promise.all(joins)
  return key
}

async function joinFolder({ name, disk, client }: SoakDevice, code: string): Promise<void> {
  const api = await client()
  const begun = await api.joinFolder({ code, ...(disk === null ? {} : { path: disk.root }) })
  await until(
    `${name} to join`,
    async () => {
      const { state, problem } = await api.getJoin(begun.id)
      if (state === 'refused') throw new Error(`${name} was refused: ${JSON.stringify(problem)}`)
      return state === 'joined'
    },
    JOIN_MS,
  )
}

/** In another order, by chance. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const left = [...list]
  const taken: T[] = []
  while (left.length > 0) taken.push(...left.splice(Math.floor(random() * left.length), 1))
  return taken
}
