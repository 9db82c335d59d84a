/** Rich text of a card as plain text, and plain text as paragraphs. */
import * as Y from 'yjs'

/** Longest plain text that is shown of one card. */
const MOST_CHARS = 100_000
/** Deepest nesting that is read. */
const DEEPEST = 32

/** Elements that begin a line of their own. */
const LINES = new Set(['paragraph', 'heading', 'blockquote', 'list_item', 'code_block', 'hard_break', 'horizontal_rule'])

/** Text in which half a character is one that is shown as unknown: the half does not survive the wire, so that others would see something else. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\u{fffd}')
}

/** The text of a fragment without formats, one line a paragraph. */
export function plainText(fragment: Y.XmlFragment): string {
  const parts: string[] = []
  let chars = 0
  const walk = (node: unknown, depth: number): void => {
    if (chars > MOST_CHARS || depth > DEEPEST) return
    if (node instanceof Y.XmlText) {
      for (const piece of node.toDelta() as { insert?: unknown }[]) {
        if (typeof piece.insert !== 'string') continue
        parts.push(wellFormed(piece.insert))
        chars += piece.insert.length
      }
      return
    }
    if (!(node instanceof Y.XmlFragment)) return
    const isLine = node instanceof Y.XmlElement && LINES.has(node.nodeName)
    if (isLine && parts.length > 0 && parts.at(-1) !== '\n') parts.push('\n')
    for (const child of node.toArray()) walk(child, depth + 1)
  }
  walk(fragment, 0)
  return wellFormed(parts.join('').slice(0, MOST_CHARS))
}

/** Makes the fragment hold this text, a paragraph for each line. */
export function setPlainText(fragment: Y.XmlFragment, text: string): void {
  // One that is in no document yet is empty, and may not be asked.
  if (fragment.doc !== null && fragment.length > 0) fragment.delete(0, fragment.length)
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  fragment.insert(
    0,
    lines.map((line) => {
      const paragraph = new Y.XmlElement('paragraph')
      if (line !== '') paragraph.insert(0, [new Y.XmlText(line)])
      return paragraph
    }),
  )
}
