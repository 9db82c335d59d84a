/** The doctor's checks of the network: port, local network, internet, NAT, relay, clock. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { Check } from '@hyper-store/client/contract'

/** What a running service knows of its network; absent fields are unknown. */
export interface NetworkFacts {
  /** The port that it listens on. */
  readonly port?: number | undefined
  /** False when the local network was turned off (--no-lan). */
  readonly lan?: boolean | undefined
  /** `off`: turned off with --lan-only. */
  readonly internet?: 'online' | 'offline' | 'off' | undefined
  readonly nat?: 'open' | 'consistent' | 'random' | 'unknown' | undefined
  /** Whether it can be reached through a relay. */
  readonly relay?: 'used' | 'available' | 'none' | undefined
}

const BOUND_MS = 3000

/** Whether the port is free, or taken by the service of this home. */
export async function checkPort(ask: { port: number; host: string; service: NetworkFacts | undefined }): Promise<Check> {
  const name = 'port'
  if (ask.service?.port !== undefined) {
    return { name, state: 'ok', message: `The service listens on port ${ask.service.port}`, cure: null }
  }
  const code = await new Promise<string | null>((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(String((error as { code?: unknown }).code)))
    server.listen({ port: ask.port, host: ask.host, exclusive: true }, () => server.close(() => resolve(null)))
  })
  if (code === null) return { name, state: 'ok', message: `Port ${ask.port} is free`, cure: null }
  if (code === 'EADDRINUSE') {
    return { name, state: 'wrong', message: `Port ${ask.port} is taken by another program`, cure: 'Choose another with --port' }
  }
  if (code === 'EACCES') {
    return { name, state: 'wrong', message: `Port ${ask.port} may not be used by this user`, cure: 'Choose one above 1023 with --port' }
  }
  return { name, state: 'wrong', message: `Port ${ask.port} on ${ask.host} cannot be used (${code})`, cure: 'Check --host' }
}

/** Where multicast goes, and through which of our addresses; for tests. */
export interface MulticastTarget {
  readonly address: string
  readonly port: number
  readonly through?: string | undefined
}

/** Whether this machine can send to the local network's devices at once, by which they find each other. */
export async function checkLan(
  service: NetworkFacts | undefined,
  target: MulticastTarget = { address: '224.0.0.251', port: 5353 },
): Promise<Check> {
  const name = 'lan'
  if (service?.lan === false) return { name, state: 'ok', message: 'Off by choice (--no-lan)', cure: null }
  const problem = await sendMulticast(target)
  if (problem === null) return { name, state: 'ok', message: 'Multicast can be sent', cure: null }
  return {
    name,
    state: 'warning',
    message: `Devices on the local network cannot be found by themselves (multicast: ${problem})`,
    cure: 'Connect to a network and let the firewall pass UDP port 5353, or name the provider by its address with set-provider',
  }
}

/** Whether the DHT is in reach. */
export async function checkInternet(
  service: NetworkFacts | undefined,
  probe: ((signal: AbortSignal) => Promise<boolean>) | undefined,
): Promise<Check> {
  const name = 'internet'
  if (service?.internet === 'off') return { name, state: 'ok', message: 'Off by choice (--lan-only)', cure: null }
  let online = service?.internet === undefined ? null : service.internet === 'online'
  if (online === null && probe !== undefined) online = await bounded(probe)
  if (online === true) return { name, state: 'ok', message: 'The DHT answers', cure: null }
  if (online === null) return { name, state: 'unknown', message: 'Known while the service runs', cure: null }
  return {
    name,
    state: 'warning',
    message: 'The DHT does not answer; devices meet on the local network and through providers with an address only',
    cure: 'Check the way to the internet and that UDP may go out; without internet by choice use --lan-only',
  }
}

const NAT_CHECKS: Record<NonNullable<NetworkFacts['nat']>, Check> = {
  open: { name: 'nat', state: 'ok', message: 'Reachable from the internet directly', cure: null },
  consistent: { name: 'nat', state: 'ok', message: 'Behind a router that lets devices connect directly', cure: null },
  random: {
    name: 'nat',
    state: 'warning',
    message: 'Behind a router that uses another port for each peer; two devices behind such routers cannot connect directly',
    cure: 'Have a provider elsewhere keep the folder, or forward a UDP port to this machine',
  },
  unknown: { name: 'nat', state: 'unknown', message: 'Known some time after the service was online', cure: null },
}

/** What kind of NAT lies between this machine and the internet. */
export function checkNat(service: NetworkFacts | undefined): Check {
  return NAT_CHECKS[service?.nat ?? 'unknown']
}

const RELAY_MESSAGES: Record<NonNullable<NetworkFacts['relay']>, string> = {
  used: 'Some connections take a relay; they may be slow',
  available: 'A relay is at hand',
  none: 'No relay is set; connections are direct',
}

/** Whether connections that can't be direct can take a relay. */
export function checkRelay(service: NetworkFacts | undefined): Check {
  const relay = service?.relay
  if (relay === undefined) return { name: 'relay', state: 'unknown', message: 'Known while the service runs', cure: null }
  return { name: 'relay', state: 'ok', message: RELAY_MESSAGES[relay], cure: null }
}

/** Compares our clock with the Date of the first provider that answers. */
export async function checkClock(providerUrls: readonly string[], now: () => number = Date.now): Promise<Check> {
  const name = 'clock'
  for (const url of providerUrls.slice(0, 3)) {
    const theirs = await dateOf(url)
    if (theirs === null) continue
    const apart = Math.round(Math.abs(theirs - now()) / 1000)
    if (apart <= 120) return { name, state: 'ok', message: `${apart} s apart from ${hostOf(url)}`, cure: null }
    return {
      name,
      state: 'warning',
      message: `This clock and that of ${hostOf(url)} are ${apart} s apart; of two edits the wrong one may count as newer`,
      cure: 'Set the clock of the machine that is wrong: sudo timedatectl set-ntp true',
    }
  }
  return { name, state: 'unknown', message: 'No provider to compare with', cure: null }
}

async function dateOf(url: string): Promise<number | null> {
  try {
    const answer = await fetch(new URL('/healthz', url), { redirect: 'manual', signal: AbortSignal.timeout(BOUND_MS) })
    await answer.body?.cancel()
    const date = Date.parse(answer.headers.get('date') ?? '')
    return Number.isNaN(date) ? null : date
  } catch {
    return null
  }
}

function hostOf(url: string): string {
  return new URL(url).host
}

async function bounded(probe: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
  const abort = new AbortController()
  // An own timer: those of AbortSignal.timeout do not keep the process up while it waits.
  const timer = setTimeout(() => abort.abort(), BOUND_MS)
  const late = new Promise<boolean>((resolve) => {
    abort.signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  try {
    return await Promise.race([probe(abort.signal).catch(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Null when it could be sent, else the system's word for why not. */
async function sendMulticast({ address, port, through }: MulticastTarget): Promise<string | null> {
  // An empty DNS message: answered by nobody.
  const message = Buffer.alloc(12)
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    return await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve('it took too long'), BOUND_MS)
      const end = (problem: string | null) => {
        clearTimeout(timer)
        resolve(problem)
      }
      const fail = (error: Error & { code?: string }) => end(error.code ?? error.message)
      socket.once('error', fail)
      socket.bind(0, () => {
        try {
          if (through !== undefined) socket.setMulticastInterface(through)
          socket.setMulticastTTL(1)
          socket.send(message, port, address, (error) => {
            if (error === null) end(null)
            else fail(error)
          })
        } catch (error) {
          fail(error as Error)
        }
      })
    })
  } finally {
    socket.close()
  }
}
