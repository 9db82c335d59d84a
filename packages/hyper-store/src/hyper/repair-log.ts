/** Puts right what `verifyLog` found. Nothing is taken away before what replaces it is at hand or somebody connected says to have it. */
import type { LogCore } from './log-core.ts'
import { insidesOf, type TreeNode } from './log-insides.ts'

/** Writes the right node of the tree over a damaged one. */
export async function rewriteNode(log: LogCore, right: TreeNode): Promise<void> {
  const writes = insidesOf(log).state.storage.write()
  writes.putTreeNode(right)
  await writes.flush()
}

/**
 * Writes a block over a damaged or missing one, when `content` is what belongs there; false when it is not. One atomic step: cut in the
 * middle, the old block is there still.
 */
export async function refillBlock(log: LogCore, index: number, content: Uint8Array): Promise<boolean> {
  return log.absent.put(index, content).catch(() => false)
}

/** True when somebody connected says to hold these blocks. */
function isOffered(log: LogCore, start: number, end: number): boolean {
  return log.raw.peers.some((peer) => {
    if (peer.remoteContiguousLength >= end) return true
    const { remoteBitfield } = peer as unknown as { remoteBitfield: { get(index: number): boolean } }
    for (let index = start; index < end; index++) if (!remoteBitfield.get(index)) return false
    return true
  })
}

/**
 * Has peers send blocks `start` to `end` (not included) anew, each checked against the tree before it is stored. False when nobody
 * connected has them, or they did not come in time: what was cleared for that comes with the next connection. `above` proves the
 * blocks, where their branch of the tree is damaged: the branch is cut off below it and comes with them.
 */
export async function refetchBlocks(
  log: LogCore,
  range: { readonly start: number; readonly end: number; readonly above?: TreeNode },
  timeoutMs: number,
): Promise<boolean> {
  const { start, end, above } = range
  if (!isOffered(log, start, end)) return false
  const held = Array.from({ length: end - start }, (_, i) => start + i).filter((index) => insidesOf(log).bitfield.get(index))
  if (held.length > 0) await log.clear([{ start, end }])
  if (above !== undefined) await cutBranch(log, above, { start, end })
  const blocks = await Promise.all(
    Array.from({ length: end - start }, async (_, i) => log.raw.get(start + i, { wait: true, timeout: timeoutMs }).catch(() => null)),
  )
  return blocks.every((block) => block !== null)
}

async function cutBranch(log: LogCore, above: TreeNode, { start, end }: { start: number; end: number }): Promise<void> {
  const writes = insidesOf(log).state.storage.write()
  writes.deleteTreeNodeRange(2 * start, 2 * end - 1)
  writes.putTreeNode(above)
  await writes.flush()
}
