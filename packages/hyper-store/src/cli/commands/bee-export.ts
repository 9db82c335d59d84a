/** `bee export`: all rows of a table as a file. */
import { open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { TableRow } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { startProgress } from '../progress.ts'
import { absolutePath, required } from '../references.ts'
import { fileFormat } from '../table-files/file-format.ts'
import { spoolText } from '../table-files/spool.ts'
import type { Spool } from '../table-files/spool.ts'
import { CsvShape, writeRows } from '../table-files/write-rows.ts'
import { pagesOf, tableRef } from '../table-ref.ts'

const WRITE_CHARS = 256 * 1024

/** Writes the rows of one version into a file, whole or not at all, or to stdout. */
export const runBeeExport: Run = async (context, { args: [table, file], options }) => {
  const { output, signal } = context
  const wanted = tableRef(required(table), options['version'])
  const name = required(file)
  const format = fileFormat(name, options['format'])
  const target = name === '-' ? null : absolutePath(name)
  if (target !== null) await refuseTarget(target)
  const client = await context.connect()
  using progress = startProgress(output, 'Exporting')
  let version = wanted.version ?? 0
  let rows = 0
  const all = async function* (): AsyncGenerator<TableRow, void> {
    for await (const page of pagesOf(client, wanted, {}, { signal })) {
      version = page.version
      rows += page.rows.length
      progress.update({ share: null, note: `${rows} rows` })
      yield* page.rows
    }
  }
  const shape = new CsvShape()
  if (format === 'csv') {
    // The columns are known once all rows were seen.
    await using spool = await spoolText(linesOf(all(), shape))
    await write(target, writeRows(rowsOf(spool), format, shape))
  } else await write(target, writeRows(all(), format, shape))
  progress[Symbol.dispose]()
  if (target !== null) output.show({ file: target, rows, version }, () => [target])
  output.talk(`${rows} ${rows === 1 ? 'row' : 'rows'} of version ${version}`)
  return 0
}

async function* linesOf(rows: AsyncIterable<TableRow>, shape: CsvShape): AsyncGenerator<string, void> {
  for await (const row of rows) {
    shape.see(row)
    yield `${JSON.stringify(row)}\n`
  }
}

async function* rowsOf(spool: Spool): AsyncGenerator<TableRow, void> {
  for await (const line of spool.lines()) yield JSON.parse(line) as TableRow
}

async function refuseTarget(file: string): Promise<void> {
  const there = await stat(file).catch(() => null)
  if (there?.isDirectory() === true) throw new AppError('USAGE', { reason: `${file} is a folder; name a file in it` })
  const folder = path.dirname(file)
  const parent = await stat(folder).catch(() => null)
  if (parent === null) throw new AppError('NOT_FOUND', { what: folder })
  if (!parent.isDirectory()) throw new AppError('NOT_A_FOLDER', { path: folder })
}

async function write(target: string | null, text: AsyncIterable<string>): Promise<void> {
  if (target === null) {
    for await (const piece of chunks(text)) await new Promise<void>((resolve) => process.stdout.write(piece, () => resolve()))
    return
  }
  const part = `${target}.${process.pid}.part`
  try {
    const handle = await open(part, 'w')
    try {
      for await (const piece of chunks(text)) await handle.appendFile(piece)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function* chunks(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let waiting = ''
  for await (const piece of text) {
    waiting += piece
    if (waiting.length < WRITE_CHARS) continue
    yield waiting
    waiting = ''
  }
  if (waiting !== '') yield waiting
}
