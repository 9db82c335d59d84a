/** One folder: its files, one file, its history, its people, its settings. */
import { Files, FolderX, History, LayoutDashboard, Lock, Settings, Share2, Split, Users } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Link } from 'wouter'
import { folderPlace, PLACES, tablePlace } from '../../app/places.ts'
import type { FolderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { Empty, Notice, PageHead, Skeleton } from '../../kit/layout.tsx'
import { TabLinks } from '../../kit/tabs.tsx'
import { useDeed, useItem, useSnapshot } from '../../live/use-store.tsx'
import { FOLDER } from '../../words/folder.ts'
import { factWords, STATE_WORDS, visibleName } from '../../words/format.ts'
import { ProblemDecision } from '../overview/problem-decision.tsx'
import { StopDecision } from '../overview/stop-decision.tsx'
import { Crumbs } from './crumbs.tsx'
import { FilesPart } from './files-part.tsx'
import { rightsOf } from './rights.ts'
import css from './folder.module.css'

const FileView = lazy(async () => ({ default: (await import('../preview/file-view.tsx')).FileView }))
const HistoryPart = lazy(async () => ({ default: (await import('../history/history-part.tsx')).HistoryPart }))
const BoardsPart = lazy(async () => ({ default: (await import('../board/boards-part.tsx')).BoardsPart }))
const PeoplePart = lazy(async () => ({ default: (await import('../people/people-part.tsx')).PeoplePart }))
const SettingsPart = lazy(async () => ({ default: (await import('./settings-part.tsx')).SettingsPart }))
const ShareDialog = lazy(async () => ({ default: (await import('./share-dialog.tsx')).ShareDialog }))

const TONES = { 'up-to-date': 'good', syncing: 'busy', waiting: 'slow', paused: 'still', error: 'bad' } as const

/** The screen of the folder with this key. */
export function FolderScreen({ folder, place }: { readonly folder: string; readonly place: FolderPlace }): ReactNode {
  const item = useItem(folder)
  const { items } = useSnapshot()
  if (item === undefined)
    return items === null ? (
      <Skeleton height="12rem" />
    ) : (
      <Empty icon={<FolderX size={26} />} title={FOLDER.notKept} actions={<Link href={PLACES.home}>{FOLDER.toHome}</Link>}>
        {FOLDER.notKeptText}
      </Empty>
    )
  if (item.kind !== 'folder') return <Empty title={FOLDER.isTable} actions={<Link href={tablePlace(item.key)}>{FOLDER.openTable}</Link>} />
  if (place.part === 'view')
    return (
      <>
        <Crumbs folder={folder} title={visibleName(item.title)} path={place.path} version={place.version} />
        <Part item={item} place={place} />
      </>
    )
  if (place.part === 'boards' && place.path !== '') return <Part item={item} place={place} />
  return (
    <>
      <Head item={item} place={place} />
      <Part item={item} place={place} />
    </>
  )
}

function Head({ item, place }: { readonly item: Item; readonly place: FolderPlace }): ReactNode {
  const { info } = useSnapshot()
  const [isSharing, setSharing] = useState(false)
  const go = useDeed({ link: item.link }, (client) => client.resumeFolder(item.key, {}))
  const rights = rightsOf(item, info?.role ?? null, null)
  const to = (part: FolderPlace['part']): string => folderPlace(item.key, { part, ...(part === 'files' && { version: null }) })
  return (
    <div className={css['head']}>
      <PageHead
        title={<span dir="auto">{visibleName(item.title)}</span>}
        actions={
          <>
            {item.state === 'paused' && rights.owner && (
              <Button onClick={() => go.mutate(undefined)} disabled={go.isPending}>
                {FOLDER.goOn}
              </Button>
            )}
            {rights.read && rights.owner && (
              <Button onClick={() => setSharing(true)}>
                <Share2 size={16} aria-hidden />
                {FOLDER.share}
              </Button>
            )}
          </>
        }
      >
        <span dir="auto">{visibleName(factWords(item))}</span>
      </PageHead>
      <div className={css['chips']}>
        <Chip tone={TONES[item.state]}>{STATE_WORDS[item.state]}</Chip>
        {item.private && <Chip icon={<Lock size={13} aria-hidden />}>{FOLDER.private}</Chip>}
        {item.shared === true && <Chip icon={<Users size={13} aria-hidden />}>{FOLDER.shared}</Chip>}
        {(item.conflicts ?? 0) > 0 && (
          <Chip tone="slow" icon={<Split size={13} aria-hidden />}>
            {FOLDER.conflicts(item.conflicts ?? 0)}
          </Chip>
        )}
      </div>
      {item.problem !== null && <Problem item={item} problem={item.problem} />}
      <TabLinks
        label={FOLDER.parts}
        tabs={[
          // Sub-folders and versions are files too.
          { to: to('files'), label: FOLDER.files, icon: <Files size={16} aria-hidden /> },
          { to: to('boards'), label: FOLDER.boards, icon: <LayoutDashboard size={16} aria-hidden /> },
          { to: to('history'), label: FOLDER.history, icon: <History size={16} aria-hidden /> },
          { to: to('people'), label: FOLDER.people, icon: <Users size={16} aria-hidden /> },
          { to: to('settings'), label: FOLDER.settings, icon: <Settings size={16} aria-hidden /> },
        ]}
      />
      <Suspense fallback={null}>
        {isSharing && <ShareDialog item={item} path={place.part === 'files' ? place.path : ''} onClose={() => setSharing(false)} />}
      </Suspense>
    </div>
  )
}

/** What is wrong; where a person decides, with what can be answered. */
function Problem({ item, problem }: { readonly item: Item; readonly problem: NonNullable<Item['problem']> }): ReactNode {
  if (problem.code === 'STOPPED_FOR_SAFETY') return <StopDecision item={item} />
  if (problem.code === 'RECOVERING') return <ProblemDecision item={item} />
  return <Notice tone={item.state === 'error' ? 'bad' : 'slow'}>{problem.message}</Notice>
}

function Part({ item, place }: { readonly item: Item; readonly place: FolderPlace }): ReactNode {
  const { info } = useSnapshot()
  const rights = rightsOf(item, info?.role ?? null, place.version)
  const { key } = item
  return (
    <Suspense fallback={<Skeleton height="12rem" />}>
      {place.part === 'people' ? (
        <PeoplePart folder={key} />
      ) : place.part === 'settings' ? (
        <SettingsPart item={item} rights={rights} />
      ) : !rights.read ? (
        <Empty icon={<Lock size={26} />} title={FOLDER.private}>
          {rights.why}
        </Empty>
      ) : place.part === 'boards' ? (
        <BoardsPart item={item} board={place.path} mayWrite={rights.write} />
      ) : place.part === 'history' ? (
        <HistoryPart folder={key} place={place} />
      ) : place.part === 'view' ? (
        <FileView folder={key} path={place.path} version={place.version} />
      ) : (
        <FilesPart item={item} place={place} rights={rights} />
      )}
    </Suspense>
  )
}
