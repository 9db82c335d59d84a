/** Decides from the Host header whether a request means the store, a drive's own sub-domain, or is a rebound name to refuse. */
import { isIP } from 'node:net'
import { parseKey } from '../core/links.ts'

/** What a Host header means. */
export type HostVerdict = { readonly kind: 'store' } | { readonly kind: 'drive'; readonly key: string } | { readonly kind: 'refused' }

/** What the judge needs to know; names without port, in any case. */
export interface HostRules {
  /** Names and addresses of this machine, beside the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** True when the store listens beyond loopback: then any address written in digits is accepted, since only names can be rebound. */
  readonly exposed: boolean
  /** Domain below which `<key>.<domain>` is a drive. */
  readonly gatewayDomain?: string | undefined
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** The host name of an authority such as `Localhost:3472`, `[::1]:80` or `pi.local.`; null when it is not one. */
function hostNameOf(authority: string): string | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/i.exec(authority)
  const name = found?.[1] ?? found?.[2]
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, '')
}

/** Makes the judge of Host headers. */
export function createHostJudge(rules: HostRules): (authority: string) => HostVerdict {
  const domain = rules.gatewayDomain?.toLowerCase()
  const names = new Set([...LOOPBACK, ...rules.allowedHosts.map((name) => hostNameOf(name) ?? name.toLowerCase())])
  if (domain !== undefined) names.add(domain)
  const drivesBelow = domain === undefined ? ['localhost'] : ['localhost', domain]

  return (authority) => {
    const name = hostNameOf(authority)
    if (name === null) return { kind: 'refused' }
    if (names.has(name)) return { kind: 'store' }
    const dot = name.indexOf('.')
    if (dot > 0 && drivesBelow.includes(name.slice(dot + 1))) {
      const key = parseKey(name.slice(0, dot))
      if (key !== null) return { kind: 'drive', key }
    }
    return rules.exposed && isIP(name) !== 0 ? { kind: 'store' } : { kind: 'refused' }
  }
}
