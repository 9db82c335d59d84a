/** Rows of a file in any of its formats, and the lines that a store takes them in. */
import { decodeText } from './decode.ts'
import type { FileFormat } from './file-format.ts'
import type { FileRow } from './file-row.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { readNdjson } from './read-ndjson.ts'

/** Rows in the order of the file; `keyColumn` is for CSV. Throws BAD_ROW with the line. */
export function readRows(bytes: AsyncIterable<Uint8Array>, format: FileFormat, keyColumn: string): AsyncIterable<FileRow> {
  const text = decodeText(bytes)
  if (format === 'csv') return readCsv(text, keyColumn)
  return format === 'json' ? readJson(text) : readNdjson(text)
}

/**
 * Rows as the store takes them, one JSON object a line. Empty lines stand in for what the file has between its rows, so that a
 * line that the store complains of has the number that it has in the file.
 */
export async function* rowLines(rows: AsyncIterable<FileRow>, onRow: () => void): AsyncGenerator<string, void> {
  let line = 1
  for await (const { line: wanted, ...row } of rows) {
    const gap = Math.max(0, wanted - line)
    yield `${'\n'.repeat(gap)}${JSON.stringify(row)}\n`
    line += gap + 1
    onRow()
  }
}
