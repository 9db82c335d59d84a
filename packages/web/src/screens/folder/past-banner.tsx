/** Says that the past is shown, and leads back. What brings it back is beside the slider of time. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Actions, Notice } from '../../kit/layout.tsx'
import { FOLDER } from '../../words/folder.ts'

/** The banner above files of `version`. */
export function PastBanner({
  folder,
  path,
  version,
}: {
  readonly folder: string
  readonly path: string
  readonly version: number
}): ReactNode {
  return (
    <Notice tone="slow">
      <div>
        <strong>{FOLDER.pastTitle(version)}</strong>
        <p>{FOLDER.pastText}</p>
      </div>
      <Actions>
        <Link href={folderPlace(folder, { path })}>{FOLDER.toNow}</Link>
      </Actions>
    </Notice>
  )
}
