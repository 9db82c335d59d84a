/** `pause`, `resume` and `rescan`: one call on one folder, which ends with the folder's new state. */
import type { Client, Item } from '@hyper-store/client'
import type { Context } from '../context.ts'
import type { Invocation, Run } from '../command-spec.ts'
import { formatFiles } from '../format.ts'
import { progressOf } from '../item-lines.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import { openFolder, required } from '../references.ts'

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

/** Goes on syncing; `--confirm` also after a stop for safety. */
export const runResume: Run = async (context, invocation) => {
  const confirm = invocation.options['confirm'] === true
  const item = await changeFolder(context, invocation, (client, key, options) => client.resumeFolder(key, { confirm }, options))
  context.output.talk(`${plain(item.title)} goes on`)
  return 0
}

/** Compares the whole folder with what is stored. */
export const runRescan: Run = async (context, invocation) => {
  const item = await changeFolder(context, invocation, (client, key, options) => client.rescanFolder(key, options))
  context.output.talk(`${plain(item.title)} was compared: ${formatFiles(item.files)}, version ${item.version}`)
  return 0
}
