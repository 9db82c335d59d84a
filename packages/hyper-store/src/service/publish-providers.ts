/** The stores that a publish goes to: found by address or device key, connected, and asked to keep what is published. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, errorCode, Item, ROUTES, StoreInfo } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { decodeDeviceKey, type Identity } from '../hyper/transports/identity.ts'
import { ProviderDialer } from '../hyper/transports/provider-dialer.ts'
import type { State } from '../state/state.ts'
import type { Network } from './network.ts'
import type { Providers } from './providers.ts'

/** How long a provider has to answer at first. */
const REACH_MS = 20_000
const ANSWER_MS = 8_000

/** What a provider is asked to keep. */
export interface PublishedLink {
  readonly link: string
  readonly title: string
  readonly private: boolean
}

/** Where to publish: an address as given, or a store that somebody else speaks to. */
export type PublishTarget =
  | {
      /** `http://host:port` or a device key, with `#code` or `#token`. */
      readonly address: string
    }
  | {
      readonly name: string
      readonly url: string | null
      readonly deviceKey: string
      /** Has it keep the link; gives the version that it holds. */
      readonly keep: (published: PublishedLink) => Promise<number>
      /** Keys of the devices that are connected to it, one for each connection. */
      readonly peers: () => Promise<readonly string[]>
    }

/** A store that is connected. */
export interface PublishProvider {
  readonly name: string
  readonly deviceKey: string
  keep(published: PublishedLink): Promise<number>
  peers(): Promise<readonly string[]>
}

/** What connecting needs. */
export interface PublishWorld {
  readonly state: State
  readonly identity: Identity
  readonly network: Network
  readonly providers: Providers
  readonly signal: AbortSignal
}

/** Connections that go on being made until `close`. */
export interface Reached {
  readonly providers: readonly PublishProvider[]
  close(): Promise<void>
}

interface Address {
  readonly url: string | null
  readonly deviceKey: string
  readonly name: string
  /** A one-time code, or the token of a right. */
  readonly right: string | null
}

/** Connects to all of them. Throws PROVIDER_UNREACHABLE, NOT_A_STORE, BAD_REQUEST, UNAUTHENTICATED, WRONG_CODE, EXPIRED_CODE. */
export async function reachProviders(targets: readonly PublishTarget[], world: PublishWorld): Promise<Reached> {
  const { state, network, providers } = world
  const dialers: ProviderDialer[] = []
  const dial = (url: string | null, deviceKey: string) => {
    if (url === null) network.internet?.connectToDevice(deviceKey)
    else dialers.push(new ProviderDialer({ url, book: network.book, expectedDeviceKey: deviceKey }))
  }
  try {
    const reached: PublishProvider[] = []
    const names = new Set<string>()
    const addresses = new Map<PublishTarget, Address>()
    for (const target of targets) {
      if (!('address' in target)) continue
      const found = await lookUp(target.address, world)
      const plain = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u.test(found.name) && found.name !== 'local' && !names.has(found.name)
      const address = { ...found, name: plain ? found.name : `provider ${names.size + 1}` }
      names.add(address.name)
      addresses.set(target, address)
      if (isToken(address.right)) await state.providers.put(recordOf(address))
    }
    await providers.start()
    for (const target of targets) {
      const address = addresses.get(target)
      if (address === undefined) {
        if ('address' in target) continue
        dial(target.url, target.deviceKey)
        await connected(target.name, target, world)
        reached.push(target)
        continue
      }
      const { name, deviceKey, url } = address
      if (!isToken(address.right)) dial(url, deviceKey)
      await connected(name, { url, deviceKey }, world)
      if (!isToken(address.right)) await pair(address, providers)
      reached.push({
        name,
        deviceKey,
        keep: async ({ link, title, private: isPrivate }) => {
          const body = { link, title, ...(isPrivate ? { private: true } : {}) }
          return (await providers.callJson(name, 'POST', ROUTES.addFolder.path, { body, schema: Item })).version
        },
        peers: async () =>
          (await providers.callJson(name, 'GET', ROUTES.getStore.path, { schema: StoreInfo })).network?.peers.map(({ key }) => key) ?? [],
      })
    }
    return {
      providers: reached,
      close: async () => {
        await Promise.all(dialers.map(async (dialer) => dialer.close()))
      },
    }
  } catch (error) {
    await Promise.all(dialers.map(async (dialer) => dialer.close()))
    throw error
  }
}

/** A device that has its right already needs no code: the one of the first run stays in the settings of a CI. */
async function pair({ name, deviceKey, right }: Address, providers: Providers): Promise<void> {
  try {
    await providers.set(name, deviceKey)
  } catch (error) {
    if (right === null || errorCode(error) !== 'UNAUTHENTICATED') throw error
    await providers.set(name, `${deviceKey}#${right}`)
  }
}

function recordOf({ name, url, deviceKey, right }: Address): Parameters<State['providers']['put']>[0] {
  return { name, url, deviceKey, role: null, token: right, addedAtMs: Date.now(), lastSeenAtMs: null }
}

/** Tokens have 43 characters; codes are words or digits. */
function isToken(right: string | null): boolean {
  return right !== null && /^[\w-]{43}$/.test(right)
}

async function connected(name: string, { url, deviceKey }: { url: string | null; deviceKey: string }, world: PublishWorld): Promise<void> {
  const deadline = Date.now() + REACH_MS
  while (world.network.book.current(deviceKey) === null) {
    if (Date.now() > deadline) throw new AppError('PROVIDER_UNREACHABLE', { name, url: url ?? deviceKey })
    await sleep(25, undefined, { signal: world.signal })
  }
}

async function lookUp(text: string, world: PublishWorld): Promise<Address> {
  const hash = text.indexOf('#')
  const place = hash < 0 ? text : text.slice(0, hash)
  const right = hash < 0 || hash === text.length - 1 ? null : text.slice(hash + 1)
  if (decodeDeviceKey(place) !== null) return { url: null, deviceKey: place, name: place.slice(0, 8), right }
  const url = addressOf(place)
  const unreachable = (cause: unknown) => new AppError('PROVIDER_UNREACHABLE', { name: url.host, url: url.origin }, { cause })
  const base = url.origin + url.pathname.replace(/\/$/, '')
  const signal = AbortSignal.any([world.signal, AbortSignal.timeout(ANSWER_MS)])
  const reply = await fetch(base + ROUTES.getStore.path, { signal, redirect: 'error' }).catch((error: unknown) => {
    world.signal.throwIfAborted()
    throw unreachable(error)
  })
  const info = v.safeParse(StoreInfo, await reply.json().catch(() => null))
  if (!info.success || decodeDeviceKey(info.output.deviceKey) === null) throw new AppError('NOT_A_STORE', { url: url.origin })
  return { url: base, deviceKey: info.output.deviceKey, name: info.output.name, right }
}

function addressOf(place: string): URL {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? place : `http://${place}`)
    if ((url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '') return url
  } catch {
    // Told below.
  }
  throw new AppError('BAD_REQUEST', { reason: `"${place}" is neither an http:// address nor a device key` })
}
