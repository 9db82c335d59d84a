/** Two texts as lines that stay, go and come: one below the other, or side by side. */
import type { StructuredPatchHunk } from 'diff'

/** One line of a text. */
export interface TextLine {
  readonly op: 'same' | 'add' | 'delete'
  readonly text: string
  /** Numbers of the line in both texts, from 1; null where it is not. */
  readonly before: number | null
  readonly after: number | null
}

/** Lines around what changed; `skipped` lines of the older text come before them and are the same. */
export interface TextPiece {
  readonly skipped: number
  readonly lines: readonly TextLine[]
}

/** One row of two columns; null is an empty half. */
export interface TextPair {
  readonly left: TextLine | null
  readonly right: TextLine | null
}

/** Above that, two texts are not compared; bytes. */
export const MOST_TEXT_BYTES = 200_000
/** Lines around a change. */
const AROUND = 3
/** A comparison that takes longer is given up: a page that stands still helps nobody. */
const PATIENCE_MS = 1500

/** What is different between two texts; null when they are too different to be compared in time. */
export async function compareTexts(before: string, after: string): Promise<TextPiece[] | null> {
  const { structuredPatch } = await import('diff')
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: AROUND, timeout: PATIENCE_MS })
  return patch === undefined ? null : piecesOf(patch.hunks)
}

/** The hunks of a patch, with the numbers of lines. */
function piecesOf(hunks: readonly Pick<StructuredPatchHunk, 'oldStart' | 'newStart' | 'lines'>[]): TextPiece[] {
  let end = 1
  return hunks.map(({ oldStart, newStart, lines: signed }) => {
    let [before, after] = [oldStart, newStart]
    const skipped = Math.max(0, before - end)
    const lines: TextLine[] = []
    for (const line of signed) {
      const text = line.slice(1)
      if (line.startsWith('-')) lines.push({ op: 'delete', text, before: before++, after: null })
      else if (line.startsWith('+')) lines.push({ op: 'add', text, before: null, after: after++ })
      // A line that begins with a backslash tells that the text has no line end.
      else if (line.startsWith(' ')) lines.push({ op: 'same', text, before: before++, after: after++ })
    }
    end = before
    return { skipped, lines }
  })
}

/** Lines side by side: what went stands beside what came in its place. */
export function pairsOf(lines: readonly TextLine[]): TextPair[] {
  const pairs: TextPair[] = []
  let gone: TextLine[] = []
  let come: TextLine[] = []
  const flush = (): void => {
    for (let index = 0; index < Math.max(gone.length, come.length); index++)
      pairs.push({ left: gone[index] ?? null, right: come[index] ?? null })
    gone = []
    come = []
  }
  for (const line of lines) {
    if (line.op === 'delete') gone.push(line)
    else if (line.op === 'add') come.push(line)
    else {
      flush()
      pairs.push({ left: line, right: line })
    }
  }
  flush()
  return pairs
}

/** Bytes as text; null for what is none. */
export function textOf(bytes: ArrayBuffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\u0000') ? null : text
  } catch {
    return null
  }
}
