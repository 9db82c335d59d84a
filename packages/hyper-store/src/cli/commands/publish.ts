/** `publish`: a store for one run, for machines that keep nothing; ends when the named providers hold the newest version. */
import { AppError } from '@hyper-store/client/contract'
import type { PublishTarget } from '../../service/publish-providers.ts'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { parseSeconds } from '../format.ts'
import { loadNativeParts } from '../native-parts.ts'
import { plain } from '../output.ts'
import { absolutePath, required } from '../references.ts'

const KEY_VARIABLE = 'HYPER_STORE_PUBLISH_KEY'
const TO_VARIABLE = 'HYPER_STORE_PUBLISH_TO'
const DEVICE_KEY = /^[13-9a-km-uw-z]{52}$/

/** Prints link and version. Throws USAGE without a secret or a provider, UNKNOWN_PROVIDER, and what publishing throws. */
export const runPublish: Run = async (context, { args: [folder], options, lists }) => {
  const { output, signal, env } = context
  const variable = textOf(options['keyEnv']) ?? KEY_VARIABLE
  const secret = env[variable] ?? ''
  if (secret === '')
    throw new AppError('USAGE', {
      reason: `${variable} is not set; put a secret of at least 32 characters there, always the same for one link`,
    })
  const named = lists['to'] ?? (env[TO_VARIABLE] ?? '').split(/\s+/).filter(Boolean)
  if (named.length === 0) throw new AppError('USAGE', { reason: `name a provider with --to, or in ${TO_VARIABLE}` })
  const { publishFolder } = await loadNativeParts(async () => import('../../service/publishing.ts'))
  const targets: PublishTarget[] = []
  for (const to of named) targets.push(isAddress(to) ? { address: to } : await knownProvider(context, to))
  const published = await publishFolder({
    path: absolutePath(required(folder)),
    secret,
    targets,
    title: textOf(options['title']),
    private: options['private'] === true,
    timeoutS: parseSeconds(textOf(options['timeout']) ?? '600', '--timeout'),
    network: networkOf(env['HYPER_STORE_SERVICE_OPTIONS'] ?? ''),
    signal,
    onTalk: (line) => output.talk(line),
  })
  output.show(published, () => [[published.link, published.version].join('\t')])
  const names = published.receipts.map(({ device }) => plain(device.name)).join(', ')
  output.talk(
    `${published.changes === 0 ? 'Nothing changed' : `${published.changes} changed`}; ${names} ${names.includes(',') ? 'hold' : 'holds'} version ${published.version}`,
  )
  return 0
}

/** Anything that is no plain name. */
function isAddress(to: string): boolean {
  return /[:#/]/.test(to) || DEVICE_KEY.test(to)
}

/** A provider that the user's own store knows: that store asks it to keep the link. */
async function knownProvider(context: Context, name: string): Promise<PublishTarget> {
  const client = await context.connectIfRunning()
  if (client === null) throw new AppError('UNKNOWN_PROVIDER', { name })
  const { signal } = context
  const { url, deviceKey } = await client.getProvider(name, { signal })
  if (deviceKey === null) throw new AppError('PROVIDER_UNREACHABLE', { name, url: url ?? name })
  const there = client.provider(name)
  return {
    name,
    url,
    deviceKey,
    keep: async ({ link, title, private: isPrivate }) =>
      (await there.addFolder({ link, title, ...(isPrivate ? { private: true } : {}) }, { signal })).version,
    peers: async () => (await there.getStore({ signal })).network?.peers.map(({ key }) => key) ?? [],
  }
}

/** The network options among those of a service. */
function networkOf(text: string): { lanOnly: boolean; noLan: boolean; bootstrap: string[] } {
  const words = text.split(/[\s=]+/)
  const at = words.indexOf('--bootstrap')
  return {
    lanOnly: words.includes('--lan-only'),
    noLan: words.includes('--no-lan'),
    bootstrap: at < 0 ? [] : (words[at + 1] ?? '').split(',').filter(Boolean),
  }
}

function textOf(value: string | boolean | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
