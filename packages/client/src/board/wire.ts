/**
 * What a page and its store say to each other about one board, over the WebSocket
 * `/api/v1/folders/:folder/boards/:board/live`: binary messages, a byte of kind, then the rest.
 * The store speaks first (`state`), the client answers with `state` and with what the store lacks (`update`).
 */

/** Kinds of messages. */
export const WIRE = {
  /** Both: a Yjs state vector, "send me what I lack". */
  state: 0,
  /** Client: four bytes of number (big-endian), then a Yjs update. Store: a Yjs update. */
  update: 1,
  /** Both: an update of y-protocols awareness. */
  presence: 2,
  /** Store: four bytes, the number of the newest update of this client that is written to the log. */
  saved: 3,
  /** Store: JSON `BoardSaved` with `number`, that of the last `saved` before; whenever it changes, at most twice a second. */
  holders: 4,
  /** Store: JSON `{code, message}`; the update with that number, or all when the right to write ended, was not taken. */
  refused: 5,
} as const
export type WireKind = (typeof WIRE)[keyof typeof WIRE]

/** Longest message, in bytes. */
export const WIRE_LIMIT = 4 * 1024 * 1024

/** A message of a kind. */
export function wireMessage(kind: WireKind, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + body.byteLength)
  message[0] = kind
  message.set(body, 1)
  return message
}

/** A client's update with its number. */
export function wireUpdate(number: number, update: Uint8Array): Uint8Array {
  const body = new Uint8Array(4 + update.byteLength)
  new DataView(body.buffer).setUint32(0, number)
  body.set(update, 4)
  return wireMessage(WIRE.update, body)
}

/** The number at the start of a body; null when it is too short. */
export function wireNumber(body: Uint8Array): number | null {
  return body.byteLength < 4 ? null : new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0)
}

/** A JSON message. */
export function wireJson(kind: WireKind, value: unknown): Uint8Array {
  return wireMessage(kind, new TextEncoder().encode(JSON.stringify(value)))
}

/** Kind and body of a message; null for one that is empty, too long or of an unknown kind. */
export function readWire(message: Uint8Array): { readonly kind: WireKind; readonly body: Uint8Array } | null {
  const kind = message[0]
  if (kind === undefined || message.byteLength > WIRE_LIMIT || kind > WIRE.refused) return null
  return { kind: kind as WireKind, body: message.subarray(1) }
}
