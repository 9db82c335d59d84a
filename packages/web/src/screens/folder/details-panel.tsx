/** The facts of one file, beside the files or, where there is no room, in a sheet. */
import { X } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { ReactNode } from 'react'
import { IconButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { nameOf } from './rows.ts'
import { useMedia, WIDE } from './use-media.ts'
import css from './files.module.css'

const FileDetails = lazy(async () => ({ default: (await import('../preview/file-details.tsx')).FileDetails }))

/** The panel. */
export function DetailsPanel({
  folder,
  path,
  version,
  onClose,
}: {
  readonly folder: string
  readonly path: string
  readonly version: number | null
  readonly onClose: () => void
}): ReactNode {
  const isWide = useMedia(WIDE)
  const name = visibleName(nameOf(path))
  const facts = (
    <Suspense fallback={<Skeleton height="8rem" />}>
      <FileDetails key={path} folder={folder} path={path} version={version} />
    </Suspense>
  )
  if (!isWide)
    return (
      <Dialog open onClose={onClose} title={name}>
        {facts}
      </Dialog>
    )
  return (
    <aside className={css['details']} aria-label={name}>
      <header>
        <h2 dir="auto">{name}</h2>
        <IconButton small label={KIT.close} onClick={onClose}>
          <X size={17} aria-hidden />
        </IconButton>
      </header>
      {facts}
    </aside>
  )
}
