/** A page of HTML from a folder, in an origin of its own: it reaches neither the store nor the page around it. */
import type { ReactNode } from 'react'
import { Notice } from '../../kit/layout.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import type { ShownFile } from './use-shown-file.ts'
import css from './preview.module.css'

/** The page. */
export function ClosedPage({ file }: { readonly file: ShownFile }): ReactNode {
  const time = file.version === undefined ? '' : `+${file.version}`
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  return (
    <>
      <Notice>{PREVIEW.pageNote}</Notice>
      <iframe
        className={css['closedPage']}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        src={`/gateway/${file.folder}${time}/${path}`}
        title={PREVIEW.pageTitle(visibleName(nameOf(file.path)))}
      />
    </>
  )
}
