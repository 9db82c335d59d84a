/** Takes all rows of a table out into a file, as of one version. */
import type { Client, Table, TableRow } from '@hyper-store/client'
import { useState } from 'react'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import { noticing, useStore } from '../../live/use-store.tsx'
import { TABLES } from '../../words/tables.ts'
import { csvText, ndjsonText } from './written-rows.ts'

const PAGE = 1000

/** How far an export is, and how one begins. */
export interface Export {
  readonly isRunning: boolean
  /** Rows read. */
  readonly done: number
  readonly start: (format: 'csv' | 'ndjson') => void
}

/** Exports of a table; `version` null: as it is now. */
export function useExport(ref: string, table: Table, version: number | null): Export {
  const store = useStore()
  const [done, setDone] = useState<number | null>(null)
  const start = (format: 'csv' | 'ndjson'): void => {
    setDone(0)
    const run = async (): Promise<void> => {
      const rows = await noticing(store, allRows(store.client, ref, version, setDone))
      const text = format === 'csv' ? await csvText(rows) : ndjsonText(rows)
      download(new Blob(text, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' }), `${fileName(table.title)}.${format}`)
      tellDone(TABLES.exported(rows.length))
    }
    run()
      .catch(tellProblem)
      .finally(() => setDone(null))
  }
  return { isRunning: done !== null, done: done ?? 0, start }
}

async function allRows(client: Client, ref: string, version: number | null, onRead: (rows: number) => void): Promise<TableRow[]> {
  const rows: TableRow[] = []
  // All pages are of the version that the first one is of.
  let from = version
  for (;;) {
    const last = rows.at(-1)
    const page = await client.getRows(ref, {
      ...(from === null ? {} : { version: String(from) }),
      limit: String(PAGE),
      ...(last === undefined ? {} : { gt: last.key }),
    })
    from ??= page.version
    for (const row of page.rows) rows.push(row)
    onRead(rows.length)
    if (!page.more) return rows
  }
}

/** A name that every system takes. */
function fileName(title: string): string {
  const name = title.replace(/[^\p{L}\p{N} ._-]/gu, '-').slice(0, 100)
  return /[\p{L}\p{N}]/u.test(name) ? name : 'table'
}

function download(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The browser reads it after this.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
