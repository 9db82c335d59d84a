/** What is different between two moments of a folder; each file can be looked at as it was and as it became. */
import type { Diff, PathChange } from '@hyper-store/client'
import { ArrowLeft, ChevronDown, ChevronRight, Equal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useAnswer } from '../../live/use-store.tsx'
import { byteWords } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import { ChangedPath } from './changed-path.tsx'
import { ComparedFile } from './compared-file.tsx'
import { LongList } from './long-list.tsx'
import css from './versions.module.css'

/** The differences; `between.to` null is now. */
export function Comparison({
  folder,
  link,
  path,
  between,
  onBack,
}: {
  readonly folder: string
  readonly link: string
  readonly path: string
  readonly between: { readonly from: number; readonly to: number | null }
  readonly onBack: () => void
}): ReactNode {
  const { from, to } = between
  const diff = useAnswer({ link, name: ['diff', path, from, to] }, (client, signal) =>
    client.getDiff(
      folder,
      { from: String(from), ...(to === null ? {} : { to: String(to) }), ...(path === '' ? {} : { path }) },
      { signal },
    ),
  )
  const back = useRef<HTMLButtonElement>(null)
  useEffect(() => back.current?.focus(), [])
  return (
    <div className={css['part']}>
      <div>
        <Button ref={back} small tone="quiet" onClick={onBack}>
          <ArrowLeft size={16} aria-hidden />
          {HISTORY.back}
        </Button>
      </div>
      {diff.error !== null && diff.data === undefined ? (
        <Notice tone="bad">{problemWords(diff.error)}</Notice>
      ) : diff.data === undefined ? (
        <Skeleton height="12rem" />
      ) : (
        <Card
          title={to === null ? HISTORY.diffToNow(from) : HISTORY.diffTitle(from, to)}
          actions={<p className={css['hint']}>{sumWords(diff.data.changes)}</p>}
        >
          {diff.data.changes.length === 0 ? (
            <Empty icon={<Equal size={26} />} title={HISTORY.same}>
              {HISTORY.sameText}
            </Empty>
          ) : (
            <Changes folder={folder} diff={diff.data} />
          )}
        </Card>
      )}
    </div>
  )
}

function Changes({ folder, diff }: { readonly folder: string; readonly diff: Diff }): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (path: string): void =>
    setOpen((now) => {
      const next = new Set(now)
      if (!next.delete(path)) next.add(path)
      return next
    })
  const { changes } = diff
  return (
    <LongList
      label={HISTORY.diffList}
      count={changes.length}
      guess={44}
      keyOf={(index) => changes[index]?.path ?? index}
      row={(index) => {
        const change = changes[index]
        if (change === undefined) return null
        const isOpen = open.has(change.path)
        const Chevron = isOpen ? ChevronDown : ChevronRight
        return (
          <div className={css['compared']}>
            {isFile(change) ? (
              <button type="button" className={css['opener']} aria-expanded={isOpen} onClick={() => toggle(change.path)}>
                <Chevron size={16} aria-hidden />
                <ChangedPath change={change} />
              </button>
            ) : (
              <div className={css['opener']}>
                <i aria-hidden />
                <ChangedPath change={change} />
              </div>
            )}
            {isOpen && <ComparedFile folder={folder} change={change} from={diff.from} to={diff.to} />}
          </div>
        )
      }}
    />
  )
}

function isFile({ sizeBefore, sizeAfter }: PathChange): boolean {
  return sizeBefore !== null || sizeAfter !== null
}

/** `2 files added, 1 file deleted · +1.2 MB`. */
function sumWords(changes: readonly PathChange[]): string {
  const counts = (['add', 'change', 'delete', 'rename'] as const)
    .map((op) => ({ op, count: changes.filter((change) => change.op === op).length }))
    .filter(({ count }) => count > 0)
    .map(({ op, count }) => HISTORY.count(count, HISTORY.ops[op]))
  const grown = changes.reduce((sum, { sizeBefore, sizeAfter }) => sum + (sizeAfter ?? 0) - (sizeBefore ?? 0), 0)
  const size = grown === 0 ? [] : [grown > 0 ? HISTORY.grew(byteWords(grown)) : HISTORY.shrank(byteWords(-grown))]
  return [counts.join(', '), ...size].join(' · ')
}
