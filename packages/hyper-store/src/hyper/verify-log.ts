/** Re-reads all that a log stores: from the writer's signature down its Merkle tree to every block on the disk. */
import type { LogCore } from './log-core.ts'
import { heightOf, insidesOf, isSameNode, leafOf, nodeAbove, readNodes, readStored, type TreeNode } from './log-insides.ts'

/** Something stored that is not what the writer signed. */
export type LogFault =
  /** A block is here and is another one, or is counted as here and gone. */
  | { readonly kind: 'block'; readonly index: number; readonly gone: boolean }
  /** A node of the tree is wrong; `right` is what belongs there. */
  | { readonly kind: 'node'; readonly right: TreeNode }
  /** Nothing tells what belongs below `above`: the blocks `start` to `end` (not included) can't be proved. */
  | { readonly kind: 'branch'; readonly above: TreeNode; readonly start: number; readonly end: number }
  /** The roots of the tree are not what the writer signed. */
  | { readonly kind: 'signature' }

/** What was found in a log. */
export interface LogReport {
  /** Blocks that were read, and their bytes. */
  readonly blocks: number
  readonly bytes: number
  readonly faults: readonly LogFault[]
  /** Faults beyond the limit, which are counted only. */
  readonly more: number
  /** Blocks that are here, and can't be proved alone: the tree beside them went with blocks that were let go. */
  readonly unproved: number
}

/** Subtrees of 2^7 blocks are read in one call. */
const STEP_HEIGHT = 7
/** Blocks that are in memory at once, bytes. */
const STEP_BYTES = 4 * 1024 * 1024
/** Faults that are told one by one. */
const FAULT_LIMIT = 100_000

