/** `lists`, `lists follow`, `lists unfollow`: lists of links of which everything is kept. */
import { existsSync } from 'node:fs'
import type { FollowedList } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { plain } from '../output.ts'
import { absolutePath, openStore, required } from '../references.ts'

/** Prints one line a list. */
export const runLists: Run = async (context, { args: [provider] }) => {
  const { output, signal } = context
  const lists = await (await openStore(context, provider)).listLists({ signal })
  for (const list of lists) show(context, list)
  if (lists.length === 0) output.talk('No list is followed; hyper-store lists follow <source> begins to')
  return 0
}

/** Prints the list. Throws what reading it throws. */
export const runListsFollow: Run = async (context, { args: [source, provider] }) => {
  const { signal } = context
  const client = await context.connect()
  // A file of this machine is no file of another one.
  const given = provider === undefined ? sourceOf(required(source)) : required(source)
  show(context, await client.followList({ source: given, ...(provider === undefined ? {} : { provider }) }, { signal }))
  return 0
}

/** Throws UNKNOWN_LIST. */
export const runListsUnfollow: Run = async (context, { args: [list, provider] }) => {
  const store = await openStore(context, provider)
  const given = required(list)
  const known = (await store.listLists({ signal: context.signal })).find(
    ({ id, source }) => id === given || source === given || source === sourceOf(given),
  )
  await store.unfollowList(known?.id ?? given, { signal: context.signal })
  return 0
}

/** Files are named from where the command runs. */
function sourceOf(text: string): string {
  const isPath = /^[.~/\\]/.test(text) || /^[a-z]:[\\/]/i.test(text)
  return isPath || (!text.includes('://') && existsSync(text)) ? absolutePath(text) : text
}

function show({ output }: Context, list: FollowedList): void {
  output.show(list, () => [
    [list.id, `${list.links.length} links`, plain(list.source), plain(list.problem?.message ?? '')].join('\t').trimEnd(),
  ])
}
