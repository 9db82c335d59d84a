/** `bee ls`, `bee history`: rows, and what became of them. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { required } from '../references.ts'
import { changeCells, rowCells } from '../table-lines.ts'
import { checkedKey, pagesOf, tableRef, versionOf } from '../table-ref.ts'
import type { RowsWish } from '../table-ref.ts'
import { countOf } from './history.ts'

const HISTORY_PAGE = 1000

/** Prints the rows in the order of their keys, all of one version. */
export const runBeeList: Run = async (context, { args: [table, prefix], options }) => {
  const { output, signal } = context
  const wanted = tableRef(required(table), options['version'])
  const most = countOf(options['limit'], '--limit')
  const bounds = (['gt', 'gte', 'lt', 'lte'] as const).flatMap((name) => {
    const bound = options[name]
    return typeof bound === 'string' ? [[name, bound] as const] : []
  })
  const { match } = options
  if (match === '') throw new AppError('USAGE', { reason: '--match wants a text' })
  if (typeof match === 'string' && options['shallow'] === true)
    throw new AppError('USAGE', { reason: 'a shallow listing is not searched; leave out --match or --shallow' })
  const wish: RowsWish = {
    ...Object.fromEntries(bounds),
    ...(prefix === undefined ? {} : { prefix }),
    ...(options['reverse'] === true ? { reverse: true } : {}),
    ...(options['shallow'] === true ? { shallow: true } : {}),
    ...(typeof match === 'string' ? { match } : {}),
  }
  const client = await context.connect()
  for await (const { rows, subs } of pagesOf(client, wanted, wish, { signal, ...(most === undefined ? {} : { most }) })) {
    if (!output.json) output.table([...subs.map((sub) => [plain(sub), '']), ...rows.map((row) => rowCells(row, output))])
    for (const sub of output.json ? subs : []) output.show({ sub }, () => [])
    for (const row of output.json ? rows : []) output.show(row, () => [])
  }
  return 0
}

/** Prints changes newest first, a page at a time until the limit. */
export const runBeeHistory: Run = async (context, { args: [table, key], options }) => {
  const { output, signal } = context
  const { ref, version } = tableRef(required(table))
  const limit = countOf(options['limit'], '--limit') ?? 20
  const given = options['before']
  let before = typeof given === 'string' ? versionOf(given, '--before') : version === null ? undefined : version + 1
  const only = key === undefined ? {} : { key: checkedKey(key) }
  const client = await context.connect()
  for (let left = limit; left > 0;) {
    const query = { ...only, limit: String(Math.min(left, HISTORY_PAGE)), ...(before === undefined ? {} : { before: String(before) }) }
    const { changes, more } = await client.getTableHistory(ref, query, { signal })
    if (!output.json) output.table(changes.map((change) => changeCells(change, output)))
    for (const change of output.json ? changes : []) output.show(change, () => [])
    left -= changes.length
    before = changes.at(-1)?.version
    if (!more || before === undefined) return 0
  }
  output.talk(`There are older changes: hyper-store bee history ${table ?? ''} --before ${before ?? 0}`)
  return 0
}
