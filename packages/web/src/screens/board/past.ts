/** A board as it was: a document that nobody changes, for the same surface as the board of now. */
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { BoardLink, ConnectionState } from './connection.ts'

const STATE: ConnectionState = { isLoaded: true, isConnected: true, unsaved: 0, saved: null, isTold: false, refused: null, isGone: false }

/** A document of the past; `close` ends it. */
export class PastLink implements BoardLink {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly undo = new Y.UndoManager(this.doc.getMap('cards'))
  readonly state = STATE
  readonly subscribe = (): (() => void) => () => undefined

  /** `state`: the document as a Yjs update, in base64. */
  constructor(state: string) {
    Y.applyUpdate(
      this.doc,
      Uint8Array.from(atob(state), (char) => char.codePointAt(0) ?? 0),
    )
  }

  /** What is past does not change: the change is made to a copy that nobody sees. */
  edit<Result>(change: (doc: Y.Doc) => Result): Result {
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc))
    return change(copy)
  }

  close(): void {
    this.undo.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }
}
