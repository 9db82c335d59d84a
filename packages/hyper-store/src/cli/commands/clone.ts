/** `clone`: makes a live copy of a link in a local folder. */
import { looksLikeLink } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { absolutePath, linkToKeep, required } from '../references.ts'

/** Prints the item once it is made; `wait` tells when the copy is complete. */
export const runClone: Run = async (context, { args: [first, second, provider] }) => {
  const { output, signal } = context
  // Users of other tools write the source first; only one of the two is a link.
  const swapped = looksLikeLink(required(first)) && !looksLikeLink(required(second))
  const [to, from] = swapped ? [required(second), required(first)] : [required(first), required(second)]
  const link = linkToKeep(from)
  const keep = provider === undefined || provider === 'local' ? {} : { provider }
  const client = await context.connect()
  const item = await client.addFolder({ path: absolutePath(to), link, ...keep }, { signal })
  if (output.json) output.show(item, () => [])
  else output.table([[item.link, plain(item.path ?? ''), item.state]])
  output.talk(`${plain(item.title)} is copied to ${plain(item.path ?? '')} and stays in step; hyper-store wait tells when it is complete`)
  return 0
}
