/** `add`: shares a folder, or keeps what a link names. */
import { setTimeout as sleep } from 'node:timers/promises'
import { looksLikeLink } from '@hyper-store/client'
import type { AddFolder, Client, Item } from '@hyper-store/client'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { formatBytes, formatFiles } from '../format.ts'
import { progressOf } from '../item-lines.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import type { ProgressState } from '../progress.ts'
import { absolutePath, linkToKeep, required } from '../references.ts'

const LOOK_MS = 500

/** Prints the link at once; for a path, stays until the folder was read, with progress. */
export const runAdd: Run = async (context, { args: [target, provider], options }) => {
  const what = required(target)
  const { title, private: isPrivate, blind } = options
  const body: AddFolder = {
    ...(typeof title === 'string' ? { title } : {}),
    ...(isPrivate === true ? { private: true } : {}),
    ...(blind === true ? { blind: true } : {}),
  }
  if (looksLikeLink(what)) return keepLink(context, { ...body, link: linkToKeep(what, blind === true) }, provider)
  return sharePath(context, { ...body, path: absolutePath(what), ...(provider === undefined || provider === 'local' ? {} : { provider }) })
}

async function keepLink(context: Context, body: AddFolder, provider: string | undefined): Promise<number> {
  const { output, signal } = context
  // By way of this store, which then knows who keeps it.
  const kept = provider === undefined || provider === 'local' ? body : { ...body, provider }
  const item = await (await context.connect()).addFolder(kept, { signal })
  output.show(item, () => [item.link])
  output.talk(`${plain(item.title)} is kept ${provider === undefined ? 'here' : `by ${provider}`} from now on`)
  return 0
}

async function sharePath(context: Context, body: AddFolder & { path: string }): Promise<number> {
  const { output, signal } = context
  const client = await context.connect()
  using progress = startProgress(output, 'Reading')
  const update: Update = (state) => progress.update(state)
  const adding = client.addFolder(body, { signal })
  const first = await Promise.race([adding, look(client, { path: body.path, adding, context, update })])
  if (!output.json) output.line(first.link)
  const item = await untilRead(client, await adding, { context, update })
  if (output.json) output.show(item, () => [])
  progress[Symbol.dispose]()
  const kept = body.provider === undefined ? '' : `, and kept by ${body.provider} from now on`
  output.talk(`${plain(item.title)} is shared (${formatFiles(item.files)}, ${formatBytes(item.bytes)})${kept}`)
  return 0
}

type Update = (state: ProgressState) => void

interface Watching {
  readonly context: Context
  readonly update: Update
}

/** The new item as soon as the store lists it, should the answer itself take until the whole folder was read. */
async function look(client: Client, { path, adding, context, update }: Watching & { path: string; adding: Promise<Item> }): Promise<Item> {
  let over = false
  adding.finally(() => (over = true)).catch(() => {})
  for (;;) {
    await sleep(LOOK_MS, undefined, { ref: false })
    if (over) return adding
    try {
      const item = await client.getFolder(path, context)
      update(progressOf(item, ['this']))
      return item
    } catch {
      // Not listed yet.
    }
  }
}

/** Looks until this device holds all of the folder, or can't go on. */
async function untilRead(client: Client, first: Item, { context, update }: Watching): Promise<Item> {
  let item = first
  while (item.state === 'syncing' && item.devices.find((device) => device.role === 'this')?.complete !== true) {
    update(progressOf(item, ['this']))
    await sleep(LOOK_MS / 5, undefined, { signal: context.signal })
    item = await client.getFolder(item.key, context)
  }
  update(progressOf(item, ['this']))
  return item
}
