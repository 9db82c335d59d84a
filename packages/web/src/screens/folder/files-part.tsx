/** The files of a folder: browsed, searched, chosen, changed, and filled. */
import { lazy, Suspense, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { FolderOpen, SearchX, UploadCloud } from 'lucide-react'
import { useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import type { FolderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { MenuAt } from '../../kit/menu-at.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import type { Item } from '@hyper-store/client'
import { Crumbs } from './crumbs.tsx'
import { DetailsPanel } from './details-panel.tsx'
import { FileList } from './file-list.tsx'
import { FileDialogs } from './file-dialogs.tsx'
import { PastBanner } from './past-banner.tsx'
import type { Rights } from './rights.ts'
import { nameOf } from './rows.ts'
import { menuOf, SelectionBar } from './selection-bar.tsx'
import { AddMenu, Toolbar } from './toolbar.tsx'
import { UploadPanel } from './upload-panel.tsx'
import { useFiles } from './use-files.ts'
import { useListing } from './use-listing.ts'
import { chooseView } from './view-choices.ts'
import css from './files.module.css'

const TimeSlider = lazy(async () => ({ default: (await import('../history/time-slider.tsx')).TimeSlider }))

/** After the last key, before a search is asked for. */
const TYPED_MS = 250

/** The part. */
export function FilesPart({
  item,
  place,
  rights,
}: {
  readonly item: Item
  readonly place: FolderPlace
  readonly rights: Rights
}): ReactNode {
  const { key: folder } = item
  const { path, version } = place
  const [, navigate] = useLocation()
  const [typed, setTyped] = useState('')
  const match = useSettled(typed.trim())
  const live = useListing({ folder, path, version, match })
  const files = useFiles({ item, place, rights, live })
  const { rows, selection, look, sort, deeds, entryDeeds, dropping, uploading } = files
  // Typing stays quick while a long list is drawn.
  const shown = useDeferredValue(rows)
  const isFinding = match !== ''
  const isNew = live.version === 0 && live.problem === null
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    window.scrollTo({ top: 0 })
  }, [path])
  return (
    <div ref={root} className={css['part']} {...dropping.page}>
      <Suspense fallback={null}>
        <TimeSlider folder={folder} place={place} />
      </Suspense>
      {version !== null && <PastBanner folder={folder} path={path} version={version} />}
      {version === null && rights.why !== null && <Notice>{rights.why}</Notice>}
      <div className={css['top']}>
        <Crumbs
          folder={folder}
          title={FOLDER.root}
          path={path}
          version={version}
          drops={{
            target: dropping.target,
            over: (event, to) => dropping.overFolder(event, to, `crumb:${to}`),
            leave: () => dropping.leaveFolder(),
            drop: (event, to) => dropping.dropOn(event, to),
          }}
        />
        {selection.chosen.size > 0 ? (
          <SelectionBar count={selection.chosen.size} deeds={entryDeeds} onNone={files.chooseNone} />
        ) : (
          <Toolbar
            match={typed}
            canWrite={rights.write}
            onMatch={setTyped}
            onAdd={(entries) => uploading.add(entries)}
            onNewFolder={() => files.ask({ kind: 'new-folder' })}
          />
        )}
      </div>
      <div className={css['beside']}>
        <div className={css['main']}>
          {live.problem !== null && (
            <Problem
              error={live.problem}
              onAgain={() => live.listing.refresh()}
              onRoot={() => navigate(folderPlace(folder, { version }))}
            />
          )}
          {isNew && <Loading />}
          {!isNew && rows.length > 0 && (
            <FileList
              rows={shown}
              folder={folder}
              version={version}
              look={look}
              sort={sort}
              selection={selection}
              renaming={files.renaming}
              target={dropping.target}
              showPath={isFinding}
              canMove={rights.write}
              deeds={deeds}
              onKey={files.onKey}
              onSort={(next) => chooseView({ sort: next })}
              onChooseAll={files.chooseAll}
              listRef={files.listRef}
            />
          )}
          {!isNew && live.problem === null && rows.length === 0 && live.isWhole && (
            <Nothing isFinding={isFinding} canWrite={rights.write}>
              <AddMenu onAdd={(entries) => uploading.add(entries)} onNewFolder={() => files.ask({ kind: 'new-folder' })} />
            </Nothing>
          )}
          {!isNew && rows.length > 0 && (
            <p className={css['count']} role="status">
              {isFinding ? FOLDER.found(rows.length, live.isWhole) : FOLDER.entries(rows.length, live.isWhole)}
            </p>
          )}
        </div>
        {files.details !== null && (
          <DetailsPanel folder={folder} path={files.details} version={version} onClose={() => files.showDetails(null)} />
        )}
      </div>
      {dropping.isOver && (
        <div className={css['dropHere']} aria-hidden>
          <UploadCloud size={34} />
          {FOLDER.drop}
        </div>
      )}
      {uploading.isReading && (
        <div className="visually-hidden" role="status">
          {FOLDER.reading}
        </div>
      )}
      <MenuAt
        at={files.menuAt}
        label={FOLDER.actionsOf(visibleName(nameOf(selection.active ?? '')))}
        entries={menuOf(entryDeeds)}
        onClose={files.closeMenu}
      />
      <FileDialogs item={item} files={files} place={place} />
      <UploadPanel folder={folder} listing={live.listing} />
    </div>
  )
}

/** A text once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), text === '' ? 0 : TYPED_MS)
    return () => clearTimeout(timer)
  }, [text])
  return useMemo(() => settled, [settled])
}

function Problem({
  error,
  onAgain,
  onRoot,
}: {
  readonly error: Error
  readonly onAgain: () => void
  readonly onRoot: () => void
}): ReactNode {
  const isGone = 'code' in error && error.code === 'NOT_FOUND'
  return (
    <Empty
      icon={<FolderOpen size={26} />}
      title={isGone ? FOLDER.gone : FOLDER.cannotRead}
      actions={<Button onClick={isGone ? onRoot : onAgain}>{isGone ? FOLDER.root : FOLDER.again}</Button>}
    >
      {isGone ? FOLDER.goneText : problemWords(error)}
    </Empty>
  )
}

function Loading(): ReactNode {
  return (
    <div className={css['loading']} role="status">
      <span className="visually-hidden">{FOLDER.loading}</span>
      {Array.from({ length: 6 }, (_, index) => (
        <Skeleton key={index} height="2.4rem" />
      ))}
    </div>
  )
}

function Nothing({
  isFinding,
  canWrite,
  children,
}: {
  readonly isFinding: boolean
  readonly canWrite: boolean
  readonly children: ReactNode
}): ReactNode {
  if (isFinding)
    return (
      <Empty icon={<SearchX size={26} />} title={FOLDER.foundNothing}>
        {FOLDER.foundNothingText}
      </Empty>
    )
  return canWrite ? (
    <Empty icon={<UploadCloud size={26} />} title={FOLDER.empty} actions={children}>
      {FOLDER.emptyText}
    </Empty>
  ) : (
    <Empty icon={<FolderOpen size={26} />} title={FOLDER.emptyRead} />
  )
}
