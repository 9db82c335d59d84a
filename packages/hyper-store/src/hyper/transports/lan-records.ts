/** DNS-SD records of a store (RFC 6763): makes our own, and reads those of others as the hostile input that they may be. */
import type { DnsPacket, DnsRecord } from 'multicast-dns'

/** The service that stores announce; the answers name no drive and no person. */
export const SERVICE = '_hyper-store._tcp.local'
const ALL_SERVICES = '_services._dns-sd._udp.local'
/** Seconds that others may remember a record without hearing of it again. */
const TTL_S = 120
const MAX_RECORDS = 64

/** What a store says of itself. */
export interface Announcement {
  /** Random, new at each start: 1 to 64 of a-z, 0-9 and -. */
  readonly instance: string
  readonly port: number
}

/** What another store said: it is there (again), or it leaves. */
export type Sighting =
  | { readonly instance: string; readonly port: number; readonly ttlS: number }
  | { readonly instance: string; readonly gone: true }

/** The answer that announces a store on an interface with these addresses. `ttlS` 0 says good-bye. */
export function announce(own: Announcement, addresses: readonly { family: 4 | 6; address: string }[], ttlS: number = TTL_S): DnsPacket {
  const name = `${own.instance}.${SERVICE}`
  const host = `${own.instance}.local`
  return {
    answers: [{ name: SERVICE, type: 'PTR', ttl: ttlS, data: name }],
    additionals: [
      { name, type: 'SRV', ttl: ttlS, flush: true, data: { port: own.port, target: host, priority: 0, weight: 0 } },
      { name, type: 'TXT', ttl: ttlS, flush: true, data: ['v=1'] },
      ...addresses.map(({ family, address }) => ({ name: host, type: family === 4 ? 'A' : 'AAAA', ttl: ttlS, flush: true, data: address })),
    ],
  }
}

/** The question for all stores of this network. `known` are not answered again (known-answer suppression). */
export function askForStores(known: readonly string[]): DnsPacket {
  return {
    questions: [{ name: SERVICE, type: 'PTR' }],
    answers: known.slice(0, 16).map((instance) => ({ name: SERVICE, type: 'PTR', ttl: TTL_S, data: `${instance}.${SERVICE}` })),
  }
}

/** True when a query wants our announcement and does not know it yet. */
export function asksForUs(packet: DnsPacket, own: Announcement): 'stores' | 'services' | null {
  const instanceName = `${own.instance}.${SERVICE}`
  let wants: 'stores' | 'services' | null = null
  for (const { name, type } of (packet.questions ?? []).slice(0, MAX_RECORDS)) {
    const asked = name.toLowerCase()
    const is = (...types: string[]) => type === 'ANY' || types.includes(type)
    if (asked === SERVICE && is('PTR')) {
      const knows = (packet.answers ?? [])
        .slice(0, MAX_RECORDS)
        .some((record) => isPointerTo(record, instanceName) && (record.ttl ?? 0) >= TTL_S / 2)
      if (!knows) wants = 'stores'
    } else if ((asked === instanceName && is('SRV', 'TXT')) || (asked === `${own.instance}.local` && is('A', 'AAAA'))) {
      wants = 'stores'
    } else if (asked === ALL_SERVICES && is('PTR')) wants ??= 'services'
  }
  return wants
}

/** The answer to who lists the kinds of services. */
export function announceService(): DnsPacket {
  return { answers: [{ name: ALL_SERVICES, type: 'PTR', ttl: TTL_S, data: SERVICE }] }
}

/** The stores that a response speaks of. Whatever is malformed is left out; never throws. */
export function readSightings(packet: DnsPacket): Sighting[] {
  const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])].slice(0, MAX_RECORDS)
  const sightings: Sighting[] = []
  for (const record of records) {
    const ttlS = typeof record.ttl === 'number' ? record.ttl : 0
    if (record.type === 'SRV') {
      const instance = instanceOf(record.name)
      const port = portOf(record.data)
      if (instance === null) continue
      if (ttlS === 0) sightings.push({ instance, gone: true })
      else if (port !== null) sightings.push({ instance, port, ttlS: Math.min(ttlS, 3_600) })
    } else if (record.type === 'PTR' && ttlS === 0 && record.name.toLowerCase() === SERVICE && typeof record.data === 'string') {
      const instance = instanceOf(record.data)
      if (instance !== null) sightings.push({ instance, gone: true })
    }
  }
  return sightings
}

function isPointerTo(record: DnsRecord, name: string): boolean {
  return record.type === 'PTR' && typeof record.data === 'string' && record.data.toLowerCase() === name
}

function instanceOf(name: unknown): string | null {
  if (typeof name !== 'string' || !name.toLowerCase().endsWith(`.${SERVICE}`)) return null
  const instance = name.slice(0, -SERVICE.length - 1).toLowerCase()
  return /^[a-z0-9-]{1,64}$/.test(instance) ? instance : null
}

function portOf(data: unknown): number | null {
  const port = (data as { port?: unknown } | null | undefined)?.port
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null
}
