/** Blocks of a board log: one device's updates of all boards of a folder, in the order in which it wrote them. */

/** Format of blocks that this program writes. */
const FORMAT = 1
const KINDS = ['update', 'snapshot'] as const
const HEADER_BYTES = 16
const ID_BYTES = 8

/** Most bytes of one block's content; what is longer was not written by a board. */
export const BOARD_BLOCK_LIMIT = 2 * 1024 * 1024

/** What one block says. */
export interface BoardBlock {
  /** `snapshot`: all of the board as its writer had it, as an update too. */
  readonly kind: (typeof KINDS)[number]
  /** Id of the board, 16 hex characters. */
  readonly board: string
  /** When it was written, by the writer's clock, milliseconds since 1970. */
  readonly at: number
  /** A Yjs update. */
  readonly update: Uint8Array
}

/** The bytes of a block: format, kind, eight bytes of id, six of time, then the update. */
export function encodeBoardBlock(block: BoardBlock): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + block.update.byteLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = FORMAT
  bytes[1] = KINDS.indexOf(block.kind)
  for (let i = 0; i < ID_BYTES; i++) bytes[2 + i] = Number.parseInt(block.board.slice(2 * i, 2 * i + 2), 16)
  view.setUint16(10, Math.floor(block.at / 2 ** 32))
  view.setUint32(12, block.at % 2 ** 32)
  bytes.set(block.update, HEADER_BYTES)
  return bytes
}

/** A block that was read; or why it is none, in one sentence. */
export function decodeBoardBlock(bytes: Uint8Array): BoardBlock | { readonly reason: string } {
  if (bytes.byteLength < HEADER_BYTES) return { reason: 'a block is too short' }
  if (bytes[0] !== FORMAT) return { reason: `a block is of format ${bytes[0]}, which this version does not read` }
  const kind = KINDS[bytes[1] ?? KINDS.length]
  if (kind === undefined) return { reason: 'a block is of an unknown kind' }
  if (bytes.byteLength - HEADER_BYTES > BOARD_BLOCK_LIMIT) return { reason: 'a block is larger than 2 MiB' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let board = ''
  for (let i = 0; i < ID_BYTES; i++) board += (bytes[2 + i] ?? 0).toString(16).padStart(2, '0')
  return { kind, board, at: view.getUint16(10) * 2 ** 32 + view.getUint32(12), update: bytes.subarray(HEADER_BYTES) }
}
