/** Counts the keys of a bee's tree by its nodes alone: keys and values are not read. */
import messages from 'hyperbee/lib/messages.js'

/** The nodes that blocks hold, decoded once while they are needed. */
const DECODED = 64

type Levels = readonly { readonly keys: readonly number[]; readonly children: readonly number[] }[]

/** Keys of the tree that ends at `length`; blocks come from `read`. A tree that runs in a circle ends where it meets itself. */
export async function countKeys(length: number, read: (seq: number) => Promise<Uint8Array>): Promise<number> {
  if (length < 2) return 0
  const decoded = new Map<number, Levels>()
  const levelsOf = async (seq: number): Promise<Levels> => {
    const known = decoded.get(seq)
    if (known !== undefined) {
      decoded.delete(seq)
      decoded.set(seq, known)
      return known
    }
    const levels = levelsIn(await read(seq))
    decoded.set(seq, levels)
    for (const oldest of decoded.keys()) {
      if (decoded.size <= DECODED) break
      decoded.delete(oldest)
    }
    return levels
  }
  let keys = 0
  const seen = new Map<number, Set<number>>()
  // Seqs and offsets of nodes that are still to be visited, children in the block of their parent first.
  const nodes: [number, number][] = [[length - 1, 0]]
  for (let node = nodes.pop(); node !== undefined && keys < length; node = nodes.pop()) {
    const [seq, offset] = node
    const offsets = seen.get(seq) ?? new Set()
    if (seq >= length || seq < 1 || offsets.has(offset)) continue
    seen.set(seq, offsets.add(offset))
    const level = (await levelsOf(seq))[offset]
    if (level === undefined) continue
    keys += level.keys.length
    const own: [number, number][] = []
    for (let at = 0; at + 1 < level.children.length; at += 2) {
      const child: [number, number] = [level.children[at] ?? 0, level.children[at + 1] ?? 0]
      if (child[0] === seq) own.push(child)
      else nodes.push(child)
    }
    nodes.push(...own)
  }
  return Math.min(keys, length - 1)
}

function levelsIn(block: Uint8Array): Levels {
  try {
    return messages.YoloIndex.decode(messages.Node.decode(block).index).levels
  } catch {
    return []
  }
}
