/** The store that a screen is about, and what is asked of it. */
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query'
import { AppError, ERRORS } from '@hyper-store/client'
import type { Client, Item } from '@hyper-store/client'
import { createContext, useContext, useSyncExternalStore } from 'react'
import { tellProblem } from '../kit/toasts.tsx'
import { isRefusal, LiveStore } from './live-store.ts'
import type { Snapshot } from './live-store.ts'

/** Answers of the stores, by target, then by the link of the folder ('' for what is of no folder). */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof AppError && ERRORS[error.code].retry,
    },
  },
})

/** Least time between two questions that events cause, per folder. */
const SETTLE_MS = 400
const stores = new Map<string, LiveStore>()
const changed = new Map<string, Set<string>>()

/** The store of a target, followed from its first use on. */
export function storeOf(target: string): LiveStore {
  const known = stores.get(target)
  if (known !== undefined) return known
  const store = new LiveStore(target, (links) => noteChanged(target, links))
  stores.set(target, store)
  store.start()
  return store
}

/** Events only mark answers as stale, and the screens that show them ask again, a few times a second at most. */
function noteChanged(target: string, links: ReadonlySet<string>): void {
  const waiting = changed.get(target)
  if (waiting !== undefined) {
    for (const link of links) waiting.add(link)
    return
  }
  const marked = new Set(links)
  changed.set(target, marked)
  setTimeout(() => {
    changed.delete(target)
    void queries.invalidateQueries({
      predicate: ({ queryKey }) =>
        queryKey[0] === target && typeof queryKey[1] === 'string' && (queryKey[1] === '' || marked.has(queryKey[1])),
    })
  }, SETTLE_MS)
}

/** The target of the screens below: `local` or the name of a provider. */
export const TargetContext = createContext('local')

/** The store that this screen is about. */
export function useStore(): LiveStore {
  return storeOf(useContext(TargetContext))
}

/** Everything that is known of it, live. */
export function useSnapshot(): Snapshot {
  const store = useStore()
  return useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.snapshot,
  )
}

/** One kept thing, live; undefined when it is not kept (or nothing was heard yet). */
export function useItem(key: string): Item | undefined {
  return useSnapshot().items?.find((item) => item.key === key)
}

/**
 * What a call answers; asked again after events of `link` ('' for what is of no folder: after any event). `name` tells the calls of a
 * folder apart. `fresh`: asked anew by each who begins to show it (`isFetchedAfterMount` tells when that came).
 */
export function useAnswer<T>(
  about: { readonly link: string; readonly name: readonly unknown[]; readonly enabled?: boolean; readonly fresh?: boolean },
  ask: (client: Client, signal: AbortSignal) => Promise<T>,
): UseQueryResult<T> {
  const store = useStore()
  return useQuery({
    queryKey: [store.target, about.link, ...about.name],
    enabled: about.enabled ?? true,
    ...(about.fresh === true && { staleTime: 0 }),
    queryFn: async ({ signal }) => await noticing(store, ask(store.client, signal)),
  })
}

/** A deed of the user; what goes wrong is told in a toast, unless `quiet`. Answers of `link` are asked again after it. */
export function useDeed<Input, T>(
  about: { readonly link: string; readonly quiet?: boolean },
  deed: (client: Client, input: Input) => Promise<T>,
): UseMutationResult<T, Error, Input> {
  const store = useStore()
  return useMutation({
    mutationFn: async (input: Input) => await noticing(store, deed(store.client, input)),
    onError: (error) => {
      if (about.quiet !== true) tellProblem(error)
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: [store.target, about.link] })
    },
  })
}

/** Passes an answer on; a refusal also ends the session on the page. */
export async function noticing<T>(store: LiveStore, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isRefusal(error)) store.refused(error as Error)
    throw error
  }
}

/** Address of a file's bytes, for pictures, sounds, videos and downloads. */
export function contentUrl(target: string, key: string, file: { readonly path: string; readonly version?: number | undefined }): string {
  const query = new URLSearchParams({ path: file.path, ...(file.version === undefined ? {} : { version: String(file.version) }) })
  const base = target === 'local' ? '/api/v1/' : `/api/v1/providers/${encodeURIComponent(target)}/api/`
  return `${base}things/${encodeURIComponent(key)}/content?${query.toString()}`
}
