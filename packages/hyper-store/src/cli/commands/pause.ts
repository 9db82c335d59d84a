/** `pause`, `resume` and `rescan`: one call on one folder, which ends with the folder's new state. */
import type { Client, Item } from '@hyper-store/client'
import { errorCode } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Invocation, Run } from '../command-spec.ts'
import { formatFiles } from '../format.ts'
import { progressOf } from '../item-lines.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import { openFolder, required } from '../references.ts'

/** Node gives up on an answer after five minutes; a first look at a large folder takes longer. */
const GIVEN_UP_MS = 240_000

type Change = (client: Client, key: string, options: { signal: AbortSignal }) => Promise<Item>

async function changeFolder(context: Context, { args: [folder] }: Invocation, change: Change): Promise<Item> {
  const { client, item } = await openFolder(context, required(folder))
  using progress = startProgress(context.output, item.title)
  progress.update(progressOf(item, ['this']))
  const changed = await change(client, item.key, { signal: context.signal })
  context.output.show(changed, () => [])
  return changed
}

/** Stops syncing a folder. */
export const runPause: Run = async (context, invocation) => {
  const item = await changeFolder(context, invocation, (client, key, options) => client.pauseFolder(key, options))
  context.output.talk(`${plain(item.title)} is paused; hyper-store resume goes on`)
  return 0
}

/** Goes on syncing; `--confirm` and `--bring-back` also after a stop for safety. */
export const runResume: Run = async (context, invocation) => {
  const query = { confirm: invocation.options['confirm'] === true, bringBack: invocation.options['bringBack'] === true }
  const item = await changeFolder(context, invocation, (client, key, options) => client.resumeFolder(key, query, options))
  context.output.talk(`${plain(item.title)} goes on`)
  return 0
}

/** Compares the whole folder with what is stored. */
export const runRescan: Run = async (context, invocation) => {
  const item = await changeFolder(context, invocation, rescanWhole)
  context.output.talk(`${plain(item.title)} was compared: ${formatFiles(item.files)}, version ${item.version}`)
  return 0
}

const rescanWhole: Change = async (client, key, options) => {
  for (;;) {
    const startedMs = performance.now()
    try {
      return await client.rescanFolder(key, options)
    } catch (error) {
      if (errorCode(error) !== 'SERVICE_UNREACHABLE' || performance.now() - startedMs < GIVEN_UP_MS) throw error
    }
  }
}
