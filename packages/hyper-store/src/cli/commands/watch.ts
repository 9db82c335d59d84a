/** `watch`: events as they happen, and a command for each. */
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import type { BlockEvent, Client, Item, StoreEvent, Thing } from '@hyper-store/client'
import { looksLikeLink } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { formatMoment, formatShare } from '../format.ts'
import { receiptLine } from '../item-lines.ts'
import { plain } from '../output.ts'
import { linkToKeep, openFolder } from '../references.ts'
import { runFor } from '../run-for.ts'
import type { Told } from '../run-for.ts'
import { tableRef, versionOf } from '../table-ref.ts'
import { watchRows } from './bee-watch.ts'

/** How something is watched. */
interface Wish {
  /** Number of a block, or version of a table, from which on is told; from now on without. */
  readonly since: number | undefined
  /** Shell command for each event. */
  readonly exec: string | undefined
}

/** Prints until it is interrupted: events of folders, rows of a table, blocks of a plain core. */
export const runWatch: Run = async (context, { args: [ref], options }) => {
  const { since, exec } = options
  const wish: Wish = {
    since: typeof since === 'string' ? versionOf(since, '--since') : undefined,
    exec: typeof exec === 'string' ? exec : undefined,
  }
  const client = await context.connect()
  const found = ref === undefined ? null : await kindOf(context, client, ref)
  if (ref !== undefined && found?.kind === 'core')
    return watchBlocks(context, client, wish, looksLikeLink(ref) ? linkToKeep(ref) : found.key)
  if (ref !== undefined && found?.kind === 'table')
    return watchRows(context, client, { ...wish, ref: tableRef(ref).ref, prefix: undefined })
  if (wish.since === undefined) return watchEvents(context, client, wish, found?.key)
  throw new AppError('USAGE', { reason: '--since is for tables and plain cores; hyper-store history tells what was in a folder' })
}

/** What is meant: something kept, or a table or core behind a link. Throws UNKNOWN_FOLDER for anything else that is not kept. */
async function kindOf(context: Context, client: Client, ref: string): Promise<Pick<Item | Thing, 'kind' | 'key'>> {
  try {
    return (await openFolder(context, ref)).item
  } catch (error) {
    if (errorCode(error) !== 'UNKNOWN_FOLDER' || !looksLikeLink(ref)) throw error
    const thing = await client.getThing(linkToKeep(ref), { signal: context.signal })
    if (thing.kind === 'core' || thing.kind === 'table') return thing
    throw error
  }
}

async function watchEvents(context: Context, client: Client, { exec }: Wish, folder: string | undefined): Promise<number> {
  const { output, signal } = context
  const items = new Map((await client.listFolders({ signal })).map((item) => [item.link, item]))
  const onConnection = (connected: boolean) =>
    output.talk(connected ? 'Watching; Ctrl-C ends it' : 'The store does not answer; trying again')
  let failed = false
  for await (const event of client.events({ ...(folder === undefined ? {} : { folder }), signal, onConnection })) {
    if (output.json || exec === undefined) output.show(event, () => eventLines(event, items))
    if (exec !== undefined && !(await runFor(context, exec, { env: envOf(event), event }))) failed = true
    if (event.event === 'item') items.set(event.link, event.item)
  }
  if (!signal.aborted) return ERRORS.SERVICE_UNREACHABLE.exit
  return failed ? ERRORS.COMMAND_FAILED.exit : 0
}

async function watchBlocks(context: Context, client: Client, { since, exec }: Wish, ref: string): Promise<number> {
  const { output, signal } = context
  // Where it ends is known before the first connection, so that nothing is missed should that break.
  const from = since ?? (await client.getThing(ref, { signal })).version
  output.talk('Watching; Ctrl-C ends it')
  let failed = false
  for await (const event of client.watchBlocks(ref, { signal, since: from })) {
    if (output.json) output.show(event, () => [])
    else if (exec === undefined) output.table([[String(event.index), plain(blockText(event))]])
    const env = { HYPER_STORE_LINK: event.link, HYPER_STORE_INDEX: String(event.index), HYPER_STORE_VALUE: blockText(event) }
    if (exec !== undefined && !(await runFor(context, exec, { env, event }))) failed = true
  }
  return failed ? ERRORS.COMMAND_FAILED.exit : 0
}

/** A block as text, or as base 64 where it is none. */
function blockText({ bytes }: BlockEvent): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'base64'))
  } catch {
    return bytes
  }
}

function envOf(event: StoreEvent): Told['env'] {
  return {
    HYPER_STORE_EVENT: event.event,
    HYPER_STORE_LINK: 'link' in event ? event.link : undefined,
    HYPER_STORE_OP: event.event === 'change' ? event.op : undefined,
    HYPER_STORE_PATH: event.event === 'change' ? event.path : undefined,
  }
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
