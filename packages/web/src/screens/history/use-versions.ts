/** The versions of a folder, newest first, page by page. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { HistoryVersion } from '@hyper-store/client'
import { useMemo } from 'react'
import { noticing, useStore } from '../../live/use-store.tsx'

/** Versions that one question asks for. */
const PAGE = 100

/** What is known of the versions. */
export interface Versions {
  /** Newest first; null until they were heard. */
  readonly versions: readonly HistoryVersion[] | null
  /** Older ones are there. */
  readonly more: boolean
  readonly isLoadingMore: boolean
  readonly problem: Error | null
  readonly loadMore: () => void
}

/** What versions are asked for; those that touched `path`, '' for all. */
export interface VersionsWish {
  readonly folder: string
  readonly link: string
  readonly path: string
  readonly enabled: boolean
}

/** The versions, live. */
export function useVersions({ folder, link, path, enabled }: VersionsWish): Versions {
  const store = useStore()
  const answer = useInfiniteQuery({
    queryKey: [store.target, link, 'versions', path],
    enabled,
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: String(PAGE), ...(path === '' ? {} : { path }), ...(pageParam === null ? {} : { before: String(pageParam) }) }
      return await noticing(store, store.client.getHistory(folder, query, { signal }))
    },
    getNextPageParam: ({ more, versions }) => (more ? versions.at(-1)?.version : undefined),
  })
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, error } = answer
  const versions = useMemo(() => data?.pages.flatMap((page) => page.versions) ?? null, [data])
  return {
    versions,
    more: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    problem: versions === null ? error : null,
    loadMore: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
  }
}
