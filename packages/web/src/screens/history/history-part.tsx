/** What happened in a folder: its versions, what is different between two of them, and bringing back. */
import { History } from 'lucide-react'
import { lazy, Suspense, useCallback, useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import type { FolderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useItem, useSnapshot } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import { rightsOf } from '../folder/rights.ts'
import { CompareBar } from './compare-bar.tsx'
import { useVersions } from './use-versions.ts'
import { VersionRows } from './version-rows.tsx'
import css from './versions.module.css'

const Comparison = lazy(async () => ({ default: (await import('./comparison.tsx')).Comparison }))
const RestoreDialog = lazy(async () => ({ default: (await import('./restore-dialog.tsx')).RestoreDialog }))

/** The history of a folder; of a file or sub-folder, when the place names one. At a version, what is different since. */
export function HistoryPart({ folder, place }: { readonly folder: string; readonly place: FolderPlace }): ReactNode {
  const item = useItem(folder)
  return item === undefined ? <Skeleton height="12rem" /> : <Known key={place.path} item={item} place={place} />
}

/** Two moments; `to` null is now. */
interface Compared {
  readonly from: number
  readonly to: number | null
}

function Known({ item, place }: { readonly item: Item; readonly place: FolderPlace }): ReactNode {
  const { key: folder, link } = item
  const { path } = place
  const { info } = useSnapshot()
  const found = useVersions({ folder, link, path, enabled: true })
  const [chosen, setChosen] = useState<readonly number[]>([])
  const [compared, setCompared] = useState<Compared | null>(place.version === null ? null : { from: place.version, to: null })
  const [wish, setWish] = useState<{ readonly path: string; readonly version: number } | null>(null)
  const canRestore = rightsOf(item, info?.role ?? null, null).why === null
  // A third choice takes the place of the first.
  const choose = useCallback(
    (version: number) => setChosen((now) => (now.includes(version) ? now.filter((one) => one !== version) : [...now, version].slice(-2))),
    [],
  )
  const bringBack = useCallback((at: string, version: number) => setWish({ path: at === '' ? path : at, version }), [path])
  if (compared !== null)
    return (
      <Suspense fallback={<Skeleton height="12rem" />}>
        <Comparison folder={folder} link={link} path={path} between={compared} onBack={() => setCompared(null)} />
      </Suspense>
    )
  const { versions, more, problem } = found
  return (
    <div className={css['part']}>
      {path !== '' && (
        <Notice>
          <span dir="auto">{HISTORY.of(visibleName(path))}</span>
          <Link href={folderPlace(folder, { part: 'history' })}>{HISTORY.all}</Link>
        </Notice>
      )}
      {problem !== null ? (
        <Notice tone="bad">{'code' in problem && problem.code === 'NOT_FOUND' ? HISTORY.noneOf : problemWords(problem)}</Notice>
      ) : versions === null ? (
        <div role="status">
          <span className="visually-hidden">{HISTORY.loading}</span>
          <Skeleton height="14rem" />
        </div>
      ) : versions.length === 0 ? (
        <Empty icon={<History size={26} />} title={HISTORY.none}>
          {HISTORY.noneText}
        </Empty>
      ) : (
        <Card title={HISTORY.versions} actions={versions.length > 1 && <p className={css['hint']}>{HISTORY.hint}</p>}>
          <VersionRows
            versions={versions}
            folder={folder}
            chosen={chosen}
            isAll={path === ''}
            onChoose={choose}
            onRestore={canRestore ? bringBack : null}
          />
          {more && (
            <Button className={css['older'] ?? ''} disabled={found.isLoadingMore} onClick={found.loadMore}>
              {HISTORY.older}
            </Button>
          )}
        </Card>
      )}
      <CompareBar
        chosen={chosen}
        onNone={() => setChosen([])}
        onCompare={() => {
          const [from = 0, to = null] = chosen.toSorted((a, b) => a - b)
          setCompared({ from, to })
        }}
      />
      {wish !== null && (
        <Suspense fallback={null}>
          <RestoreDialog folder={folder} {...wish} onClose={() => setWish(null)} />
        </Suspense>
      )}
    </div>
  )
}
