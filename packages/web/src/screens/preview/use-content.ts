/** The first bytes of a file, and more of them on demand. */
import { useEffect, useState } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { noticing, useStore } from '../../live/use-store.tsx'
import type { ShownFile } from './use-shown-file.ts'

/** What came so far. */
export interface Content {
  readonly bytes: Uint8Array<ArrayBuffer> | null
  readonly problem: Error | null
  readonly retry: () => void
}

/** The first `most` bytes of the file. */
export function useContent({ folder, path, version, entry }: ShownFile, most: number): Content {
  const store = useStore()
  const end = Math.min(most, entry.size)
  // Content of one version never changes: no event makes it stale.
  const answer = useQuery({
    queryKey: [store.target, null, 'content', folder, path, version, entry.etag, end],
    staleTime: Infinity,
    gcTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Uint8Array<ArrayBuffer>> => {
      if (end === 0) return new Uint8Array()
      const file = { path, ...(version === undefined ? {} : { version }) }
      const response = await noticing(store, store.client.readContent(folder, file, { signal, start: 0, end }))
      return new Uint8Array(await response.arrayBuffer())
    },
  })
  return { bytes: answer.data ?? null, problem: answer.data === undefined ? answer.error : null, retry: () => void answer.refetch() }
}

/** Why an element could not show a file: what the store says when asked for its first byte; null while that is asked, `shape` when the content is there. */
export function useFailure({ folder, path, version, entry }: ShownFile, failed: boolean): Error | 'shape' | null {
  const store = useStore()
  const [reason, setReason] = useState<Error | 'shape' | null>(null)
  useEffect(() => {
    if (!failed) {
      setReason(null)
      return
    }
    const stopping = new AbortController()
    const file = { path, ...(version === undefined ? {} : { version }) }
    const ask = async (): Promise<void> => {
      if (entry.size === 0) return setReason('shape')
      const response = await noticing(store, store.client.readContent(folder, file, { signal: stopping.signal, start: 0, end: 1 }))
      await response.arrayBuffer()
      setReason('shape')
    }
    ask().catch((error: unknown) => {
      if (!stopping.signal.aborted) setReason(error instanceof Error ? error : new Error(String(error)))
    })
    return () => stopping.abort()
  }, [store, folder, path, version, entry.size, failed])
  return reason
}
