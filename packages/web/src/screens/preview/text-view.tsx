/** Text in all its looks: plain, as code with colours and line numbers, as a written document, and pages of HTML as their source or closed off. */
import { ExternalLink, WrapText } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { Segmented } from '../../kit/form.tsx'
import { Empty, Skeleton } from '../../kit/layout.tsx'
import { useStore } from '../../live/use-store.tsx'
import { byteWords, visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import { ClosedPage } from './closed-page.tsx'
import { Problem } from './problem.tsx'
import { decodeText } from './text-bytes.ts'
import { useContent } from './use-content.ts'
import type { ViewerProps } from './viewer.ts'
import type { ViewerKind } from './viewer-kind.ts'
import css from './preview.module.css'

const CodeText = lazy(async () => ({ default: (await import('./code-text.tsx')).CodeText }))
const MarkdownText = lazy(async () => ({ default: (await import('./markdown-text.tsx')).MarkdownText }))

const FIRST_BYTES = 1024 * 1024
/** Browsers become slow with more text than this on one page. */
const MOST_BYTES = 8 * FIRST_BYTES

/** The viewer; `kind` is one of those that are text. */
export function TextView({ file, onFail, kind }: ViewerProps & { readonly kind: ViewerKind }): ReactNode {
  const { target } = useStore()
  const [most, setMost] = useState(FIRST_BYTES)
  const [look, setLook] = useState<'rendered' | 'source'>('rendered')
  const [isPage, setPage] = useState(false)
  const [isWrapped, setWrapped] = useState(kind === 'text')
  const { bytes, problem, retry } = useContent(file, most)
  const isCut = bytes !== null && bytes.length < file.entry.size
  const text = useMemo(() => (bytes === null ? null : decodeText(bytes, isCut)), [bytes, isCut])
  const name = nameOf(file.path)
  const label = PREVIEW.text(visibleName(name))
  if (problem !== null) return <Problem error={problem} onAgain={retry} />
  if (text === null) return <Skeleton height="16rem" />
  if (text === '') return <Empty title={PREVIEW.empty} />
  // Bytes that are no text are shown as what they are.
  if (text.includes('\u0000')) return <Failed onFail={onFail} />
  const isDocument = kind === 'markdown' && look === 'rendered'
  return (
    <div className={css['text']}>
      <div className={css['textBar']}>
        {kind === 'markdown' && (
          <Segmented
            label={PREVIEW.looks}
            value={look}
            options={[
              { value: 'rendered', label: PREVIEW.rendered },
              { value: 'source', label: PREVIEW.source },
            ]}
            onChange={setLook}
          />
        )}
        {kind === 'html' && target === 'local' && (
          <Button small aria-pressed={isPage} onClick={() => setPage(!isPage)}>
            <ExternalLink size={15} aria-hidden />
            {isPage ? PREVIEW.source : PREVIEW.openPage}
          </Button>
        )}
        {!isDocument && !isPage && (
          <IconButton small label={PREVIEW.wrap} aria-pressed={isWrapped} onClick={() => setWrapped(!isWrapped)}>
            <WrapText size={17} aria-hidden />
          </IconButton>
        )}
      </div>
      {isPage ? (
        <ClosedPage file={file} />
      ) : (
        <Suspense fallback={<Plain text={text} label={label} isWrapped={isWrapped} />}>
          {isDocument ? (
            <MarkdownText file={file} text={text} label={label} />
          ) : kind === 'text' || isWrapped ? (
            <Plain text={text} label={label} isWrapped={isWrapped} />
          ) : (
            <CodeText name={name} text={text} label={label} />
          )}
        </Suspense>
      )}
      {isCut && !isPage && (
        <div className={css['more']} role="status">
          {PREVIEW.more(byteWords(bytes.length), byteWords(file.entry.size))}{' '}
          {most < MOST_BYTES ? (
            <Button small onClick={() => setMost(most * 2)}>
              {PREVIEW.showMore}
            </Button>
          ) : (
            PREVIEW.tooLong
          )}
        </div>
      )}
    </div>
  )
}

function Plain({ text, label, isWrapped }: { readonly text: string; readonly label: string; readonly isWrapped: boolean }): ReactNode {
  return (
    <pre className={css['plain']} data-wrapped={isWrapped || undefined} tabIndex={0} role="region" aria-label={label} dir="auto">
      {text}
    </pre>
  )
}

function Failed({ onFail }: { readonly onFail: () => void }): ReactNode {
  return (
    <Empty title={PREVIEW.broken} actions={<Button onClick={onFail}>{PREVIEW.hex}</Button>}>
      {PREVIEW.brokenText}
    </Empty>
  )
}
