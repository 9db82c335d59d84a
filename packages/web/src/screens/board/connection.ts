/** The live connection of one board: a document of this tab's own, which comes together with the store's whenever that is there. */
import { cardsOf, connectorsOf, metaOf, readWire, WIRE, wireMessage, wireNumber, wireUpdate } from '@hyper-store/client/board'
import type { BoardSaved } from '@hyper-store/client'
import { IndexeddbPersistence } from 'y-indexeddb'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { ySyncPluginKey } from 'y-prosemirror'
import * as Y from 'yjs'

/** Marks edits of this person: what undo takes back. */
const OWN_EDIT = Symbol('an edit of this person')

const FIRST_RETRY_MS = 300
const LONGEST_RETRY_MS = 10_000
/** An update without content has this length. */
const EMPTY_BYTES = 2
/** The store closed with one of these: nothing is to be gained by asking again at once. */
const GONE = 4404

/** What is known of a connection. */
export interface ConnectionState {
  /** The document was here once: from the store, or from this browser. */
  readonly isLoaded: boolean
  readonly isConnected: boolean
  /** Edits that no store has said to have written. */
  readonly unsaved: number
  /** Who holds what, as the store said last. */
  readonly saved: BoardSaved | null
  /** It was said with all edits of this tab in mind. */
  readonly isTold: boolean
  /** Why the store took an edit not; null while it takes them. */
  readonly refused: string | null
  readonly isGone: boolean
}

/** What a tab tells of itself. */
export interface Presence {
  readonly name: string
  readonly hue: number
  readonly pointer?: readonly [number, number] | null
  readonly selected?: readonly string[]
  /** Cards that are being dragged, and where they are now. */
  readonly drag?: Readonly<Record<string, readonly [number, number]>> | null
  /** What is in the middle of their window, and how large. */
  readonly view?: readonly [x: number, y: number, zoom: number] | null
}

/** What the surface works with: a document, who is here, and a way to change it. */
export interface BoardLink {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly undo: Y.UndoManager
  readonly state: ConnectionState
  readonly subscribe: (listener: () => void) => () => void
  /** Changes the document as one step that undo takes back. */
  edit<Result>(change: (doc: Y.Doc) => Result): Result
}

/** One open board. `close` ends it. */
export class BoardConnection implements BoardLink {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly undo: Y.UndoManager
  readonly #url: string
  readonly #kept: IndexeddbPersistence | null
  readonly #listeners = new Set<() => void>()
  #socket: WebSocket | null = null
  #retry: ReturnType<typeof setTimeout> | null = null
  #wait = FIRST_RETRY_MS
  #made = 0
  /** Number of the newest edit that was sent over this socket; 0 for none. */
  #sent = 0
  #state: ConnectionState = { isLoaded: false, isConnected: false, unsaved: 0, saved: null, isTold: false, refused: null, isGone: false }
  #closed = false

