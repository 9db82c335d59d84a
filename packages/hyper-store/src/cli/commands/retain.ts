/** `retain`: how many old versions this device keeps the content of; lets the rest go. */
import type { Reclaimed, Retention } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import type { OptionValues, Run } from '../command-spec.ts'
import { formatBytes } from '../format.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'
import { retentionWords } from '../space-lines.ts'
import { countOf } from './history.ts'

/** Prints the policy and what it let go. */
export const runRetain: Run = async (context, { args: [folder], options }) => {
  const { output, signal } = context
  const wish = retentionOf(options)
  const { client, item } = await openFolder(context, required(folder))
  const reclaimed = await client.setRetention(item.key, wish, { signal })
  output.show(reclaimed, ({ retention, freed, before, after, space }: Reclaimed) => [
    `${plain(space.title)} ${retentionWords(retention)}: ${formatBytes(freed)} let go, the store is ${formatBytes(after)} now (${formatBytes(before)} before)`,
    ...(space.reason === null ? [] : [plain(space.reason)]),
  ])
  return 0
}

function retentionOf({ all, versions, days }: OptionValues): Retention {
  if ([all, versions, days].filter((value) => value !== undefined && value !== false).length !== 1)
    throw new AppError('USAGE', { reason: 'retain wants one of --all, --versions and --days' })
  if (all === true) return { keep: 'all' }
  if (versions !== undefined) return { keep: 'versions', versions: countOf(versions, '--versions') ?? 1 }
  const text = String(days)
  if (!/^\d+(\.\d+)?$/.test(text)) throw new AppError('USAGE', { reason: `--days wants a number of days, not "${text}"` })
  return { keep: 'days', days: Number(text) }
}
