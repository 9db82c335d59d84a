/** Code with colours and line numbers. */
import hljs from 'highlight.js/lib/common'
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import { languageOf } from './viewer-kind.ts'
import css from './preview.module.css'
import './code-colours.css'

/** Longer code has no colours: to find them takes longer than to read it. */
const MOST_COLOURED = 300_000

/** The code of a file of that name. */
export function CodeText({ name, text, label }: { readonly name: string; readonly text: string; readonly label: string }): ReactNode {
  const coloured = useMemo(() => colour(name, text), [name, text])
  const lines = useMemo(() => {
    const count = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    return Array.from({ length: count }, (_, index) => index + 1).join('\n')
  }, [text])
  return (
    <div className={css['code']} tabIndex={0} role="region" aria-label={label}>
      <pre aria-hidden className={css['lines']}>
        {lines}
      </pre>
      <pre dir="ltr">
        <code>{coloured}</code>
      </pre>
    </div>
  )
}

function colour(name: string, text: string): ReactNode {
  const language = languageOf(name)
  if (text.length > MOST_COLOURED || hljs.getLanguage(language) === undefined) return text
  const html = hljs.highlight(text, { language, ignoreIllegals: true }).value
  // What the highlighter made is read as data, never put into the page as HTML: only words and names of classes are taken from it.
  return partsOf(new DOMParser().parseFromString(`<pre>\n${html}</pre>`, 'text/html').querySelector('pre'))
}

function partsOf(node: Node | null): ReactNode[] {
  return [...(node?.childNodes ?? [])].map((child, index) =>
    child instanceof Element ? (
      <span key={index} className={child.className}>
        {partsOf(child)}
      </span>
    ) : (
      child.textContent
    ),
  )
}
