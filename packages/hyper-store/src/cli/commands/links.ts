/** `links`: addresses of a part of a private folder, for people without a device. */
import type { GatewayLink } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { formatMoment, parseSeconds } from '../format.ts'
import { plain } from '../output.ts'
import { openFolder, pathInFolder, required } from '../references.ts'

/** Lists links; `create` prints the address of a new one alone on stdout, `revoke` makes one useless. */
export const runLinks: Run = async (context, { args: [folder, action, id], options }) => {
  const { output, signal } = context
  const expiresS = parseSeconds(String(options['expires']), '--expires')
  if (action === 'revoke' && id === undefined)
    throw new AppError('USAGE', { reason: 'The id of the link is missing; hyper-store links <folder> shows it' })
  const { client, item } = await openFolder(context, required(folder))
  if (action === 'create') {
    const given = typeof options['path'] === 'string' ? pathInFolder(options['path'], item.path).replace(/\/+$/, '') : ''
    const path = given === '.' || given === item.path ? '' : given
    const link = await client.createGatewayLink(item.key, { path, expiresS }, { signal })
    output.show(link, ({ url }) => [url ?? ''])
    output.talk(`Whoever has this address reads ${path === '' ? 'all of the folder' : plain(path)} until ${formatMoment(link.expiresAt)}`)
    return 0
  }
  if (action === 'revoke') {
    output.show(await client.revokeGatewayLink(item.key, required(id), { signal }), () => [])
    output.talk('The link is useless from now on')
    return 0
  }
  const links = await client.listGatewayLinks(item.key, { signal })
  if (output.json) for (const link of links) output.show(link, () => [])
  else output.table(links.map(row))
  if (links.length === 0) output.talk(`${plain(item.title)} has no links; hyper-store links <folder> create makes one`)
  return 0
}

function row({ id, path, state, expiresAt, by, url }: GatewayLink): string[] {
  return [id, path === '' ? '/' : plain(path), state, `until ${formatMoment(expiresAt)}`, plain(by), url ?? '']
}
