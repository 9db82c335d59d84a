/** A file that has no preview: what is known of it, and its first bytes. */
import { Download, File } from 'lucide-react'
import type { ReactNode } from 'react'
import { ButtonLink } from '../../kit/button.tsx'
import { Empty } from '../../kit/layout.tsx'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { byteWords } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import { Problem } from './problem.tsx'
import { hexLines } from './text-bytes.ts'
import { useContent } from './use-content.ts'
import type { ShownFile } from './use-shown-file.ts'
import css from './preview.module.css'

const BYTES = 256

/** The viewer; `isBroken`: its name promised something else. */
export function OtherView({ file, isBroken }: { readonly file: ShownFile; readonly isBroken: boolean }): ReactNode {
  const { target } = useStore()
  const { bytes, problem, retry } = useContent(file, BYTES)
  if (problem !== null) return <Problem error={problem} onAgain={retry} />
  if (file.entry.size === 0) return <Empty icon={<File size={26} />} title={PREVIEW.empty} />
  return (
    <div className={css['other']}>
      <Empty
        icon={<File size={26} />}
        title={isBroken ? PREVIEW.broken : PREVIEW.noPreview}
        actions={
          <ButtonLink tone="main" href={contentUrl(target, file.folder, file)} download={nameOf(file.path)}>
            <Download size={16} aria-hidden />
            {PREVIEW.download} ({byteWords(file.entry.size)})
          </ButtonLink>
        }
      >
        {isBroken ? PREVIEW.brokenText : PREVIEW.noPreviewText}
      </Empty>
      {bytes !== null && (
        <section className={css['hex']}>
          <h2>{PREVIEW.hex}</h2>
          <pre dir="ltr" tabIndex={0} role="region" aria-label={PREVIEW.hex}>
            {hexLines(bytes)}
          </pre>
        </section>
      )}
    </div>
  )
}
