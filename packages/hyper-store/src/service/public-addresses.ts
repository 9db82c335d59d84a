/** Which addresses of the internet may be asked for a preview: those that belong to nobody near this machine. */
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** True when an address (numbers, no name) may be asked at a port. */
export type MayAsk = (address: string, port: number) => boolean

/** New addresses that lead to one device of the internet; ways into meshes, tunnels and old kinds lie beside them. */
const GLOBAL_6 = ipaddr.parseCIDR('2000::/3')

/**
 * Public addresses, at the ports of the web and those that anybody may open: below 1024 are services that no page is at, such as mail.
 * Nothing of the own machine or its networks (`networks`, as address/bits), where devices have public addresses of the new kind too.
 */
export function isPublic(address: string, port: number, networks: readonly string[] = ownNetworks()): boolean {
  if (!ipaddr.isValid(address) || !(port === 80 || port === 443 || port >= 1024)) return false
  // An address of the old kind inside a new one counts as what it is; ways through gates and tunnels count as private.
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast' || (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_6))) return false
  return !networks.some((network) => {
    const range = ipaddr.parseCIDR(network)
    return range[0].kind() === parsed.kind() && parsed.match(range)
  })
}

function ownNetworks(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.map(({ cidr }) => cidr).filter((cidr) => cidr !== null)
}