  constructor(folder: string, board: string) {
    const path = `/api/v1/folders/${encodeURIComponent(folder)}/boards/${encodeURIComponent(board)}/live`
    this.#url = `${location.origin.replace(/^http/, 'ws')}${path}`
    this.undo = new Y.UndoManager([cardsOf(this.doc), connectorsOf(this.doc), metaOf(this.doc)], {
      trackedOrigins: new Set([OWN_EDIT, ySyncPluginKey]),
      captureTimeout: 400,
    })
    this.doc.on('update', this.#onUpdate)
    this.awareness.on('update', this.#onAwareness)
    this.#kept = keptIn(`hyper-store-board/${folder}/${board}`, this.doc)
    if (this.#kept !== null)
      void this.#kept.whenSynced.then(() => {
        if (metaOf(this.doc).size > 0) this.#set({ isLoaded: true })
      })
    addEventListener('online', this.#now)
    document.addEventListener('visibilitychange', this.#now)
    this.#connect()
  }

  get state(): ConnectionState {
    return this.#state
  }
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  edit<Result>(change: (doc: Y.Doc) => Result): Result {
    // Two deeds that follow each other quickly are two all the same.
    this.undo.stopCapturing()
    return this.doc.transact(() => change(this.doc), OWN_EDIT)
  }

  /** True for changes that came from the store. */
  isFromStore(origin: unknown): boolean {
    return origin === this
  }
  /** True for changes that this browser kept from last time. */
  isKept(origin: unknown): boolean {
    return origin === this.#kept && origin !== null
  }

  close(): void {
    this.#closed = true
    removeEventListener('online', this.#now)
    document.removeEventListener('visibilitychange', this.#now)
    if (this.#retry !== null) clearTimeout(this.#retry)
    removeAwarenessStates(this.awareness, [this.doc.clientID], 'closed')
    this.#socket?.close()
    this.#kept?.destroy()
    this.undo.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }

  readonly #now = (): void => {
    if (document.visibilityState === 'hidden' || this.#socket !== null || this.#closed) return
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#connect()
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || origin === this.#kept) return
    this.#made++
    this.#set({ unsaved: this.#state.unsaved + 1, isTold: false })
    if (!this.#state.isConnected) return
    this.#sent = this.#made
    this.#send(wireUpdate(this.#made, update))
  }

  readonly #onAwareness = (
    { added, updated, removed }: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown,
  ): void => {
    const own = this.doc.clientID
    if (origin !== this) this.#send(wireMessage(WIRE.presence, encodeAwarenessUpdate(this.awareness, [...added, ...updated, ...removed])))
    // Who is new does not know us yet.
    else if (added.some((id) => id !== own) && this.awareness.getLocalState() !== null)
      this.#send(wireMessage(WIRE.presence, encodeAwarenessUpdate(this.awareness, [own])))
  }

  #connect(): void {
    this.#retry = null
    const socket = new WebSocket(this.#url)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.data instanceof ArrayBuffer) this.#take(new Uint8Array(event.data))
    })
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket !== socket) return
      this.#socket = null
      const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.doc.clientID)
      removeAwarenessStates(this.awareness, others, this)
      this.#set({ isConnected: false, isGone: code === GONE })
      if (this.#closed) return
      this.#retry = setTimeout(() => this.#connect(), this.#wait)
      this.#wait = Math.min(this.#wait * 2, LONGEST_RETRY_MS)
    })
  }

  #take(message: Uint8Array): void {
    const read = readWire(message)
    if (read === null) return
    const { kind, body } = read
    if (kind === WIRE.state) this.#greet(body)
    else if (kind === WIRE.update) {
      Y.applyUpdate(this.doc, body, this)
      if (!this.#state.isLoaded) this.#set({ isLoaded: true })
    } else if (kind === WIRE.presence) applyAwarenessUpdate(this.awareness, body, this)
    else if (kind === WIRE.saved) {
      const number = wireNumber(body) ?? 0
      this.#set({ unsaved: Math.max(0, this.#made - number), refused: null })
    } else if (kind === WIRE.holders) {
      const saved = jsonOf(body) as (BoardSaved & { number: number }) | null
      this.#set({ saved, isTold: saved !== null && saved.number >= this.#sent })
    } else {
      const refused = jsonOf(body) as { message?: unknown } | null
      this.#set({ refused: typeof refused?.message === 'string' ? refused.message : '' })
    }
  }

  /** The store said what it has: it is sent what it lacks, and asked for what this tab lacks. */
  #greet(theirs: Uint8Array): void {
    this.#wait = FIRST_RETRY_MS
    this.#set({ isConnected: true, isGone: false, isTold: false, refused: null })
    this.#sent = 0
    this.#send(wireMessage(WIRE.state, Y.encodeStateVector(this.doc)))
    const missing = Y.encodeStateAsUpdate(this.doc, theirs)
    if (missing.byteLength > EMPTY_BYTES) {
      this.#made++
      this.#sent = this.#made
      this.#set({ unsaved: Math.max(1, this.#state.unsaved) })
      this.#send(wireUpdate(this.#made, missing))
    }
    if (this.awareness.getLocalState() !== null)
      this.#send(wireMessage(WIRE.presence, encodeAwarenessUpdate(this.awareness, [this.doc.clientID])))
  }

  #send(message: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message as Uint8Array<ArrayBuffer>)
  }

  #set(change: Partial<ConnectionState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** Where the document is kept in this browser, so that edits outlive a tab that is closed while the store is away; null where that is not possible. */
function keptIn(name: string, doc: Y.Doc): IndexeddbPersistence | null {
  try {
    return new IndexeddbPersistence(name, doc)
  } catch {
    return null
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return null
  }
}
