/** `seed` and `unseed`: keep what links name, or no more; the words of hyp for add and remove. */
import { looksLikeLink, parseLink } from '@hyper-store/client'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { linkToKeep, openStore } from '../references.ts'

/** Prints each link; one that is kept already is kept. */
export const runSeed: Run = async (context, { args, options }) => {
  const { output, signal } = context
  const links = linksOf(args)
  const { provider } = options
  const client = await context.connect()
  for (const text of links) {
    const body = { link: linkToKeep(text), ...(typeof provider === 'string' && provider !== 'local' ? { provider } : {}) }
    try {
      const item = await client.addFolder(body, { signal })
      output.show(item, () => [item.link])
    } catch (error) {
      if (errorCode(error) !== 'ALREADY_KEPT') throw error
      const item = await client.getFolder(parseLink(text).key, { signal })
      output.show(item, () => [item.link])
      output.talk(`${item.link} is kept already`)
    }
  }
  output.talk(
    `Kept ${typeof provider === 'string' ? `by ${provider}` : 'here'} from now on; hyper-store wait <link> ends when all of it is there`,
  )
  return 0
}

/** What the store holds stays on disk, as files do. */
export const runUnseed: Run = async (context, { args, options }) => {
  const { output, signal } = context
  const links = linksOf(args)
  const { provider } = options
  const client = await openStore(context, typeof provider === 'string' && provider !== 'local' ? provider : undefined)
  for (const text of links) {
    const { link, key } = parseLink(text)
    const done = await client.removeFolder(key, {}, { signal })
    output.show({ ...done, link }, () => [])
    output.talk(`${link} is no longer kept`)
  }
  return 0
}

function linksOf(args: readonly (string | undefined)[]): string[] {
  const links = args.filter((text) => text !== undefined)
  for (const text of links) {
    if (!looksLikeLink(text)) throw new AppError('USAGE', { reason: `"${text}" is no link; hyper-store add and remove take folders too` })
    parseLink(text)
  }
  return links
}
