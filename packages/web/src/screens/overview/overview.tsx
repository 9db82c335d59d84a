/** Everything at a glance: whether all is safe, what wants a decision, every folder, and what happens. */
import { FolderPlus, ShieldCheck } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { PLACES } from '../../app/places.ts'
import { ButtonLink } from '../../kit/button.tsx'
import { Empty } from '../../kit/layout.tsx'
import { useProviders } from '../../live/questions.ts'
import { useSnapshot } from '../../live/use-store.tsx'
import { OVERVIEW } from '../../words/overview.ts'
import { AddFolder } from './add-folder.tsx'
import { Decisions } from './decisions.tsx'
import { FolderList } from './folder-list.tsx'
import { Headline } from './headline.tsx'
import css from './overview.module.css'
import { Recent } from './recent.tsx'
import { useRights } from './rights.ts'

/** The screen. */
export function Overview(): ReactNode {
  const { items, activity, info } = useSnapshot()
  const { decide } = useRights()
  const boxes = useBoxes(decide)
  if (items === null) return null
  if (items.length === 0) return <Start decide={decide} />
  return (
    <>
      <Headline items={items} boxes={boxes} actions={decide && <AddFolder />} />
      <Decisions items={items} />
      <div className={css['columns']}>
        <FolderList items={items} boxes={boxes} />
        <Recent items={items} activity={activity} ownKey={info?.deviceKey ?? ''} />
      </div>
    </>
  )
}

/** Names of the paired boxes. */
function useBoxes(enabled: boolean): readonly string[] {
  const { data } = useProviders(enabled)
  const names = data?.map(({ name }) => name).join('\n') ?? ''
  return useMemo(() => (names === '' ? [] : names.split('\n')), [names])
}

/** What stands here before anything is kept. */
function Start({ decide }: { readonly decide: boolean }): ReactNode {
  return (
    <>
      <h1 className="visually-hidden">{OVERVIEW.folders}</h1>
      <div className={css['start']}>
        <Empty
          icon={decide ? <FolderPlus size={26} /> : <ShieldCheck size={26} />}
          title={OVERVIEW.emptyTitle}
          actions={
            decide && (
              <>
                <Link href={PLACES.welcome} asChild>
                  <ButtonLink tone="main">{OVERVIEW.begin}</ButtonLink>
                </Link>
                <AddFolder />
              </>
            )
          }
        >
          {OVERVIEW.emptyText}
        </Empty>
      </div>
    </>
  )
}
