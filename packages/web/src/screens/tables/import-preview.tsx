/** The first rows of a file, as they would be in the table. */
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import type { TableRow } from '@hyper-store/client'
import { Notice } from '../../kit/layout.tsx'
import { visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { isFields, shownText } from './cells.ts'
import { columnsOf } from './columns.ts'
import { rowOf } from './file-rows.ts'
import type { FileHead } from './import-file.ts'
import css from './tables.module.css'

/** The rows; what is wrong with them is said instead. */
export function ImportPreview({ head, keyColumn }: { readonly head: FileHead; readonly keyColumn: string }): ReactNode {
  const { rows, problem } = useMemo(() => {
    try {
      const rows = head.records.map((record, at): TableRow => ({ ...rowOf(record, keyColumn, at + 1), version: 0, at: null }))
      return { rows, problem: null }
    } catch (error) {
      return { rows: [], problem: error instanceof Error ? error.message : '' }
    }
  }, [head, keyColumn])
  if (problem !== null) return <Notice tone="slow">{problem}</Notice>
  const columns = columnsOf(rows.map((row) => ({ row })))
  return (
    <div className={css['preview']} tabIndex={0} role="region" aria-label={TABLES.preview(rows.length)}>
      <table>
        <caption className="visually-hidden">{TABLES.preview(rows.length)}</caption>
        <thead>
          <tr>
            <th scope="col">{TABLES.key}</th>
            {columns.map(({ field }) => (
              <th key={field ?? ''} scope="col" dir="auto">
                {field === null ? TABLES.value : visibleName(field)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" dir="auto">
                {visibleName(row.key)}
              </th>
              {columns.map(({ field }) => (
                <td key={field ?? ''} dir="auto">
                  {visibleName(
                    shownText(
                      field === null
                        ? isFields(row.value) && columns.length > 1
                          ? undefined
                          : row.value
                        : isFields(row.value)
                          ? row.value[field]
                          : undefined,
                    ),
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
