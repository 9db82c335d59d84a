/**
 * Names of the domain name system in place of keys: `hyper://example.org/path`. Looked up where the user configured a resolver, in the
 * TXT records that dat and hyper sites have used: `hyperkey=` and `datkey=` at the name, `dnslink=/hyper/` at `_dnslink.` before it.
 */
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { parseLink } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'

/** A link with a name where a key would stand; the last label has a letter, so that it is no address. */
const NAMED = /^hyper:\/\/((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]|localhost)(?=$|[/+#])(.*)$/is
const KEY = /^\s*(?:hyperkey|datkey)\s*=\s*(?:hyper:\/\/|dat:\/\/)?([0-9a-z]{52,64})\s*$/i
const DNSLINK = /^\s*dnslink\s*=\s*\/hyper\/([0-9a-z]{52,64})/i
const TRIES = 2
const ANSWER_MS = 3000

/** Variable that configures the resolver: `system`, or `address` or `address:port` of a DNS server. */
export const RESOLVER_VARIABLE = 'HYPER_STORE_RESOLVER'

/** The same text with the key in place of the name; any other text is given back as it is. Throws NAME_NOT_RESOLVED and USAGE. */
export async function resolveName(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const [, name, rest = ''] = NAMED.exec(text) ?? []
  if (name === undefined || name === 'localhost') return text
  const key = await keyOf(name, resolverOf(env[RESOLVER_VARIABLE], name))
  if (key === null) throw new AppError('NAME_NOT_RESOLVED', { name })
  return `hyper://${key}${rest}`
}

function resolverOf(configured: string | undefined, name: string): Resolver {
  const resolver = new Resolver({ timeout: ANSWER_MS, tries: TRIES })
  if (configured === undefined || configured === '')
    throw new AppError('USAGE', {
      reason: `"${name}" is a name, and no resolver is configured; set ${RESOLVER_VARIABLE}=system, or use the link`,
    })
  if (configured === 'system') return resolver
  const [, host = ''] = /^\[?([0-9a-f.:]+?)\]?(?::\d{1,5})?$/i.exec(configured) ?? []
  if (isIP(host) === 0)
    throw new AppError('USAGE', { reason: `${RESOLVER_VARIABLE} is "system" or the address of a DNS server, not "${configured}"` })
  resolver.setServers([configured])
  return resolver
}

async function keyOf(name: string, resolver: Resolver): Promise<string | null> {
  for (const [at, shape] of [
    [name, KEY],
    [`_dnslink.${name}`, DNSLINK],
  ] as const) {
    // A name without such records, and one that is not there, are the same to the user.
    const records = await resolver.resolveTxt(at).catch((): string[][] => [])
    for (const pieces of records) {
      const [, key] = shape.exec(pieces.join('')) ?? []
      if (key !== undefined) return keyIn(key)
    }
  }
  return null
}

/** What a stranger wrote into a record is a key, or nothing. */
function keyIn(text: string): string | null {
  try {
    return parseLink(text).key
  } catch {
    return null
  }
}
