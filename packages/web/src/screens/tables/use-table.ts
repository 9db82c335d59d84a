/** One table, as the screen asks for it: what it is, a page of its rows, and deeds on rows. */
import { looksLikeLink, parseLink } from '@hyper-store/client'
import type { Client, Item, RowsPage, Table } from '@hyper-store/client'
import { useEffect, useRef, useState } from 'react'
import { queries, useAnswer, useItem, useStore } from '../../live/use-store.tsx'
import { boundsOf, goesBack, isReallyFirst, PAGE_ROWS, pageOf } from './paging.ts'
import type { Page, Place } from './paging.ts'

/** A search pauses after so long, so that what was found is seen. */
const SEARCH_MS = 2500

/** Least time between two counts of a table's rows, and how long a change settles before one. */
const COUNT_MS = 4000
const SETTLE_MS = 200

/** The table of an address. */
export interface OpenedTable {
  readonly table: Table | undefined
  /** What keeps it: the table itself, or the folder that it is in; undefined when this store keeps neither. */
  readonly item: Item | undefined
  readonly error: Error | null
  /** First part of the names of its answers. */
  readonly link: string
}

/** What a table is; `ref` is its key, or its link in a folder. */
export function useTable(ref: string): OpenedTable {
  const item = useItem(keyOfRef(ref))
  // Its rows are counted for this: not after each of many changes.
  const about = `table ${ref}`
  const { target } = useStore()
  const { data: table, error } = useAnswer({ link: about, name: [] }, async (client, signal) => await client.getTable(ref, { signal }))
  const version = item?.version ?? 0
  const counted = useRef({ version, at: 0, timer: undefined as ReturnType<typeof setTimeout> | undefined })
  useEffect(() => {
    const { current } = counted
    if (current.version === version || current.timer !== undefined) return
    current.timer = setTimeout(
      () => {
        Object.assign(current, { version, at: performance.now(), timer: undefined })
        void queries.invalidateQueries({ queryKey: [target, about] })
      },
      Math.max(SETTLE_MS, current.at + COUNT_MS - performance.now()),
    )
  }, [target, about, version])
  useEffect(
    () => () => {
      const { current } = counted
      if (current.timer === undefined) return
      // Who leaves before the rows were counted again must not leave an old number behind.
      clearTimeout(current.timer)
      void queries.invalidateQueries({ queryKey: [target, about] })
    },
    [target, about],
  )
  return { table, item, error, link: item?.link ?? '' }
}

/** Which rows are seen. */
export interface View {
  readonly place: Place
  /** Beginning of the keys; of a sub-database it ends with `/`. */
  readonly prefix: string
  /** Text that rows have in them; '' for all. */
  readonly match: string
  /** False: a sub-database is one line. */
  readonly isFlat: boolean
  /** Null: as they are now. */
  readonly version: number | null
}

/** A page of rows; the one before stays until the next has come. */
export function useRows(ref: string, link: string, view: View): { page: Page | null; isAsking: boolean; error: Error | null } {
  const { data, error, isFetching } = useAnswer(
    { link, name: ['rows', ref, view] },
    async (client, signal) => await askPage(client, ref, view, signal),
  )
  const [last, setLast] = useState<Page | null>(null)
  if (data !== undefined && data !== last) setLast(data)
  return { page: data ?? last, isAsking: isFetching && data === undefined, error }
}

async function askPage(client: Client, ref: string, view: View, signal: AbortSignal): Promise<Page> {
  const { place, prefix, match, version } = view
  const about = {
    ...(prefix === '' ? {} : { prefix }),
    ...(version === null ? {} : { version: String(version) }),
    ...(match === '' ? { shallow: !view.isFlat } : { match }),
  }
  const ask = async (more: object, limit = PAGE_ROWS): Promise<RowsPage> =>
    await client.getRows(ref, { ...about, ...more, limit: String(limit) }, { signal })
  let answer = await ask(boundsOf(place))
  if (match !== '') {
    // The store answers after a while with what it found, and where to go on.
    const until = performance.now() + SEARCH_MS
    while (answer.more && answer.next !== undefined && answer.rows.length < PAGE_ROWS && performance.now() < until) {
      const bounds = goesBack(place) ? { lt: answer.next, reverse: true } : { gt: answer.next }
      const next = await ask(bounds, PAGE_ROWS - answer.rows.length)
      answer = { ...next, rows: [...answer.rows, ...next.rows] }
    }
  }
  if (!isReallyFirst(place, answer)) return pageOf(place, answer)
  return match === '' ? pageOf({ at: 'first' }, await ask({})) : { ...pageOf(place, answer), hasBefore: false }
}

/** The key of what keeps a table. */
export function keyOfRef(ref: string): string {
  try {
    return looksLikeLink(ref) ? parseLink(ref).key : ref
  } catch {
    return ref
  }
}
