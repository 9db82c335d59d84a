/** The part of hypercore's Merkle tree that comparing histories needs; held by test/conformance/hypercore-repair.test.ts. */
declare module 'hypercore/lib/merkle-tree.js' {
  interface TreeNode {
    readonly index: number
    readonly size: number
    readonly hash: Uint8Array
  }
  export const MerkleTree: {
    /** Takes a proof of a whole log on its own; throws when its nodes don't fit together. Its signature is not checked. */
    verifyFullyRemote(state: object, proof: object): { readonly signature: Uint8Array | null }
    getRootsFromStorage(storage: object, length: number): Promise<(TreeNode | null)[]>
  }
}
