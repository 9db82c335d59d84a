/** `watch`: events as they happen. */
import { ERRORS } from '@hyper-store/client/contract'
import type { Item, StoreEvent } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import { formatMoment, formatShare } from '../format.ts'
import { receiptLine } from '../item-lines.ts'
import { plain } from '../output.ts'
import { openFolder } from '../references.ts'

/** Prints until it is interrupted. */
export const runWatch: Run = async (context, { args: [folder] }) => {
  const { output, signal } = context
  const client = await context.connect()
  const only = folder === undefined ? {} : { folder: (await openFolder(context, folder)).item.key }
  const items = new Map((await client.listFolders({ signal })).map((item) => [item.link, item]))
  const onConnection = (connected: boolean) =>
    output.talk(connected ? 'Watching; Ctrl-C ends it' : 'The store does not answer; trying again')
  for await (const event of client.events({ ...only, signal, onConnection })) {
    output.show(event, () => eventLines(event, items))
    if (event.event === 'item') items.set(event.link, event.item)
  }
  return signal.aborted ? 0 : ERRORS.SERVICE_UNREACHABLE.exit
}

function eventLines(event: StoreEvent, items: ReadonlyMap<string, Item>): string[] {
  const at = formatMoment(event.at)
  if (event.event === 'ready' || event.event === 'pair') return []
  if (event.event === 'peer') {
    return [`${at}  ${plain(event.name ?? event.key)} ${event.connected ? `connected (${plain(event.via)})` : 'left'}`]
  }
  const before = items.get(event.link)
  const title = plain(before?.title ?? event.link)
  if (event.event === 'removed') return [`${at}  ${title}: no longer kept`]
  if (event.event === 'receipt') return [`${at}  ${receiptLine(event, before?.title ?? event.link)}`]
  if (event.event === 'change') {
    const from = event.from === undefined ? '' : `${plain(event.from)} -> `
    return [`${at}  ${title}: ${event.op} ${from}${plain(event.path)}  (version ${event.version}, ${plain(event.device)})`]
  }
  if (event.event === 'members') return [`${at}  ${title}: members changed`]
  // Items are told many times a second while they sync; people want to know when the state turns.
  const { item } = event
  if (before?.state === item.state) return []
  const more = item.problem === null ? '' : `: ${plain(item.problem.message)}`
  return [`${at}  ${plain(item.title)}: ${item.state}${item.state === 'syncing' ? ` ${formatShare(item.progress)}` : ''}${more}`]
}
