/** Asks peers for the signed state of a log and compares it with what is here: two signatures of one writer for one length are a fork. */
import { MerkleTree } from 'hypercore/lib/merkle-tree.js'
import { insidesOf, treeHash, type TreeNode } from './log-insides.ts'
import type { LogCore } from './log-core.ts'
import { encodeDeviceKey } from './transports/identity.ts'

/** What a peer's state of a log turned out to be. */
export interface ComparedHistory {
  /** Device key, z-base-32. */
  readonly device: string
  /** `unknown`: it did not answer, has nothing, or what it sent is not signed by the log's writer. */
  readonly history: 'same' | 'forked' | 'unknown'
}

/** A peer of stock replication; what is used of it is not documented. */
interface StockPeer {
  readonly remotePublicKey: Uint8Array
  readonly remoteLength: number
  readonly remoteFork: number
  readonly wireRequest: { send(request: object): unknown }
  ondata: (data: SentProof) => Promise<unknown> | undefined
}
interface SentProof {
  readonly request: number
  readonly fork: number
  readonly upgrade: { readonly length: number; readonly nodes: readonly TreeNode[] } | null
}

/** Far above the numbers that hypercore gives its own requests. */
let nextRequest = 0x4000_0000

/** Compares with every connected peer of the log, each of which has `timeoutMs` to answer. Changes nothing, here or there. */
export async function compareHistories(log: LogCore, timeoutMs: number): Promise<ComparedHistory[]> {
  return Promise.all(
    log.raw.peers.map(async (known) => {
      const peer = known as unknown as StockPeer
      const history = await compare(log, peer, timeoutMs).catch(() => 'unknown' as const)
      return { device: encodeDeviceKey(peer.remotePublicKey), history }
    }),
  )
}

async function compare(log: LogCore, peer: StockPeer, timeoutMs: number): Promise<ComparedHistory['history']> {
  const { state, verifier } = insidesOf(log)
  const length = Math.min(state.length, peer.remoteLength)
  if (length === 0 || verifier === null || peer.remoteFork !== state.fork) return 'unknown'
  const proof = await ask(peer, { fork: state.fork, length }, timeoutMs)
  if (proof?.upgrade?.length !== length || proof.fork !== state.fork) return 'unknown'
  const whole = { fork: proof.fork, block: null, hash: null, seek: null, upgrade: proof.upgrade, manifest: null }
  const batch = MerkleTree.verifyFullyRemote(state, whole)
  if (!verifier.verify(batch, batch.signature)) return 'unknown'
  const roots = await MerkleTree.getRootsFromStorage(state.storage, length)
  if (roots.includes(null)) return 'unknown'
  const isSame = Buffer.compare(treeHash(roots as TreeNode[]), treeHash(proof.upgrade.nodes)) === 0
  return isSame ? 'same' : 'forked'
}

/** Asks for the proof of the log's first `length` blocks. The answer is caught before hypercore sees it, which knows of no such request. */
async function ask(peer: StockPeer, about: { fork: number; length: number }, timeoutMs: number): Promise<SentProof | null> {
  const id = nextRequest++
  const ondata = peer.ondata.bind(peer)
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<SentProof | null>((resolve) => {
      timer = setTimeout(() => resolve(null), timeoutMs)
      peer.ondata = (data) => {
        if (data.request !== id) return ondata(data)
        resolve(data)
        return undefined
      }
      const upgrade = { start: 0, length: about.length }
      peer.wireRequest.send({ id, fork: about.fork, block: null, hash: null, seek: null, upgrade, manifest: false, priority: 0 })
    })
  } finally {
    clearTimeout(timer)
    // The one on the prototype again.
    delete (peer as Partial<StockPeer>).ondata
  }
}
