/** One change of one path: what was done to it, its name, and its sizes. */
import type { PathChange } from '@hyper-store/client'
import { CornerDownRight, Minus, Pencil, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Name } from '../../kit/name.tsx'
import { byteWords, visibleName } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import css from './versions.module.css'

const MARKS = { add: Plus, change: Pencil, delete: Minus, rename: CornerDownRight } as const

/** The change; with `to`, its name leads there. `words` tells what was, or would be, done. */
export function ChangedPath({
  change,
  to = null,
  words = HISTORY.ops,
  children,
}: {
  readonly change: PathChange
  readonly to?: string | null
  readonly words?: Readonly<Record<PathChange['op'], string>>
  /** What can be done with it. */
  readonly children?: ReactNode
}): ReactNode {
  const { op, path, from } = change
  const size = sizeWords(change)
  const Mark = MARKS[op]
  return (
    <span className={css['change']}>
      <span className={css['mark']} data-op={op} title={words[op]}>
        <Mark size={13} strokeWidth={2.4} aria-hidden />
        <span className="visually-hidden">{words[op]}</span>
      </span>
      <span className={css['path']}>
        {to === null ? (
          <PathName path={path} />
        ) : (
          <Link href={to} title={visibleName(path)}>
            <PathName path={path} />
          </Link>
        )}
        {from !== null && <span className={css['from']}>{HISTORY.from(visibleName(from))}</span>}
      </span>
      {size !== null && <span className={css['size']}>{size}</span>}
      {children}
    </span>
  )
}

/** A path of which the name is cut off last. */
function PathName({ path }: { readonly path: string }): ReactNode {
  const cut = path.lastIndexOf('/') + 1
  return (
    <span className={css['whole']}>
      {cut > 0 && (
        <span className={css['above']}>
          <Name of={path.slice(0, cut)} />
        </span>
      )}
      <span className={css['name']}>
        <Name of={path.slice(cut)} />
      </span>
    </span>
  )
}

/** `1.2 kB`, or both sizes; null for what is no file. */
function sizeWords({ sizeBefore, sizeAfter }: PathChange): string | null {
  if (sizeBefore !== null && sizeAfter !== null && sizeBefore !== sizeAfter)
    return HISTORY.sizes(byteWords(sizeBefore), byteWords(sizeAfter))
  const size = sizeAfter ?? sizeBefore
  return size === null ? null : byteWords(size)
}
