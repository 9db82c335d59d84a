/** Carets of others in a note: what they say of themselves is checked before the editor believes it. */
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { BoardLink } from './connection.ts'

const MOST_NAME = 60

/** A caret as it is told: two places in the document, as Yjs writes them. */
interface Caret {
  readonly anchor: unknown
  readonly head: unknown
}

/**
 * An awareness for the editor alone: the caret of this person goes on to the board's, those of others come from it when they are such.
 * `close` ends it.
 */
export class Carets {
  readonly awareness: Awareness
  readonly #board: BoardLink

  constructor(board: BoardLink) {
    this.#board = board
    this.awareness = new Awareness(board.doc)
    this.awareness.setLocalState({ user: {} })
    this.awareness.on('update', this.#tell)
    board.awareness.on('change', this.#hear)
    this.#hear()
  }

  close(): void {
    const { awareness } = this.#board
    this.#board.awareness.off('change', this.#hear)
    this.awareness.off('update', this.#tell)
    if (awareness.getLocalState() !== null) awareness.setLocalStateField('cursor', null)
    this.awareness.destroy()
  }

  readonly #tell = (_: unknown, origin: unknown): void => {
    const { awareness } = this.#board
    if (origin !== 'local' || awareness.getLocalState() === null) return
    awareness.setLocalStateField('cursor', this.awareness.getLocalState()?.['cursor'] ?? null)
  }

  readonly #hear = (): void => {
    const { awareness, doc } = this.#board
    const own = doc.clientID
    const before = [...this.awareness.states.keys()].filter((client) => client !== own)
    for (const client of before) this.awareness.states.delete(client)
    for (const [client, state] of awareness.getStates()) {
      const cursor = client === own ? null : readCaret(state['cursor'])
      const name = state['name']
      if (cursor === null || typeof name !== 'string') continue
      const hue = typeof state['hue'] === 'number' ? (Math.abs(Math.trunc(state['hue'])) % 8) + 1 : 1
      this.awareness.states.set(client, { cursor, user: { name: name.slice(0, MOST_NAME), hue } })
    }
    const after = [...this.awareness.states.keys()].filter((client) => client !== own)
    if (before.length + after.length > 0) this.awareness.emit('change', [{ added: [], updated: after, removed: before }, 'board'])
  }
}

/** A caret that came from outside; null for what is none. */
function readCaret(value: unknown): Caret | null {
  if (typeof value !== 'object' || value === null) return null
  const { anchor, head } = value as Record<string, unknown>
  try {
    for (const place of [anchor, head]) Y.encodeRelativePosition(Y.createRelativePositionFromJSON(place))
    return { anchor, head }
  } catch {
    return null
  }
}

/** The mark of a caret. */
export function caretMark(user: { readonly name?: unknown; readonly hue?: unknown }): HTMLElement {
  const mark = document.createElement('span')
  mark.className = 'caret'
  mark.dataset['hue'] = typeof user.hue === 'number' ? String(user.hue) : '1'
  const name = document.createElement('span')
  name.textContent = typeof user.name === 'string' ? user.name : ''
  mark.append(name)
  return mark
}
