/** The networks that this machine is on, as far as stores can be found there. */
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'

/** One usable interface. */
export interface LanInterface {
  readonly name: string
  /** IPv4 address: multicast goes out from it. */
  readonly address: string
  /** All addresses worth announcing. */
  readonly addresses: readonly { readonly family: 4 | 6; readonly address: string }[]
  /** True for an IPv4 address of this very network. */
  isOnLink(address: string): boolean
}

/** Interfaces of now with an IPv4 address, without loopback. */
export function lanInterfaces(): LanInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) => {
    const outside = entries.filter((entry) => !entry.internal)
    const first = outside.find((entry) => entry.family === 'IPv4')
    if (first === undefined) return []
    const onLink = new BlockList()
    for (const { family, cidr } of outside) {
      const [network, bits] = cidr?.split('/') ?? []
      if (family === 'IPv4' && network !== undefined && bits !== undefined) onLink.addSubnet(network, Number(bits), 'ipv4')
    }
    return [
      {
        name,
        address: first.address,
        addresses: outside
          .filter(({ family, scopeid }) => family === 'IPv4' || scopeid === 0)
          .slice(0, 8)
          .map(({ family, address }) => ({ family: family === 'IPv4' ? (4 as const) : (6 as const), address })),
        isOnLink: (address: string) => onLink.check(address),
      },
    ]
  })
}