/** Reads the log as it was signed last; what is appended meanwhile is not looked at. Blocks that were let go are no fault. Changes nothing. */
export async function verifyLog(log: LogCore, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<LogReport> {
  const { state, verifier } = insidesOf(log)
  const walk = new TreeWalk(log, options.signal)
  if (state.length === 0) return walk.report()
  const roots = [...state.roots]
  // Made at once with the roots: it is about the same length.
  const isSigned = verifier === null || verifier.verify(state.createTreeBatch(), state.signature)
  if (!isSigned) {
    walk.note({ kind: 'signature' })
    return walk.report()
  }
  for (const root of roots) await walk.root(root)
  await walk.end()
  return walk.report()
}

class TreeWalk {
  readonly #log: LogCore
  readonly #signal: AbortSignal | undefined
  readonly #faults: LogFault[] = []
  #more = 0
  #unproved = 0
  #blocks = 0
  #bytes = 0
  #leaves: TreeNode[] = []
  #leafBytes = 0

  constructor(log: LogCore, signal: AbortSignal | undefined) {
    this.#log = log
    this.#signal = signal
  }

  report(): LogReport {
    return { blocks: this.#blocks, bytes: this.#bytes, faults: this.#faults, more: this.#more, unproved: this.#unproved }
  }

  note(fault: LogFault): void {
    if (this.#faults.length < FAULT_LIMIT) this.#faults.push(fault)
    else this.#more += 1
  }

  /** A root of the tree is proved by the signature; the node in its place may be damaged all the same. */
  async root(root: TreeNode): Promise<void> {
    const [stored] = await readNodes(this.#log, root.index, root.index)
    if (!isSameNode(stored ?? null, root)) this.note({ kind: 'node', right: root })
    await this.#below(root)
  }

  /** `node` is proved: proves what is below it. */
  async #below(node: TreeNode): Promise<void> {
    this.#signal?.throwIfAborted()
    const height = heightOf(node.index)
    if (height <= STEP_HEIGHT) return this.#step(node, height)
    const half = 2 ** (height - 1)
    const [left] = await readNodes(this.#log, node.index - half, node.index - half)
    const [right] = await readNodes(this.#log, node.index + half, node.index + half)
    for (const child of await this.#children(node, left ?? null, right ?? null)) await this.#below(child)
  }

  async #step(top: TreeNode, topHeight: number): Promise<void> {
    const span = 2 ** topHeight - 1
    const first = top.index - span
    const nodes = await readNodes(this.#log, first, top.index + span)
    const waiting = [top]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node.index % 2 === 0) {
        await this.#leaf(node)
        continue
      }
      const half = 2 ** (heightOf(node.index) - 1)
      const [left, right] = [nodes[node.index - half - first] ?? null, nodes[node.index + half - first] ?? null]
      const children = await this.#children(node, left, right)
      waiting.push(...children.reverse())
    }
  }

  /** The two nodes below a proved one, proved; none when nothing of it is here, or when that can't be. */
  async #children(above: TreeNode, left: TreeNode | null, right: TreeNode | null): Promise<TreeNode[]> {
    const makes = (l: TreeNode | null, r: TreeNode | null) => l !== null && r !== null && isSameNode(nodeAbove(l, r), above)
    if (left !== null && right !== null && makes(left, right)) return [left, right]
    const half = 2 ** (heightOf(above.index) - 1)
    const span = 2 * half - 1
    const [start, end] = [(above.index - span) / 2, (above.index + span) / 2 + 1]
    if (left === null && right === null && this.#held(start, end) === 0) return []
    // One of the two is damaged: what is below it tells what it was.
    const otherLeft = await this.#fromBelow(above.index - half)
    const otherRight = await this.#fromBelow(above.index + half)
    for (const l of [left, otherLeft])
      for (const r of [right, otherRight]) {
        if (l === null || r === null || !makes(l, r)) continue
        if (l !== left) this.note({ kind: 'node', right: l })
        if (r !== right) this.note({ kind: 'node', right: r })
        return [l, r]
      }
    // Nothing contradicts what is there: it went with blocks that were let go (see `AbsentBlocks.clear`).
    if (left === null && right === null && this.#held(start, end) < end - start) this.#unproved += this.#held(start, end)
    else this.note({ kind: 'branch', above, start, end })
    return []
  }

  async #fromBelow(index: number): Promise<TreeNode | null> {
    if (index % 2 === 0) {
      const [block] = await readStored(this.#log, [index / 2])
      return block == null ? null : leafOf(index / 2, block)
    }
    const half = 2 ** (heightOf(index) - 1)
    const [left] = await readNodes(this.#log, index - half, index - half)
    const [right] = await readNodes(this.#log, index + half, index + half)
    return left == null || right == null ? null : nodeAbove(left, right)
  }

  #held(start: number, end: number): number {
    const { bitfield } = insidesOf(this.#log)
    let held = 0
    for (let index = start; index < end; index++) if (bitfield.get(index)) held += 1
    return held
  }

  async #leaf(leaf: TreeNode): Promise<void> {
    if (!insidesOf(this.#log).bitfield.get(leaf.index / 2)) return
    this.#leaves.push(leaf)
    this.#leafBytes += leaf.size
    if (this.#leafBytes >= STEP_BYTES || this.#leaves.length >= 1024) await this.end()
  }

  /** Compares the blocks that were gathered with their leaves. */
  async end(): Promise<void> {
    const leaves = this.#leaves
    this.#leaves = []
    this.#leafBytes = 0
    const blocks = await readStored(
      this.#log,
      leaves.map(({ index }) => index / 2),
    )
    for (const [i, leaf] of leaves.entries()) {
      const block = blocks[i] ?? null
      const index = leaf.index / 2
      if (block === null) {
        // Let go while it was read: no fault.
        if (insidesOf(this.#log).bitfield.get(index)) this.note({ kind: 'block', index, gone: true })
        continue
      }
      this.#blocks += 1
      this.#bytes += block.byteLength
      if (!isSameNode(leafOf(index, block), leaf)) this.note({ kind: 'block', index, gone: false })
    }
  }
}

/** True when hypercore saw two signed histories of the log, and gives out neither. */
export function isFrozen(log: LogCore): boolean {
  return insidesOf(log).header.frozen === true
}
