/** `verify`: re-reads what is stored and what is on disk, and fetches again what is damaged. */
import type { Client, Item, VerifyReport } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { formatBytes, formatFiles } from '../format.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import { openFolder } from '../references.ts'

/** Prints a line for each problem, and throws DAMAGED (exit code 1) when something stays damaged. */
export const runVerify: Run = async (context, { args: [folder], options }) => {
  const { output } = context
  const { client, items } = await chosen(context, folder)
  let damaged = 0
  for (const item of items) {
    using progress = startProgress(output, `Reading ${item.title}`)
    const report = await client.verifyFolder(item.key, { repair: options['repair'] === true }, context)
    progress[Symbol.dispose]()
    output.show(report, () => problemLines(report))
    output.talk(summary(report))
    damaged += report.problems.filter(({ repaired }) => !repaired).length
  }
  if (items.length === 0) output.talk('Nothing is kept here yet; hyper-store add <folder> shares one')
  if (damaged > 0) throw new AppError('DAMAGED', { count: damaged })
  return 0
}

async function chosen(context: Context, folder: string | undefined): Promise<{ client: Client; items: readonly Item[] }> {
  if (folder === undefined) {
    const client = await context.connect()
    return { client, items: await client.listFolders(context) }
  }
  const { client, item } = await openFolder(context, folder)
  return { client, items: [item] }
}

function problemLines({ title, problems }: VerifyReport): string[] {
  return problems.map(({ kind, path, reason, repaired }) =>
    [repaired ? 'repaired' : 'damaged', kind, plain(path ?? title), plain(reason)].join('\t'),
  )
}

function summary({ title, problems, files, bytes, blocks }: VerifyReport): string {
  const repaired = problems.filter((problem) => problem.repaired).length
  const left = problems.length - repaired
  const found = problems.length === 0 ? 'all sound' : `${repaired} repaired, ${left} still damaged`
  return `${plain(title)}: ${formatFiles(files)}, ${formatBytes(bytes)}, ${blocks} stored blocks read; ${found}`
}
