/** One file, shown as large as there is room, with the files beside it one key away. */
import { ChevronLeft, ChevronRight, Download, Info, X } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { ButtonLink, IconButton } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf, parentOf } from '../folder/rows.ts'
import { useMedia, WIDE } from '../folder/use-media.ts'
import { FileNewsLine } from './file-news.tsx'
import { Stage } from './stage.tsx'
import { useNeighbours } from './use-neighbours.ts'
import { useShownFile } from './use-shown-file.ts'
import type { FilePlace, FileState } from './use-shown-file.ts'
import { useTurning } from './use-turning.ts'
import css from './preview.module.css'

const FileDetails = lazy(async () => ({ default: (await import('./file-details.tsx')).FileDetails }))

/** Who looks at the facts of one file on a wide screen looks at those of the next one too. */
let detailsWereOpen = false

/** The file at `path`; `version` null: as it is now. */
export function FileView(place: FilePlace): ReactNode {
  return <OneFile key={`${place.version} ${place.path}`} {...place} />
}

function OneFile(place: FilePlace): ReactNode {
  const { folder, path, version } = place
  const [, navigate] = useLocation()
  const state = useShownFile(place)
  const { previous, next, index, count } = useNeighbours(place)
  const [isDetailed, setDetailed] = useState(detailsWereOpen)
  const isWide = useMedia(WIDE)
  const name = visibleName(nameOf(path))
  const goTo = (to: string | null): void => {
    if (to !== null) navigate(folderPlace(folder, { part: 'view', path: to, version }))
  }
  const close = (): void => navigate(folderPlace(folder, { path: parentOf(path), version }))
  const turning = useTurning({ onPrevious: () => goTo(previous), onNext: () => goTo(next), onClose: close })
  const showDetails = (isOpen: boolean): void => {
    detailsWereOpen = isOpen && isWide
    setDetailed(isOpen)
  }
  // In braces: in new browsers scrolling answers with a promise, which is no clean-up.
  useEffect(() => {
    window.scrollTo({ top: 0 })
  }, [])
  const details = (
    <Suspense fallback={<Skeleton height="8rem" />}>
      <FileDetails {...place} />
    </Suspense>
  )
  return (
    <section className={css['view']} aria-label={name} {...turning}>
      <header className={css['bar']}>
        <h1 dir="auto" title={name}>
          {name}
        </h1>
        {index !== -1 && (
          <span className={`${css['position']} tabular`} role="status">
            {PREVIEW.at(index, count)}
          </span>
        )}
        <div className={css['tools']} role="group" aria-label={PREVIEW.bar}>
          <IconButton label={PREVIEW.previous} disabled={previous === null} onClick={() => goTo(previous)}>
            <ChevronLeft size={20} aria-hidden />
          </IconButton>
          <IconButton label={PREVIEW.next} disabled={next === null} onClick={() => goTo(next)}>
            <ChevronRight size={20} aria-hidden />
          </IconButton>
          <DownloadLink state={state} />
          <IconButton
            label={isDetailed ? PREVIEW.hideDetails : PREVIEW.details}
            aria-pressed={isDetailed}
            onClick={() => showDetails(!isDetailed)}
          >
            <Info size={18} aria-hidden />
          </IconButton>
          <IconButton label={PREVIEW.close} onClick={close}>
            <X size={20} aria-hidden />
          </IconButton>
        </div>
      </header>
      {version !== null && (
        <p className={css['then']}>
          <Chip tone="slow">{PREVIEW.asOf(version)}</Chip>
          <Link href={folderPlace(folder, { part: 'view', path })}>{PREVIEW.toNow}</Link>
        </p>
      )}
      <FileNewsLine state={state} onClose={close} />
      <div className={css['beside']}>
        <div className={css['stage']}>
          <Stage place={place} state={state} />
        </div>
        {isDetailed && isWide && (
          <aside className={css['side']} aria-label={PREVIEW.details}>
            <h2>{PREVIEW.details}</h2>
            {details}
          </aside>
        )}
      </div>
      {isDetailed && !isWide && (
        <Dialog open onClose={() => showDetails(false)} title={name}>
          {details}
        </Dialog>
      )}
    </section>
  )
}

function DownloadLink({ state: { file } }: { readonly state: FileState }): ReactNode {
  const { target } = useStore()
  if (file === null || file.entry.kind !== 'file') return null
  const name = nameOf(file.path)
  return (
    <ButtonLink
      tone="quiet"
      className={css['download'] ?? ''}
      aria-label={`${PREVIEW.download} ${visibleName(name)}`}
      href={contentUrl(target, file.folder, file)}
      download={name}
    >
      <Download size={18} aria-hidden />
    </ButtonLink>
  )
}
