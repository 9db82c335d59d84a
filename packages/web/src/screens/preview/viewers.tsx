/** Chooses how a file is shown, and what stands there when that fails. */
import { lazy, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import { Skeleton } from '../../kit/layout.tsx'
import { nameOf } from '../folder/rows.ts'
import { SoundView, VideoView } from './media-view.tsx'
import { OtherView } from './other-view.tsx'
import { PictureView } from './picture-view.tsx'
import { Problem } from './problem.tsx'
import { TextView } from './text-view.tsx'
import { useFailure } from './use-content.ts'
import type { ShownFile } from './use-shown-file.ts'
import { viewerKind } from './viewer-kind.ts'

const PdfView = lazy(async () => ({ default: (await import('./pdf-view.tsx')).PdfView }))

/** The file. */
export function Viewer({ file }: { readonly file: ShownFile }): ReactNode {
  const [isFailed, setFailed] = useState(false)
  const reason = useFailure(file, isFailed)
  const kind = viewerKind(nameOf(file.path))
  if (isFailed && reason === null) return <Skeleton height="12rem" />
  if (isFailed && reason !== 'shape' && reason !== null) return <Problem error={reason} onAgain={() => setFailed(false)} />
  if (isFailed || kind === 'other') return <OtherView file={file} isBroken={isFailed} />
  const props = { file, onFail: () => setFailed(true) }
  switch (kind) {
    case 'picture':
      return <PictureView {...props} />
    case 'sound':
      return <SoundView {...props} />
    case 'video':
      return <VideoView {...props} />
    case 'pdf':
      return (
        <Suspense fallback={<Skeleton height="20rem" />}>
          <PdfView {...props} />
        </Suspense>
      )
    case 'text':
    case 'code':
    case 'markdown':
    case 'html':
      return <TextView {...props} kind={kind} />
  }
}
