/** Where the file itself stands: while it comes, when it can't, and what it is. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Empty, Skeleton } from '../../kit/layout.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { Problem } from './problem.tsx'
import type { FilePlace, FileState } from './use-shown-file.ts'
import { Viewer } from './viewers.tsx'

/** The stage. */
export function Stage({ place, state }: { readonly place: FilePlace; readonly state: FileState }): ReactNode {
  const { file, problem, retry } = state
  if (problem !== null) return <Problem error={problem} onAgain={retry} />
  if (file === null)
    return (
      <div role="status">
        <span className="visually-hidden">{PREVIEW.loading}</span>
        <Skeleton height="16rem" />
      </div>
    )
  const { entry } = file
  if (entry.kind === 'folder')
    return (
      <Empty
        title={PREVIEW.isFolder}
        actions={<Link href={folderPlace(place.folder, { path: place.path, version: place.version })}>{PREVIEW.openFolder}</Link>}
      />
    )
  if (entry.kind === 'symlink') return <Empty title={PREVIEW.isSymlink(visibleName(entry.target ?? ''))} />
  return <Viewer key={`${file.version} ${entry.etag}`} file={file} />
}
