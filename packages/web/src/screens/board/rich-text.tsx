/** Rich text of a note, drawn from the document without an editor: known elements only, all text as text. */
import { Fragment, type ReactNode } from 'react'
import * as Y from 'yjs'

const DEEPEST = 16
const HEADINGS = ['h3', 'h4', 'h5'] as const

/** The note as React elements. */
export function RichText({ body }: { readonly body: Y.XmlFragment }): ReactNode {
  return body.toArray().map((child, i) => <Fragment key={i}>{drawn(child, 0)}</Fragment>)
}

function drawn(node: unknown, depth: number): ReactNode {
  if (depth > DEEPEST) return null
  if (node instanceof Y.XmlText) return (node.toDelta() as Piece[]).map((piece, i) => <Fragment key={i}>{marked(piece)}</Fragment>)
  if (!(node instanceof Y.XmlElement)) return null
  const children = node.toArray().map((child, i) => <Fragment key={i}>{drawn(child, depth + 1)}</Fragment>)
  switch (node.nodeName) {
    case 'paragraph':
      return <p>{children.length === 0 ? <br /> : children}</p>
    case 'heading': {
      const Heading = HEADINGS[Math.min(HEADINGS.length, Math.max(1, Number(node.getAttribute('level')) || 1)) - 1] ?? 'h3'
      return <Heading>{children}</Heading>
    }
    case 'bullet_list':
      return <ul>{children}</ul>
    case 'ordered_list':
      return <ol>{children}</ol>
    case 'list_item':
      return <li>{children}</li>
    case 'blockquote':
      return <blockquote>{children}</blockquote>
    case 'code_block':
      return (
        <pre>
          <code>{children}</code>
        </pre>
      )
    case 'hard_break':
      return <br />
    case 'horizontal_rule':
      return <hr />
    default:
      return <span>{children}</span>
  }
}

interface Piece {
  readonly insert?: unknown
  readonly attributes?: Readonly<Record<string, unknown>>
}

function marked({ insert, attributes = {} }: Piece): ReactNode {
  if (typeof insert !== 'string') return null
  let text: ReactNode = insert
  if ('code' in attributes) text = <code>{text}</code>
  if ('strong' in attributes) text = <strong>{text}</strong>
  if ('em' in attributes) text = <em>{text}</em>
  return text
}
