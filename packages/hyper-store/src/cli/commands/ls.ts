/** `ls`: what is in a folder, table or core, by its link. */
import type { Block, TableRow, ThingEntry } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type * as v from 'valibot'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { formatBytes } from '../format.ts'
import { plain } from '../output.ts'
import { required } from '../references.ts'
import { rowCells } from '../table-lines.ts'
import { pagesOf } from '../table-ref.ts'
import { entryName, entryRow } from '../thing-lines.ts'
import { findThing, queryOf, wrongKind } from '../thing-ref.ts'
import type { FoundThing } from '../thing-ref.ts'
import { countOf } from './history.ts'

/** Prints one line an entry, row or block, as pages of them come. */
export const runLs: Run = async (context, { args: [text], options }) => {
  const found = await findThing(context, required(text), countOf(options['version'], '--version') ?? null)
  const how = { recursive: options['recursive'] === true, long: options['long'] === true, match: matchOf(options['match']) }
  if (found.thing.kind === 'folder') await listFolder(context, found, how)
  else if (found.thing.kind === 'table') await listTable(context, found, how)
  else if (found.thing.kind === 'core' && how.match === undefined) await listCore(context, found)
  else if (found.thing.kind === 'core') throw wrongKind(found, 'a folder or a table', 'leave --match out: blocks have no names')
  else throw wrongKind(found, 'a folder, a table or a core', 'use the whole link with its key, or open it with its own command')
  return 0
}

interface How {
  readonly recursive: boolean
  readonly long: boolean
  /** Only what has this text; at any depth. */
  readonly match: string | undefined
}

function matchOf(text: unknown): string | undefined {
  if (text === '') throw new AppError('USAGE', { reason: '--match needs a text' })
  return typeof text === 'string' ? text : undefined
}

async function listFolder(context: Context, found: FoundThing, { recursive, long, match }: How): Promise<void> {
  const { output } = context
  const { client, ref, path, entry } = found
  const tell = (entries: readonly ThingEntry[], base: string) => {
    if (output.json) for (const one of entries) output.show(one, () => [])
    else if (long) output.table(entries.map((one) => entryRow(one, base, output)))
    else for (const one of entries) output.line(entryName(one, base))
  }
  if (entry !== null && entry.kind !== 'folder') return tell([entry], '')
  for (let after: string | undefined; ;) {
    const wish = { ...(match === undefined ? {} : { match }), ...(after === undefined ? {} : { after }) }
    const page = await client.listEntries(ref, { ...queryOf(found), recursive, ...wish }, context)
    tell(page.entries, path)
    const last = page.entries.at(-1)?.path
    if (!page.more || last === undefined) return
    after = last
  }
}

async function listTable({ output, signal }: Context, found: FoundThing, { recursive, long, match }: How): Promise<void> {
  const { client, ref, rawPath, version } = found
  const tell = (subs: readonly string[], rows: readonly TableRow[]) => {
    for (const sub of output.json ? subs : []) output.show({ sub }, () => [])
    for (const row of output.json ? rows : []) output.show(row, () => [])
    if (output.json) return
    const more = (cells: string[], of: string) => (long ? [of, ...cells] : cells)
    output.table([
      ...subs.map((sub) => more([plain(sub), ''], '-')),
      ...rows.map((row) => more(rowCells(row, output), String(row.version))),
    ])
  }
  let count = 0
  const within = rawPath === '' ? {} : { prefix: `${rawPath}/` }
  const wish = match === undefined ? { ...within, shallow: !recursive } : { ...within, match }
  for await (const { subs, rows } of pagesOf(client, { ref, version }, wish, { signal })) {
    count += subs.length + rows.length
    tell(subs, rows)
  }
  // Not a sub-database: a row, or nothing at all.
  if (count === 0 && rawPath !== '' && match === undefined)
    tell([], [await client.getRow(ref, { key: rawPath, ...(version === null ? {} : { version: String(version) }) }, { signal })])
}

async function listCore(context: Context, found: FoundThing): Promise<void> {
  const { output } = context
  if (found.path !== '') throw new AppError('NOT_FOUND', { what: `"${found.path}" in a plain core` })
  for await (const { index, bytes } of blocksOf(context, found)) {
    const size = Buffer.from(bytes, 'base64').byteLength
    output.show({ index, size }, () => [`${index}\t${output.terminal ? formatBytes(size) : size}`])
  }
}

async function* blocksOf(context: Context, { client, ref }: FoundThing): AsyncGenerator<v.InferOutput<typeof Block>, void> {
  for (let from = 0; ;) {
    const { blocks, length } = await client.getBlocks(ref, { from: String(from) }, context)
    yield* blocks
    from += blocks.length
    if (blocks.length === 0 || from >= length) return
  }
}
