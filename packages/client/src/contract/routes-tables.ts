/** Routes of tables; part of the table in routes.ts. */
import * as v from 'valibot'
import type { Route } from './routes.ts'
import * as t from './tables.ts'

const TABLE = '/api/v1/tables/:table'

/** Tables: `:table` is a link, key or unique title. */
export const TABLE_ROUTES = {
  createTable: {
    method: 'POST',
    path: '/api/v1/tables',
    summary: 'Make a table, alone or in a shared folder',
    right: 'member',
    body: t.CreateTable,
    reply: t.Table,
  },
  getTable: { method: 'GET', path: TABLE, summary: 'What a table is, with its number of rows', right: 'reader', reply: t.Table },
  getRows: {
    method: 'GET',
    path: `${TABLE}/rows`,
    summary: 'A page of rows in the order of keys; with Accept: application/x-ndjson all of them, one a line',
    right: 'reader',
    query: t.RowsQuery,
    reply: t.RowsPage,
  },
  changeRows: {
    method: 'POST',
    path: `${TABLE}/rows`,
    summary: 'Put and delete rows in one step, all or nothing',
    right: 'owner',
    body: t.ChangeRows,
    reply: t.ChangedRows,
  },
  getRow: { method: 'GET', path: `${TABLE}/row`, summary: 'One row', right: 'reader', query: t.RowQuery, reply: t.TableRow },
  putRow: {
    method: 'PUT',
    path: `${TABLE}/row`,
    summary: 'Put one row; the body is the value as it is to be stored',
    right: 'owner',
    query: t.PutRowQuery,
    bytes: true,
    reply: t.TableRow,
  },
  deleteRow: {
    method: 'DELETE',
    path: `${TABLE}/row`,
    summary: 'Delete one row',
    right: 'owner',
    query: t.KeyQuery,
    reply: v.object({ ok: v.literal(true) }),
  },
  importRows: {
    method: 'POST',
    path: `${TABLE}/import`,
    summary: 'Put many rows; the body has one JSON object a line: {"key","type","value"}. Nothing is put when a line is wrong',
    right: 'owner',
    bytes: true,
    reply: t.ChangedRows,
  },
  getTableHistory: {
    method: 'GET',
    path: `${TABLE}/history`,
    summary: 'Changes of a table or of one row, newest first',
    right: 'reader',
    query: t.TableHistoryQuery,
    reply: t.TableHistory,
  },
  watchTable: {
    method: 'GET',
    path: `${TABLE}/watch`,
    summary: 'Rows as they change (server-sent events)',
    right: 'reader',
    query: t.WatchTableQuery,
    stream: true,
  },
} as const satisfies Record<string, Route>
