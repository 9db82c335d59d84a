/** What stands in place of a file that can't be shown. */
import { CloudOff, FileQuestion, FileX } from 'lucide-react'
import type { ReactNode } from 'react'
import { AppError } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Empty } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { PREVIEW } from '../../words/preview.ts'

/** Says why, and how to go on. */
export function Problem({ error, onAgain }: { readonly error: Error; readonly onAgain: () => void }): ReactNode {
  const code = error instanceof AppError ? error.code : null
  if (code === 'NOT_FOUND' || code === 'UNKNOWN_VERSION')
    return (
      <Empty icon={<FileQuestion size={26} />} title={PREVIEW.notFound}>
        {PREVIEW.notFoundText}
      </Empty>
    )
  const isAway = code === 'NO_PEER'
  return (
    <Empty
      icon={isAway ? <CloudOff size={26} /> : <FileX size={26} />}
      title={isAway ? PREVIEW.notHere : PREVIEW.cannotOpen}
      actions={<Button onClick={onAgain}>{PREVIEW.again}</Button>}
    >
      {problemWords(error)}
    </Empty>
  )
}
