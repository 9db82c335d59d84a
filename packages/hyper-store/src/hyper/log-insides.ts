/** What verifying and repairing need of a log that hypercore does not document. Held by test/conformance/hypercore-repair.test.ts. */
import hypercoreCrypto from 'hypercore-crypto'
import type { LogCore } from './log-core.ts'

/** A node of a log's Merkle tree; node `2 * block` is the leaf of a block. */
export interface TreeNode {
  readonly index: number
  /** Bytes of the blocks below it. */
  readonly size: number
  readonly hash: Uint8Array
}

/** Reads of one flush go to the database in one call. */
interface Reads {
  getBlock(index: number): Promise<Uint8Array | null>
  getTreeNode(index: number): Promise<TreeNode | null>
  tryFlush(): void
}

/** One atomic write. */
interface Writes {
  putTreeNode(node: TreeNode): void
  deleteTreeNodeRange(start: number, end: number): void
  flush(): Promise<unknown>
}

/** The inside of an open log. */
export interface LogInsides {
  readonly state: {
    readonly length: number
    readonly fork: number
    readonly signature: Uint8Array | null
    readonly roots: readonly TreeNode[]
    readonly storage: { read(): Reads; write(): Writes }
    createTreeBatch(): object
  }
  readonly bitfield: { get(index: number): boolean }
  readonly verifier: { verify(batch: object, signature: Uint8Array | null): boolean } | null
  /** Frozen: two signed histories of the log were seen. */
  readonly header: { readonly frozen?: boolean }
}

const crypto = hypercoreCrypto as unknown as {
  parent(left: TreeNode, right: TreeNode): Uint8Array
  tree(roots: readonly TreeNode[]): Uint8Array
}

/** The inside of a log. */
export function insidesOf(log: LogCore): LogInsides {
  return log.raw.core as unknown as LogInsides
}

/** The node above two. */
export function nodeAbove(left: TreeNode, right: TreeNode): TreeNode {
  return { index: (left.index + right.index) / 2, size: left.size + right.size, hash: crypto.parent(left, right) }
}

/** The leaf of a block. */
export function leafOf(index: number, block: Uint8Array): TreeNode {
  return { index: 2 * index, size: block.byteLength, hash: hypercoreCrypto.data(block) }
}

/** The hash of the whole tree, which the writer signs. */
export function treeHash(roots: readonly TreeNode[]): Uint8Array {
  return crypto.tree(roots)
}

/** True for the very same node. */
export function isSameNode(a: TreeNode | null, b: TreeNode): boolean {
  return a !== null && a.index === b.index && a.size === b.size && Buffer.compare(a.hash, b.hash) === 0
}

/** Reads nodes `from` to `to` (included), in one call; null where there is none. */
export async function readNodes(log: LogCore, from: number, to: number): Promise<(TreeNode | null)[]> {
  const reads = insidesOf(log).state.storage.read()
  const nodes = Array.from({ length: to - from + 1 }, async (_, i) => reads.getTreeNode(from + i).catch(() => null))
  reads.tryFlush()
  return Promise.all(nodes)
}

/** Reads stored blocks as they are on disk, past every cache, in one call; null where there is none. */
export async function readStored(log: LogCore, indices: readonly number[]): Promise<(Uint8Array | null)[]> {
  const reads = insidesOf(log).state.storage.read()
  const blocks = indices.map(async (index) => reads.getBlock(index).catch(() => null))
  reads.tryFlush()
  return Promise.all(blocks)
}

/** How many levels of the tree are below a node. */
export function heightOf(index: number): number {
  let height = 0
  for (let rest = index; rest % 2 === 1; rest = (rest - 1) / 2) height += 1
  return height
}
