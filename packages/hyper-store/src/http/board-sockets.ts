/** Live connections to boards: WebSockets that pages of this store and programs open, with the messages of `board/wire.ts`. */
import { readWire, WIRE, wireJson, wireMessage, wireNumber } from '@hyper-store/client/board'
import { AppError } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import type { WebSocket } from 'ws'
import type { BoardListener, LiveBoard, StoreApi } from '../core/store-api.ts'
import { requireRole, type Auth } from './auth.ts'
import { connectionOf } from './context.ts'
import type { HttpContext, HttpEnv } from './context.ts'
import { answerOf } from './error-reply.ts'

const PATH = '/api/v1/folders/:folder/boards/:board/live'
/** Most connections at a time. */
const MOST_SOCKETS = 256
const PING_MS = 15_000
/** Who holds what is told at most so often. */
const HOLDERS_MS = 500
/** A client that does not read is cut off when so much waits for it. */
const MOST_WAITING = 8 * 1024 * 1024

/** Why a socket was closed, for the client. */
const CLOSE = { malformed: 4400, right: 4401, gone: 4404, slow: 4408, full: 4429 } as const

/** Mounts the address; the server upgrades what `connection.upgrade` was called for. */
export function mountBoardSockets(app: Hono<HttpEnv>, parts: { store: StoreApi; auth: Auth; onDefect: (error: unknown) => void }): void {
  const { store, auth, onDefect } = parts
  const sockets = new Set<WebSocket>()
  app.get(PATH, async (c) => {
    const { upgrade } = connectionOf(c)
    if (upgrade === undefined) throw new AppError('BAD_REQUEST', { reason: 'this address is for WebSockets' })
    requireRole((await auth.identify(c)).caller, 'reader')
    if (sockets.size >= MOST_SOCKETS) throw new AppError('BAD_REQUEST', { reason: 'too many boards are open; close some pages' })
    const { folder, board } = { folder: c.req.param('folder'), board: c.req.param('board') }
    // What can't be opened is an answer, not a socket that ends at once.
    const held: { socket: BoardSocket | null } = { socket: null }
    const listener: BoardListener = {
      onUpdate: (update) => held.socket?.send(wireMessage(WIRE.update, update)),
      onPresence: (update) => held.socket?.send(wireMessage(WIRE.presence, update)),
      onSaved: () => held.socket?.holdersSoon(),
      onEnd: () => held.socket?.end(CLOSE.gone),
    }
    const live = await store.boards.open(folder, board, { mayWrite: await mayWrite(auth, c), listener })
    const taken = upgrade((ws) => {
      sockets.add(ws)
      ws.once('close', () => sockets.delete(ws))
      held.socket = new BoardSocket(ws, live, { isAllowed: async () => isAllowed(auth, c), onDefect })
    })
    if (!taken) live.close()
    return new Response(null, { status: 204 })
  })
}

/** An owner writes; a page that needs no right to look, on an open network, does not. */
async function mayWrite(auth: Auth, c: HttpContext): Promise<boolean> {
  const { caller, proof } = await auth.identify(c)
  return caller?.role === 'owner' && proof !== 'open'
}

/** Whether the right with which it was opened still stands. */
async function isAllowed(auth: Auth, c: HttpContext): Promise<{ look: boolean; write: boolean }> {
  const { caller } = await auth.identify(c)
  return { look: caller !== null, write: await mayWrite(auth, c) }
}

/** One socket. */
class BoardSocket {
  readonly #ws: WebSocket
  readonly #live: LiveBoard
  readonly #o: { readonly isAllowed: () => Promise<{ look: boolean; write: boolean }>; readonly onDefect: (error: unknown) => void }
  readonly #ping: NodeJS.Timeout
  #holders: NodeJS.Timeout | null = null
  #heard = true
  #saved = 0

  constructor(
    ws: WebSocket,
    live: LiveBoard,
    options: { isAllowed: () => Promise<{ look: boolean; write: boolean }>; onDefect: (error: unknown) => void },
  ) {
    this.#ws = ws
    this.#live = live
    this.#o = options
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      this.#heard = true
      if (isBinary) this.#take(new Uint8Array(data))
      else this.end(CLOSE.malformed)
    })
    ws.on('pong', () => (this.#heard = true))
    ws.on('error', () => ws.terminate())
    ws.once('close', () => this.#closed())
    this.#ping = setInterval(() => void this.#beat(), PING_MS)
    this.send(wireMessage(WIRE.state, live.stateVector()))
    void this.#sendHolders()
  }

  send(message: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (this.#ws.bufferedAmount > MOST_WAITING) this.end(CLOSE.slow)
    else this.#ws.send(message)
  }

  /** Tells who holds what, now or half a second after the last time. */
  holdersSoon(): void {
    this.#holders ??= setTimeout(() => {
      this.#holders = null
      void this.#sendHolders()
    }, HOLDERS_MS)
  }

  end(code: number): void {
    this.#ws.close(code)
  }

  #take(message: Uint8Array): void {
    const read = readWire(message)
    if (read === null) {
      this.end(CLOSE.malformed)
      return
    }
    const { kind, body } = read
    try {
      if (kind === WIRE.state) this.send(wireMessage(WIRE.update, this.#live.missing(body)))
      else if (kind === WIRE.presence) this.#live.present(body)
      else if (kind === WIRE.update) void this.#write(body)
      else this.end(CLOSE.malformed)
    } catch (error) {
      this.#refuse(error)
    }
  }

  async #write(body: Uint8Array): Promise<void> {
    const number = wireNumber(body)
    if (number === null) {
      this.end(CLOSE.malformed)
      return
    }
    try {
      await this.#live.apply(body.subarray(4))
      // Writing goes in order: what came before is written too.
      if (number > this.#saved) this.#saved = number
      const said = new Uint8Array(4)
      new DataView(said.buffer).setUint32(0, this.#saved)
      this.send(wireMessage(WIRE.saved, said))
      this.holdersSoon()
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    const answer = answerOf(error)
    if (answer.defect) this.#o.onDefect(error)
    this.send(wireJson(WIRE.refused, answer.body.error))
  }

  async #sendHolders(): Promise<void> {
    try {
      const number = this.#saved
      this.send(wireJson(WIRE.holders, { ...(await this.#live.saved()), number }))
    } catch (error) {
      this.#refuse(error)
    }
  }

  async #beat(): Promise<void> {
    if (!this.#heard) {
      this.#ws.terminate()
      return
    }
    this.#heard = false
    this.#ws.ping()
    const now = await this.#o.isAllowed().catch(() => ({ look: false, write: false }))
    // Who comes again is given what it may now.
    if (!now.look || (this.#live.writable && !now.write)) this.end(CLOSE.right)
  }

  #closed(): void {
    clearInterval(this.#ping)
    if (this.#holders !== null) clearTimeout(this.#holders)
    this.#live.close()
  }
}
