/** `bee watch`: rows as they change, and a command for each. */
import { ERRORS } from '@hyper-store/client/contract'
import type { Client, RowEvent } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { required } from '../references.ts'
import { runFor } from '../run-for.ts'
import { changeCells, valueText } from '../table-lines.ts'
import { tableRef, versionOf } from '../table-ref.ts'

/** What is watched of a table, and what is done. */
export interface RowsWatch {
  readonly ref: string
  readonly prefix: string | undefined
  /** Changes after this version come first; from now on without. */
  readonly since: number | undefined
  /** Shell command that is run for each change, one after another. */
  readonly exec: string | undefined
}

/** Prints changes until it is interrupted. */
export const runBeeWatch: Run = async (context, { args: [table, prefix], options }) => {
  const { ref, version } = tableRef(required(table))
  const { since, exec } = options
  const from = typeof since === 'string' ? versionOf(since, '--since') : (version ?? undefined)
  const wish = { ref, prefix, since: from, exec: typeof exec === 'string' ? exec : undefined }
  return watchRows(context, await context.connect(), wish)
}

/** Watches a table until it is interrupted; resolves with the exit code, which tells when a command failed. */
export async function watchRows(context: Context, client: Client, { ref, prefix, since, exec }: RowsWatch): Promise<number> {
  const { output, signal } = context
  // The version of now is known before the first connection, so that nothing is missed should that break.
  const from = since ?? (await client.getRows(ref, { limit: '1' }, { signal })).version
  const options = { signal, since: from, ...(prefix === undefined ? {} : { prefix }) }
  output.talk('Watching; Ctrl-C ends it')
  let failed = false
  for await (const event of client.watchTable(ref, options)) {
    if (output.json || exec === undefined) show(context, event)
    if (exec !== undefined && !(await runFor(context, exec, { env: envOf(event), event }))) failed = true
  }
  return failed ? ERRORS.COMMAND_FAILED.exit : 0
}

function show({ output }: Context, event: RowEvent): void {
  if (output.json) output.show(event, () => [])
  else output.table([changeCells(event, output)])
}

function envOf({ link, op, key, type, value }: RowEvent): Record<string, string | undefined> {
  return {
    HYPER_STORE_LINK: link,
    HYPER_STORE_KEY: key,
    HYPER_STORE_OP: op,
    HYPER_STORE_VALUE: type === undefined ? undefined : valueText({ type, value }),
  }
}
