/** A document written in Markdown. */
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import { folderPlace, targetBase } from '../../app/places.ts'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { renderMarkdown } from './markdown.ts'
import type { ShownFile } from './use-shown-file.ts'
import css from './preview.module.css'

/** The document. */
export function MarkdownText({
  file,
  text,
  label,
}: {
  readonly file: ShownFile
  readonly text: string
  readonly label: string
}): ReactNode {
  const { target } = useStore()
  const { folder, path, version } = file
  const html = useMemo(
    () =>
      renderMarkdown(text, path, {
        picture: (inside) => contentUrl(target, folder, { path: inside, version }),
        file: (inside) => `#${targetBase(target)}${folderPlace(folder, { part: 'view', path: inside })}`,
      }),
    [text, path, target, folder, version],
  )
  return <article className={css['markdown']} aria-label={label} dir="auto" dangerouslySetInnerHTML={{ __html: html }} />
}
