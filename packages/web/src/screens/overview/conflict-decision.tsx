/** Files that were changed in two places: both versions side by side, until one is chosen or both stay. */
import type { Conflict, Item } from '@hyper-store/client'
import { GitFork } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed, useSnapshot } from '../../live/use-store.tsx'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { DECISIONS } from '../../words/overview.ts'
import { sidesOf } from './conflict-sides.ts'
import type { Side } from './conflict-sides.ts'
import { Decision } from './decision.tsx'
import css from './decisions.module.css'
import { Name } from '../../kit/name.tsx'
import { useRights } from './rights.ts'
import { useNow } from './use-now.ts'

const WORDS = DECISIONS.conflict
/** So many are drawn; the others follow when these are settled. */
const SHOWN = 30

/** The card; its button opens the list. */
export function ConflictDecision({ item }: { readonly item: Item }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <Decision
      tone="slow"
      icon={<GitFork size={20} />}
      title={WORDS.title(item.conflicts ?? 0)}
      item={item}
      actions={
        <Button tone="main" onClick={() => setOpen(true)}>
          {WORDS.choose}
        </Button>
      }
    >
      <p>{WORDS.text}</p>
      <Dialog wide open={isOpen} onClose={() => setOpen(false)} title={WORDS.listTitle(visibleName(item.title))}>
        <Conflicts item={item} />
      </Dialog>
    </Decision>
  )
}

function Conflicts({ item }: { readonly item: Item }): ReactNode {
  const { data, error } = useAnswer(
    { link: item.link, name: ['conflicts'] },
    async (client, signal) => await client.listConflicts(item.key, { signal }),
  )
  if (error !== null) return <p role="alert">{problemWords(error)}</p>
  if (data === undefined) return <Skeleton height="9rem" />
  if (data.length === 0) return <p role="status">{WORDS.allSettled}</p>
  return (
    <ul className={css['conflicts']}>
      {data.slice(0, SHOWN).map((conflict) => (
        <OneConflict key={conflict.copy} item={item} conflict={conflict} />
      ))}
    </ul>
  )
}

function OneConflict({ item, conflict }: { readonly item: Item; readonly conflict: Conflict }): ReactNode {
  const { info } = useSnapshot()
  const { decide } = useRights()
  const file = visibleName(conflict.path)
  const settle = useDeed({ link: item.link }, async (client, keep: 'mine' | 'theirs' | 'both') => {
    await client.settleConflict(item.key, { path: conflict.copy, keep })
    tellDone(WORDS.settled(file))
  })
  const { sides, isClear } = sidesOf(conflict, info?.name ?? '')
  const mayWrite = decide && item.role !== 'reader' && item.role !== 'keeper'
  return (
    <li className={css['conflict']}>
      <h3 dir="auto">{file}</h3>
      {!isClear && <p>{WORDS.samePlace}</p>}
      <div className={css['sides']}>
        {sides.map((side) => (
          <OneSide key={side.path} item={item} side={side}>
            {mayWrite && side.keep !== null && (
              <Button
                disabled={settle.isPending}
                aria-label={WORDS.keepOf(file, visibleName(side.device))}
                onClick={() => {
                  if (side.keep !== null) settle.mutate(side.keep)
                }}
              >
                {WORDS.keep}
              </Button>
            )}
          </OneSide>
        ))}
      </div>
      {mayWrite && (
        <Button tone="quiet" disabled={settle.isPending} aria-label={WORDS.bothOf(file)} onClick={() => settle.mutate('both')}>
          {WORDS.both}
        </Button>
      )}
    </li>
  )
}

function OneSide({ item, side, children }: { readonly item: Item; readonly side: Side; readonly children: ReactNode }): ReactNode {
  const now = useNow()
  return (
    <div className={css['side']}>
      <p>
        {side.device === '' ? WORDS.folderThere : `${WORDS.by} `}
        {side.device !== '' && (
          <strong>
            <Name of={side.device} />
          </strong>
        )}
        {side.isOwn && ` (${WORDS.thisDevice})`}
      </p>
      {side.mtimeMs > 0 && (
        <p className={css['facts']}>
          {momentWords(new Date(side.mtimeMs).toISOString(), now)}
          {side.isNewer && `, ${WORDS.newer}`} · {byteWords(side.size)}
        </p>
      )}
      <div className={css['actions']}>
        {children}
        <Link href={folderPlace(item.key, { part: 'view', path: side.path })}>{WORDS.look}</Link>
      </div>
    </div>
  )
}
