/** Who looks at which board: passed between the tabs of this store and the stores of a folder, sealed, and never stored. */
import { randomBytes } from 'node:crypto'
import { openPresence, sealPresence } from '../hyper/presence-seal.ts'
import type { PresenceMessage } from '../hyper/replication/messages.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { contentKeyOf } from './drive-set.ts'
import type { KeptFolder } from './kept-folder.ts'

/** Messages that are known by their id, so that none is passed on twice. */
const KNOWN_IDS = 4000
const HOPS = 3
const ID_BYTES = 8

/** Receives presence of a board from other stores. */
export type OnPresence = (folder: KeptFolder, board: string, update: Uint8Array) => void

/** Content keys of a folder's epochs, newest first; one null where content is open. */
function keysOf(folder: KeptFolder): (Uint8Array | null)[] {
  const byEpoch = [...folder.set.all].sort((a, b) => b.listed.epoch - a.listed.epoch)
  const keys = new Set(byEpoch.map(({ listed }) => contentKeyOf(folder.record, listed)))
  return [...keys].map((key) => (key === null ? null : Buffer.from(key, 'hex')))
}

/** Sends, receives and forwards presence. */
export class BoardPresence {
  readonly #replication: Replication
  readonly #onPresence: OnPresence
  readonly #known = new Set<string>()

  constructor(replication: Replication, onPresence: OnPresence) {
    this.#replication = replication
    this.#onPresence = onPresence
  }

  /** Tells the other stores of a folder. */
  send(folder: KeptFolder, board: string, update: Uint8Array): void {
    const [key] = keysOf(folder)
    if (key === undefined) return
    const body = Buffer.from(sealPresence(Buffer.concat([Buffer.from(board, 'hex'), update]), key)).toString('base64')
    const message = { id: randomBytes(ID_BYTES).toString('hex'), hops: HOPS, body }
    this.#isNew(message.id)
    this.#pass(folder, message, null)
  }

  /** Takes what a store said of a folder, and passes it on; who keeps the folder blind only does the latter. */
  take(folder: KeptFolder, from: PeerSession, message: PresenceMessage): void {
    if (!this.#isNew(message.id)) return
    const { id, hops, body } = message
    if (hops > 0) this.#pass(folder, { id, hops: hops - 1, body }, from)
    if (folder.blind) return
    const sealed = Buffer.from(body, 'base64')
    for (const key of keysOf(folder)) {
      const open = openPresence(sealed, key)
      if (open === null) continue
      if (open.byteLength > ID_BYTES)
        this.#onPresence(folder, Buffer.from(open.subarray(0, ID_BYTES)).toString('hex'), open.subarray(ID_BYTES))
      return
    }
  }

  #pass(folder: KeptFolder, message: Omit<PresenceMessage, 'drive'>, except: PeerSession | null): void {
    for (const session of this.#replication.peersOf(folder.shared)) if (session !== except) session.sendPresence(folder.shared, message)
  }

  #isNew(id: string): boolean {
    if (this.#known.has(id)) return false
    this.#known.add(id)
    // The oldest of a set comes first.
    if (this.#known.size > KNOWN_IDS) for (const old of this.#known.values()) return this.#known.delete(old)
    return true
  }
}
