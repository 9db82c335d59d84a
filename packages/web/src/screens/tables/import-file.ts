/** A file on its way into a table: its first rows to look at, then all of them in one step. */
import { AppError } from '@hyper-store/client'
import type { ChangedRows, Client } from '@hyper-store/client'
import { TABLES } from '../../words/tables.ts'
import { FileProblem, likelyKey, lineOf, NUMBERED, rowOf } from './file-rows.ts'
import type { FileFormat, FileRecord } from './file-rows.ts'
import { readFile } from './read-file.ts'

/** Rows that are shown before an import. */
const PREVIEW_ROWS = 5
/** Records that are looked at for names of fields. */
const LOOKED_AT = 50
/** Lines of which one piece of the body is made. */
const PIECE = 2000

/** What the beginning of a file says. */
export interface FileHead {
  readonly format: FileFormat
  readonly records: readonly FileRecord[]
  /** Names of which one may be the key; empty where rows say that themselves. */
  readonly columns: readonly string[]
  readonly key: string
}

/** Reads the beginning of a file. Throws FileProblem. */
export async function headOf(file: Blob, format: FileFormat): Promise<FileHead> {
  const records: FileRecord[] = []
  for await (const record of readFile(file, format)) {
    records.push(record)
    if (records.length >= LOOKED_AT) break
  }
  if (records.length === 0) throw new FileProblem(1, TABLES.why.empty)
  const columns = [...new Set(records.flatMap(({ fields }) => Object.keys(fields ?? {})))]
  return { format, records: records.slice(0, PREVIEW_ROWS), columns, key: columns.length === 0 ? NUMBERED : likelyKey(columns) }
}

/** How far an import is. `rows` null: the file is being read; else so many are being put. */
export interface Progress {
  /** Share of the file that was read, 0 to 1. */
  readonly read: number
  readonly rows: number | null
}

/** What an import takes. */
export interface ImportRequest {
  readonly file: Blob
  readonly head: FileHead
  readonly keyColumn: string
  readonly onProgress: (progress: Progress) => void
  /** Hears the keys before they are put. */
  readonly onKeys: (keys: readonly string[]) => void
  readonly signal: AbortSignal
}

/** Puts all rows of a file; nothing is put when a line is wrong. Throws FileProblem, and what the store says. */
export async function importFile(client: Client, ref: string, request: ImportRequest): Promise<ChangedRows> {
  const { file, head, keyColumn, onProgress, signal } = request
  const pieces: Blob[] = []
  const lines: number[] = []
  const keys: string[] = []
  let texts: string[] = []
  const records = readFile(file, head.format, (bytes) => onProgress({ read: bytes / Math.max(1, file.size), rows: null }))
  for await (const record of records) {
    if (signal.aborted) throw new AppError('CANCELLED')
    const row = rowOf(record, keyColumn, lines.length + 1)
    lines.push(row.line)
    keys.push(row.key)
    texts.push(lineOf(row))
    if (texts.length >= PIECE) {
      pieces.push(new Blob([`${texts.join('\n')}\n`]))
      texts = []
    }
  }
  pieces.push(new Blob([texts.join('\n')]))
  onProgress({ read: 1, rows: lines.length })
  request.onKeys(keys)
  try {
    // Browsers send no stream as a body over HTTP/1.
    return await client.importRows(ref, new Uint8Array(await new Blob(pieces).arrayBuffer()), { signal })
  } catch (error) {
    const line = error instanceof AppError && error.code === 'BAD_ROW' ? lines[Number(error.data['line']) - 1] : undefined
    if (line === undefined || !(error instanceof AppError)) throw error
    throw new FileProblem(line, String(error.data['reason']).replace(/^it /, ''))
  }
}
