/** `trash`: what the store replaced or removed on this device's disk; brings it back or deletes it for good. */
import type { Client } from '@hyper-store/client'
import type { TrashItem } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { formatBytes, formatFiles, formatMoment, parseSeconds } from '../format.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'
import { inFolder } from './history.ts'

/** Lists the trash. */
export const runTrash: Run = async (context, { args: [folder, action, ...names], options, lists }) => {
  const { output, signal } = context
  if (action === 'restore') return runRestoreTrash(context, { args: [folder, ...names], options, lists })
  if (action === 'empty') return runEmptyTrash(context, { args: [folder], options, lists })
  if (action !== undefined) throw new AppError('USAGE', { reason: `trash knows restore and empty, not "${action}"` })
  const { client, item } = await openFolder(context, required(folder))
  const items = await client.listTrash(item.key, { signal })
  if (output.json) for (const one of items) output.show(one, () => [])
  else output.table(items.map((one) => [one.id, formatBytes(one.size), formatMoment(one.at), plain(one.path)]))
  if (items.length === 0) output.talk('The trash is empty')
  return 0
}

const runRestoreTrash: Run = async (context, { args: [folder, ...names] }) => {
  const { output, signal } = context
  const wanted = names.filter((name) => name !== undefined)
  if (wanted.length === 0) throw new AppError('USAGE', { reason: 'name what to bring back: ids or paths as hyper-store trash shows them' })
  const { client, item } = await openFolder(context, required(folder))
  const items = await client.listTrash(item.key, { signal })
  const ids = wanted.map((name) => idOf(items, name, item.path))
  const { restored } = await client.restoreTrash(item.key, { ids }, { signal })
  for (const one of restored) output.show(one, () => [plain(one.path)])
  return 0
}

const runEmptyTrash: Run = async (context, { args: [folder], options }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const emptied = await empty(client, item.key, { olderThan: options['olderThan'], signal })
  output.show(emptied, ({ items, bytes }) => [`${formatFiles(items)}, ${formatBytes(bytes)} deleted for good`])
  return 0
}

async function empty(client: Client, key: string, how: { olderThan: string | boolean | undefined; signal: AbortSignal }) {
  const { olderThan, signal } = how
  if (typeof olderThan !== 'string') return client.emptyTrash(key, {}, { signal })
  const days = parseSeconds(/^\d+$/.test(olderThan) ? `${olderThan}d` : olderThan, '--older-than') / 86_400
  if (days < 1) throw new AppError('USAGE', { reason: '--older-than wants whole days, such as 30d' })
  return client.emptyTrash(key, { olderThanDays: String(Math.floor(days)) }, { signal })
}

/** The item of an id, or the newest one of a path. */
function idOf(items: readonly TrashItem[], name: string, root: string | null): string {
  if (items.some(({ id }) => id === name)) return name
  const path = inFolder(name, root)
  const found = items.findLast((item) => item.path === path)
  if (found === undefined) throw new AppError('NOT_FOUND', { what: `"${name}" in the trash` })
  return found.id
}
