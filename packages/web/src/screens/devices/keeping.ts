/** How a box keeps a thing, and the calls that change it. */
import { AppError } from '@hyper-store/client'
import type { Client, FolderMode, Item, Provider } from '@hyper-store/client'
import { boxSays } from './box-facts.ts'

/** `trusted`: it can read the thing; `sealed`: it keeps it without; `kept`: it has not said which. */
export type KeptHow = 'not' | 'trusted' | 'sealed' | 'kept'

/** How a box keeps a thing: as it says itself in `modes`, or as far as its receipts tell. */
export function keptHow(item: Item, box: Provider, modes: ReadonlyMap<string, FolderMode> | null): KeptHow {
  if (modes !== null) {
    const mode = modes.get(item.key)
    return mode === undefined ? 'not' : mode === 'keep-blind' ? 'sealed' : 'trusted'
  }
  return item.devices.some(({ key }) => key === box.deviceKey) ? 'kept' : 'not'
}

/** True when another device has all of a thing: only then may a box delete its copy. */
export function isElsewhere(item: Item, box: Provider): boolean {
  return item.devices.some(({ key, complete }) => key !== box.deviceKey && complete)
}

/** Has a box keep a thing otherwise; gives the thing as it is then. Throws what the box and the store say. */
export async function keepOn(
  client: Client,
  wish: { readonly box: string; readonly item: Item; readonly from: KeptHow; readonly to: KeptHow },
): Promise<Item> {
  const { box, item, from, to } = wish
  // What is kept in one way is never turned into the other: its copy goes, and comes again.
  if (from !== 'not') await boxSays(box, client.provider(box).removeFolder(item.key, { deleteData: 'true' })).catch(unlessGone)
  if (to === 'not') return await client.getFolder(item.key)
  const what = item.path === null ? { link: item.link } : { path: item.path }
  return await boxSays(box, client.addFolder({ ...what, provider: box, ...(to === 'sealed' ? { blind: true } : {}) }))
}

function unlessGone(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'UNKNOWN_FOLDER') throw error
}
