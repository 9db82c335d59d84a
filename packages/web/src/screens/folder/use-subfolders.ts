/** The folders in a folder, by name. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { Item } from '@hyper-store/client'
import { useAnswer } from '../../live/use-store.tsx'
import { orderOf } from './rows.ts'

/** Pages that are read to find them; files stand between them. */
const MOST_PAGES = 100

/** Paths of the folders in `path`. */
export function useSubfolders(item: Item, path: string, enabled = true): UseQueryResult<string[]> {
  return useAnswer({ link: item.link, name: ['subfolders', path], enabled }, async (client, signal) => {
    const found: string[] = []
    let after: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const { entries, more } = await client.listEntries(
        item.key,
        { ...(path === '' ? {} : { path }), ...(after === undefined ? {} : { after }) },
        { signal },
      )
      for (const entry of entries) if (entry.kind === 'folder') found.push(entry.path)
      after = entries.at(-1)?.path
      if (!more || after === undefined) break
    }
    const order = new Map(found.map((one) => [one, orderOf(one)]))
    return found.sort((a, b) => ((order.get(a) ?? '') < (order.get(b) ?? '') ? -1 : 1))
  })
}
