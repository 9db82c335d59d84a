/** `bee create`, `bee info`: making a table, and what one is. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'
import { tableLines } from '../table-lines.ts'
import { tableRef } from '../table-ref.ts'

/** `bee` alone does nothing. Throws USAGE. */
export const runBee: Run = async () => {
  throw new AppError('USAGE', { reason: 'What to do with the table is missing; hyper-store bee --help lists it' })
}

/** Makes a table and prints its link. */
export const runBeeCreate: Run = async (context, { args: [title], options }) => {
  const { output, signal } = context
  const { in: folder, provider, private: isPrivate, blind } = options
  if (blind === true && typeof provider !== 'string')
    throw new AppError('USAGE', { reason: '--blind says how a provider keeps it; name one with --provider' })
  if (typeof folder === 'string' && title === undefined)
    throw new AppError('USAGE', { reason: 'A table in a shared folder needs a title; it is found by it' })
  const client = await context.connect()
  const within = typeof folder === 'string' ? { folder: (await openFolder(context, folder)).item.key } : {}
  const table = await client.createTable(
    {
      ...within,
      ...(title === undefined ? {} : { title }),
      ...(isPrivate === true ? { private: true } : {}),
      ...(typeof provider === 'string' && provider !== 'local' ? { provider } : {}),
      ...(blind === true ? { blind: true } : {}),
    },
    { signal },
  )
  output.show(table, ({ link }) => [link])
  output.talk(`${plain(table.title)} is ready; hyper-store bee put ${table.link} <key> <value> puts a row`)
  return 0
}

/** Prints what a table is. */
export const runBeeInfo: Run = async (context, { args: [table] }) => {
  const { output, signal } = context
  const { ref } = tableRef(required(table))
  const client = await context.connect()
  output.show(await client.getTable(ref, { signal }), (found) => tableLines(found, output))
  return 0
}
