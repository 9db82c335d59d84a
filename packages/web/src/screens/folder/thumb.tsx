/** What a tile shows of an entry: the picture itself, small, or the icon of its kind. */
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import type { ThingEntry } from '@hyper-store/client'
import { noticing, useItem, useStore } from '../../live/use-store.tsx'
import { FileIcon } from './file-icon.tsx'
import { hasThumbnail } from './file-kind.ts'
import { nameOf } from './rows.ts'
import { makeThumbnail, readyThumbnail } from './thumbnails.ts'
import css from './files.module.css'

/** What is passed over quickly is not loaded. */
const LINGER_MS = 90

/** The picture of an entry. */
export function Thumb({
  folder,
  entry,
  version,
}: {
  readonly folder: string
  readonly entry: ThingEntry
  readonly version: number | null
}): ReactNode {
  const isPicture = entry.kind === 'file' && entry.etag !== undefined && hasThumbnail(nameOf(entry.path), entry.size)
  return isPicture ? (
    <SmallPicture key={entry.etag} folder={folder} entry={entry} version={version} />
  ) : (
    <div className={css['thumb']}>
      <FileIcon entry={entry} size={44} />
    </div>
  )
}

function SmallPicture({
  folder,
  entry,
  version,
}: {
  readonly folder: string
  readonly entry: ThingEntry
  readonly version: number | null
}): ReactNode {
  const store = useStore()
  const isPrivate = useItem(folder)?.private ?? true
  const id = `${folder}/${entry.etag}`
  const [url, setUrl] = useState(() => readyThumbnail(id))
  const { path } = entry
  useEffect(() => {
    if (url !== null) return
    const stopping = new AbortController()
    const load = (signal: AbortSignal): Promise<Response> =>
      noticing(store, store.client.readContent(folder, { path, ...(version === null ? {} : { version }) }, { signal }))
    const timer = setTimeout(() => {
      // What was left before its turn came is no loss; what a private folder shows is in no file of the browser.
      makeThumbnail({ id, keep: !isPrivate, load }, stopping.signal).then(setUrl, () => undefined)
    }, LINGER_MS)
    return () => {
      clearTimeout(timer)
      stopping.abort()
    }
  }, [store, folder, path, version, id, isPrivate, url])
  return (
    <div className={css['thumb']}>
      {url === null ? <FileIcon entry={entry} size={44} /> : <img src={url} alt="" draggable={false} decoding="async" />}
    </div>
  )
}
