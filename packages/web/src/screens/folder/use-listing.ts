/** The entries of a folder on the screen, live; what was looked at last is shown again at once. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { noticing, useItem, useStore } from '../../live/use-store.tsx'
import type { LiveStore } from '../../live/live-store.ts'
import { Listing } from './listing.ts'
import type { ListingPlace, ListingState } from './listing.ts'

/** Places that stay at hand. */
const KEPT = 8
const listings = new Map<string, Listing>()

function listingOf(store: LiveStore, place: ListingPlace): Listing {
  const name = JSON.stringify([store.target, place.folder, place.path, place.version, place.match])
  const known = listings.get(name)
  listings.delete(name)
  const { client } = store
  const listing =
    known ??
    new Listing(
      {
        listEntries: (...args) => noticing(store, client.listEntries(...args)),
        getEntry: (...args) => noticing(store, client.getEntry(...args)),
        getDiff: (...args) => noticing(store, client.getDiff(...args)),
      },
      place,
    )
  listings.set(name, listing)
  for (const old of listings.keys()) {
    if (listings.size <= KEPT) break
    listings.delete(old)
  }
  return listing
}

/** A listing and what it knows now. */
export interface LiveListing extends ListingState {
  readonly listing: Listing
}

/** The entries of a place, in step with the folder. */
export function useListing({ folder, path, version, match }: ListingPlace): LiveListing {
  const store = useStore()
  const item = useItem(folder)
  const listing = useMemo(() => listingOf(store, { folder, path, version, match }), [store, folder, path, version, match])
  const { subscribe, snapshot } = useMemo(
    () => ({ subscribe: (listener: () => void) => listing.subscribe(listener), snapshot: () => listing.state }),
    [listing],
  )
  const state = useSyncExternalStore(subscribe, snapshot)
  const now = `${item?.version} ${item?.state} ${item?.conflicts}`
  useEffect(() => {
    if (version === null) listing.refresh()
  }, [listing, version, now])
  const { connection } = store.snapshot
  useEffect(() => {
    if (connection === 'live') listing.refresh()
  }, [listing, connection])
  return { ...state, listing }
}
