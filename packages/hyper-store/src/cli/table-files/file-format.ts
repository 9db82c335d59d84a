/** The formats of files with rows, and which one a file is in. */
import { AppError } from '@hyper-store/client/contract'

/** Formats of files with rows. */
export type FileFormat = 'json' | 'ndjson' | 'csv'

const BY_ENDING: ReadonlyMap<string, FileFormat> = new Map([
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['csv', 'csv'],
])

/** The format that was named, or that of the file's name; NDJSON for a pipe. Throws USAGE for a name that does not tell. */
export function fileFormat(file: string, named: string | boolean | undefined): FileFormat {
  if (typeof named === 'string') return named as FileFormat
  if (file === '-') return 'ndjson'
  const found = BY_ENDING.get(/\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '')
  if (found !== undefined) return found
  throw new AppError('USAGE', { reason: `"${file}" does not tell its format by its name; say --format json, ndjson or csv` })
}
