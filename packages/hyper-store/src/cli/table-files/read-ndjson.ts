/** Reads rows from lines of JSON: one object a line. */
import { splitLines } from './decode.ts'
import { ROW_CHARS, badRow, rowOf } from './file-row.ts'
import type { FileRow } from './file-row.ts'

/** Rows line by line; empty lines are passed over. Throws BAD_ROW. */
export async function* readNdjson(text: AsyncIterable<string>): AsyncGenerator<FileRow, void> {
  let line = 0
  for await (const one of splitLines(text, ROW_CHARS)) {
    line += 1
    if (one.trim() !== '') yield parseLine(one, line)
  }
}

function parseLine(text: string, line: number): FileRow {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw badRow(line, 'is not JSON')
  }
  return rowOf(found, line)
}
