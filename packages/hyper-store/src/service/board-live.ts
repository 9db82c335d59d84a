/** One live connection of a page or program to a board. */
import { encodeStateAsUpdate, encodeStateVector } from 'yjs'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { AppError, type BoardSaved } from '@hyper-store/client/contract'
import type { BoardRoom } from '../board/room.ts'
import type { BoardListener, LiveBoard } from '../core/store-api.ts'

/** A connection, as the others see it. */
export interface LiveRoom {
  readonly listener: BoardListener
}

/** Most clients of one connection whose presence is ended with it. */
const MOST_CLIENTS = 16

/** Clients and their clocks in an update of y-protocols awareness; none for bytes that are no such update. */
function clientsOf(update: Uint8Array): Map<number, number> {
  const clients = new Map<number, number>()
  try {
    const decoder = decoding.createDecoder(update)
    const count = decoding.readVarUint(decoder)
    for (let i = 0; i < count && i < MOST_CLIENTS; i++) {
      const client = decoding.readVarUint(decoder)
      clients.set(client, decoding.readVarUint(decoder))
      decoding.readVarString(decoder)
    }
  } catch {
    return new Map()
  }
  return clients
}

/** The update that says that these clients are gone. */
function goneUpdate(clients: ReadonlyMap<number, number>): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clients.size)
  for (const [client, clock] of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock + 1)
    encoding.writeVarString(encoder, 'null')
  }
  return encoding.toUint8Array(encoder)
}

/** Opens a connection; `others` are those of the same board in this store, it is put among them. `refuse` throws why nothing may be written. */
export function openLive(options: {
  readonly room: BoardRoom
  readonly listener: BoardListener
  readonly others: Set<LiveRoom>
  readonly refuse: () => void
  readonly present: (update: Uint8Array) => void
  readonly saved: () => BoardSaved
}): LiveBoard {
  const { room, listener, others, refuse, saved } = options
  const self: LiveRoom = { listener }
  const clients = new Map<number, number>()
  const stop = room.listen(listener)
  let closed = false
  others.add(self)

  const present = (update: Uint8Array) => {
    for (const other of others) if (other !== self) other.listener.onPresence(update)
    options.present(update)
  }
  return {
    get writable() {
      try {
        refuse()
        return true
      } catch {
        return false
      }
    },
    stateVector: () => encodeStateVector(room.doc),
    missing(stateVector) {
      try {
        return encodeStateAsUpdate(room.doc, stateVector ?? undefined)
      } catch (error) {
        throw new AppError('BAD_REQUEST', { reason: 'a state vector does not parse' }, { cause: error })
      }
    },
    async apply(update) {
      refuse()
      await room.write(update, listener)
    },
    present(update) {
      if (closed) return
      const told = clientsOf(update)
      if (told.size === 0) return
      for (const [client, clock] of told) if (clients.has(client) || clients.size < MOST_CLIENTS) clients.set(client, clock)
      present(update)
    },
    saved: async () => saved(),
    close() {
      if (closed) return
      closed = true
      stop()
      others.delete(self)
      if (clients.size > 0) present(goneUpdate(clients))
    },
  }
}
