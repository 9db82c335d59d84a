/** Makes nodes of the distributed hash table: the one that a store joins with, and a bootstrap node for a site of one's own. */
import type { DhtOptions } from 'hyperdht'
import HyperDHT from 'hyperdht'
import { isIP, isIPv4 } from 'node:net'

/** Splits `host:port`; null when it is none. The host is a name or an IPv4 address. */
export function parseNodeAddress(text: string): { host: string; port: number } | null {
  const match = /^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?):(\d{1,5})$/.exec(text)
  const [, host, digits] = match ?? []
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : null
}

/** True for a host that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * Options of a DHT node for these bootstrap nodes (none: the public ones). When all are on loopback the node stays there and
 * does not take itself for one behind a firewall: otherwise two of them on one machine never find a way to each other.
 * Throws a TypeError for an address that is none.
 */
export function dhtOptions(bootstrap: readonly string[]): DhtOptions {
  if (bootstrap.length === 0) return {}
  const nodes = bootstrap.map((text) => {
    const node = parseNodeAddress(text)
    if (node === null) throw new TypeError(`Not a host:port of a bootstrap node: ${text}`)
    // The table takes addresses, and this one name needs no look-up.
    return node.host === 'localhost' ? { ...node, host: '127.0.0.1' } : node
  })
  return nodes.every((node) => isLoopback(node.host)) ? { bootstrap: nodes, host: '127.0.0.1', firewalled: false } : { bootstrap: nodes }
}

/** A running bootstrap node. */
export interface BootstrapNode {
  /** `host:port` for the `--bootstrap` option of the other stores. */
  readonly address: string
  close(): Promise<void>
}

/**
 * Starts a bootstrap node on UDP `port`. `host` is the IPv4 address under which others reach it; on loopback it listens there alone.
 * Throws a TypeError for another host, and the system's error when the port is taken.
 */
export async function startBootstrapNode(where: { readonly host: string; readonly port: number }): Promise<BootstrapNode> {
  const { host, port } = where
  if (isIP(host) !== 4 || host === '0.0.0.0')
    throw new TypeError(`A bootstrap node needs the IPv4 address under which others reach it, not ${host}`)
  const node = HyperDHT.bootstrapper(port, host, isLoopback(host) ? { host } : {})
  try {
    await node.fullyBootstrapped()
  } catch (error) {
    await node.destroy({ force: true }).catch(() => {})
    throw error
  }
  return { address: `${host}:${port}`, close: () => node.destroy() }
}
