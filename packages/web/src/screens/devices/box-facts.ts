/** What is known of a box: what it holds, what it says of itself, and how its refusals are told. */
import { AppError } from '@hyper-store/client'
import type { FolderMode, Item } from '@hyper-store/client'
import { isRefusal } from '../../live/live-store.ts'

/** What a box says of itself; each part is null when it says nothing of it, or may not. */
export interface BoxFacts {
  readonly space: { readonly free: number; readonly disk: number; readonly taken: number } | null
  readonly grant: { readonly used: number; readonly quota: number } | null
  /** How it keeps things, by their keys. */
  readonly modes: ReadonlyMap<string, FolderMode> | null
}

/** What a box has of the things of this store, as those know it. */
export interface BoxHoldings {
  readonly items: readonly Item[]
  readonly whole: number
  /** Newest word of the box; null when none was heard. */
  readonly at: string | null
}

/** Looks through all things for one device; what it says itself that it does not keep (any more) in `modes` does not count. */
export function holdingsOf(items: readonly Item[], deviceKey: string | null, modes: BoxFacts['modes'] = null): BoxHoldings {
  const held: Item[] = []
  let whole = 0
  let at: string | null = null
  for (const item of items) {
    const device = item.devices.find(({ key }) => key === deviceKey)
    if (device === undefined || modes?.has(item.key) === false) continue
    held.push(item)
    if (device.complete) whole += 1
    if (device.at !== null && (at === null || device.at > at)) at = device.at
  }
  return { items: held, whole, at }
}

/** What a call of or about a box answers: when the box refuses this store, that is no refusal of this browser. */
export async function boxSays<T>(box: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isRefusal(error)) throw new AppError('FORBIDDEN', { reason: `${box} does not know this store any more; pair with it again` })
    throw error
  }
}
