/** The file that is looked at: always one version of it, however it changes meanwhile, and the news that it did. */
import { AppError } from '@hyper-store/client'
import type { ThingEntry } from '@hyper-store/client'
import { useEffect, useState } from 'react'
import { useAnswer, useItem } from '../../live/use-store.tsx'
import { parentOf } from '../folder/rows.ts'

/** Which file. */
export interface FilePlace {
  readonly folder: string
  readonly path: string
  /** Null: as it is now. */
  readonly version: number | null
}

/** One content of a file; viewers never show two of them mixed. */
export interface ShownFile {
  readonly folder: string
  readonly path: string
  readonly entry: ThingEntry
  /** Version of the folder that the content is asked for with; undefined where none is known. */
  readonly version: number | undefined
}

/** What happened to the file since it was opened. */
export interface FileNews {
  readonly kind: 'changed' | 'deleted'
  readonly device: string
}

/** What is known of the file. */
export interface FileState {
  /** Null while it is asked for, or when it could not be. */
  readonly file: ShownFile | null
  readonly problem: Error | null
  readonly news: FileNews | null
  /** Shows what the file became. */
  readonly showNew: () => void
  readonly retry: () => void
}

/** Follows a file. */
export function useShownFile({ folder, path, version }: FilePlace): FileState {
  const link = useItem(folder)?.link ?? ''
  const isNow = version === null
  // The version of the folder, not that of the file: to find that one, a history of a hundred thousand files is read.
  const last = useAnswer(
    { link, name: ['folder-version', parentOf(path)], enabled: isNow, fresh: true },
    async (client, signal) => (await client.listEntries(folder, { path: parentOf(path), limit: '1' }, { signal })).version,
  )
  const [pinned, pin] = useState<number | null>(null)
  // What is known from before may be older than the file.
  const newest = last.isFetchedAfterMount ? (last.data ?? null) : null
  useEffect(() => {
    if (pinned === null && newest !== null) pin(newest)
  }, [pinned, newest])
  const shown = isNow ? (pinned ?? newest) : version
  const asked = (at: number | null) => ({
    about: { link, name: ['file-entry', path, at], enabled: at !== null },
    query: at === null ? { path } : { path, version: String(at) },
  })
  const one = asked(shown)
  const entry = useAnswer(one.about, (client, signal) => client.getEntry(folder, one.query, { signal }))
  const two = asked(isNow ? newest : null)
  const newer = useAnswer(two.about, (client, signal) => client.getEntry(folder, two.query, { signal }))
  const isOther = isNow && shown !== null && newest !== null && newest !== shown
  const isGone = isOther && newer.error instanceof AppError && newer.error.code === 'NOT_FOUND'
  const isChanged = isOther && newer.data !== undefined && entry.data !== undefined && newer.data.etag !== entry.data.etag
  const who = useAnswer({ link, name: ['file-last', path, newest], enabled: isGone || isChanged }, async (client, signal) => {
    const { versions } = await client.getHistory(folder, { path, limit: '1' }, { signal })
    return versions[0]?.device ?? ''
  })
  const device = who.data ?? ''
  return {
    file: entry.data === undefined ? null : { folder, path, entry: entry.data, version: shown ?? undefined },
    problem: entry.data === undefined ? (entry.error ?? last.error) : null,
    news: isGone ? { kind: 'deleted', device } : isChanged ? { kind: 'changed', device } : null,
    showNew: () => pin(newest),
    retry: () => {
      void last.refetch()
      if (shown !== null) void entry.refetch()
    },
  }
}
