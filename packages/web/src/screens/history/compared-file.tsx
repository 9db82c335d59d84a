/** One file at two moments: its text with what is different, its pictures side by side, or links to both. */
import { useQuery } from '@tanstack/react-query'
import type { PathChange } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import type { LiveStore } from '../../live/live-store.ts'
import { contentUrl, noticing, useStore } from '../../live/use-store.tsx'
import { HISTORY } from '../../words/history.ts'
import { hasThumbnail } from '../folder/file-kind.ts'
import { ComparedText } from './compared-text.tsx'
import { compareTexts, MOST_TEXT_BYTES, textOf } from './text-diff.ts'
import css from './versions.module.css'

/** A file at a version, for one side; null where it is not. */
interface Side {
  readonly path: string
  readonly version: number
  readonly size: number
}

/** The file of a change, at both versions. */
export function ComparedFile({
  folder,
  change,
  from,
  to,
}: {
  readonly folder: string
  readonly change: PathChange
  readonly from: number
  readonly to: number
}): ReactNode {
  const before = change.sizeBefore === null ? null : { path: change.from ?? change.path, version: from, size: change.sizeBefore }
  const after = change.sizeAfter === null ? null : { path: change.path, version: to, size: change.sizeAfter }
  const sides = [before, after].filter((side) => side !== null)
  const isPicture = sides.every(({ path, size }) => hasThumbnail(path, size))
  return (
    <div className={css['comparedFile']}>
      {isPicture ? (
        <Pictures folder={folder} before={before} after={after} />
      ) : sides.some(({ size }) => size > MOST_TEXT_BYTES) ? (
        <p className={css['soft']}>{HISTORY.bigger}</p>
      ) : (
        <Texts folder={folder} before={before} after={after} />
      )}
      <p className={css['both']}>
        {before !== null && <Link href={folderPlace(folder, { part: 'view', ...before })}>{HISTORY.openBefore}</Link>}
        {after !== null && <Link href={folderPlace(folder, { part: 'view', ...after })}>{HISTORY.openAfter}</Link>}
      </p>
    </div>
  )
}

interface Both {
  readonly folder: string
  readonly before: Side | null
  readonly after: Side | null
}

function Pictures({ folder, before, after }: Both): ReactNode {
  const { target } = useStore()
  const half = (side: Side | null, label: string, none: string): ReactNode => (
    <figure>
      <figcaption>{label}</figcaption>
      {side === null ? <p className={css['soft']}>{none}</p> : <img src={contentUrl(target, folder, side)} alt={label} loading="lazy" />}
    </figure>
  )
  return (
    <div className={css['pictures']}>
      {half(before, HISTORY.before, HISTORY.wasNot)}
      {half(after, HISTORY.after, HISTORY.isNot)}
    </div>
  )
}

function Texts({ folder, before, after }: Both): ReactNode {
  const store = useStore()
  // Content of a version never changes: no event makes it stale.
  const pieces = useQuery({
    queryKey: [store.target, null, 'compared', folder, before, after],
    staleTime: Infinity,
    gcTime: 10_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const [old, young] = await Promise.all([
        readText(store, { folder, side: before, signal }),
        readText(store, { folder, side: after, signal }),
      ])
      return old === null || young === null ? null : await compareTexts(old, young)
    },
  })
  if (pieces.error !== null) return <Notice tone="bad">{problemWords(pieces.error)}</Notice>
  if (pieces.data === undefined) return <Skeleton height="4rem" />
  if (pieces.data === null) return <p className={css['soft']}>{HISTORY.noCompare}</p>
  if (pieces.data.length === 0) return <p className={css['soft']}>{HISTORY.sameContent}</p>
  return <ComparedText pieces={pieces.data} />
}

async function readText(store: LiveStore, file: { folder: string; side: Side | null; signal: AbortSignal }): Promise<string | null> {
  const { folder, side, signal } = file
  if (side === null || side.size === 0) return ''
  const { path, version } = side
  const response = await noticing(store, store.client.readContent(folder, { path, version }, { signal }))
  return textOf(await response.arrayBuffer())
}
