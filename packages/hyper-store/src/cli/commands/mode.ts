/** `mode`: what this device does with a folder. */
import * as v from 'valibot'
import { FolderMode } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'

const MEANS: Record<FolderMode, string> = {
  'send-receive': 'sends what changes here and receives what changes elsewhere',
  'receive-only': 'only receives; what is changed here stays here, and is kept aside when it changes elsewhere too',
  'send-only': 'only sends; what others write is kept by the store and not put on this disk',
  keep: 'is kept by the store for others; nothing on this disk is changed or read any more',
  'keep-blind': 'is kept for others without being readable here',
}

/** Shows the mode, or changes it; nothing is lost by changing it at any time. */
export const runMode: Run = async (context, { args: [folder, mode], options }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const isListed = options['listed'] === true
  if (isListed && options['unlisted'] === true) throw new AppError('USAGE', { reason: '--listed and --unlisted say the opposite' })
  const change = {
    ...(mode === undefined ? {} : { mode: v.parse(FolderMode, mode) }),
    ...(isListed || options['unlisted'] === true ? { listed: isListed } : {}),
  }
  const now = Object.keys(change).length === 0 ? item : await client.changeFolder(item.key, change, { signal })
  output.show(now, () => [now.mode])
  output.talk(`${plain(now.title)} ${MEANS[now.mode]}`)
  return 0
}
