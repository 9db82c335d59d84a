/** The calls of hypercore 11, corestore 7, hyperdrive 13 and hyperbee 2 that this room uses; contract tests in test/conformance hold them to it. */
declare module 'hypercore' {
  export interface Manifest {
    readonly version: number
    readonly signers: readonly unknown[]
  }
  export interface CorePeer {
    readonly remotePublicKey: Uint8Array
    readonly remoteLength: number
    readonly remoteContiguousLength: number
    /** True once it said how long its log is. */
    readonly remoteSynced: boolean
    /** True while it is asked nothing: an answer of it did not fit. */
    paused: boolean
  }
  /** Reads of one flush go to RocksDB in one call. Node `2 * index` is the leaf of a block. */
  export interface BlockReader {
    getBlock(index: number): Promise<Uint8Array | null>
    getTreeNode(index: number): Promise<{ readonly index: number; readonly size: number; readonly hash: Uint8Array } | null>
    getUserData(key: string): Promise<Uint8Array | null>
    tryFlush(): void
  }
  /** Writes of one flush are one atomic step. */
  export interface BlockWriter {
    putBlock(index: number, bytes: Uint8Array): void
    deleteBlock(index: number): void
    deleteBlockRange(start: number, end: number): void
    deleteTreeNode(index: number): void
    putUserData(key: string, value: Uint8Array): void
    flush(): Promise<unknown>
  }
  /** The rows of one core in RocksDB. */
  export interface CoreStorageInside {
    read(fork?: number): BlockReader
    write(): BlockWriter
  }
  /** What turns content into stored bytes, in place: `block` begins with room for the padding. */
  export interface EncryptionInside {
    padding(core: Insides, index: number): number
    encrypt(index: number, block: Uint8Array, fork: number, core: Insides): void | Promise<void>
    decrypt(index: number, block: Uint8Array, core: Insides): void | Promise<void>
  }
  /** Undocumented insides, each held by test/conformance/hypercore-insides.test.ts. */
  interface Insides {
    readonly state: {
      readonly signature: Uint8Array | null
      readonly fork: number
      readonly storage: CoreStorageInside
    }
    readonly replicator: { eagerUpgrade: boolean; updateAll(): void }
    readonly verifier: object | null
    readonly bitfield: { get(index: number): boolean; firstSet(position: number): number }
    readonly storage: CoreStorageInside
    /** Takes a block that the tree here can prove: without `nodes` it has to hold the leaf. */
    verify(
      proof: {
        fork: number
        block: { index: number; nodes: never[]; value: Uint8Array }
        hash: null
        seek: null
        upgrade: null
        manifest: null
      },
      from: null,
    ): Promise<boolean>
    setManifest(manifest: unknown): Promise<void>
  }
  export interface Session {
    readonly key: Uint8Array
    readonly id: string
    readonly discoveryKey: Uint8Array
    readonly length: number
    readonly byteLength: number
    readonly contiguousLength: number
    readonly fork: number
    readonly writable: boolean
    readonly opened: boolean
    readonly closing: Promise<void> | null
    readonly manifest: Manifest | null
    readonly keyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array | null } | null
    readonly peers: readonly CorePeer[]
    readonly core: Insides
    readonly encryption: EncryptionInside | null
    readonly state: { readonly encryptionFork: number }
    ready(): Promise<void>
    close(): Promise<void>
    replicate(stream: unknown): unknown
    session(options: { snapshot: boolean }): Session
    get(index: number, options?: { raw?: boolean; wait?: boolean; timeout?: number }): Promise<Uint8Array | null>
    clear(start: number, end: number): Promise<unknown>
    seek(bytes: number): Promise<[number, number] | null>
    has(start: number, end?: number): Promise<boolean>
    append(
      blocks: readonly Uint8Array[],
      options?: { signature?: Uint8Array; writable?: boolean },
    ): Promise<{ length: number; byteLength: number }>
    /** `force`: also a log that is written here. */
    update(options?: { wait?: boolean; force?: boolean }): Promise<boolean>
    download(range: { start: number; end: number } | { blocks: number[] }): { done(): Promise<void>; destroy(): void }
    findingPeers(): () => void
    on(event: 'append' | 'manifest' | 'close' | 'truncate', listener: () => void): void
    on(event: 'download', listener: (index: number, byteLength: number) => void): void
    on(event: 'peer-add' | 'peer-remove', listener: (peer: CorePeer) => void): void
    on(event: 'conflict', listener: (length: number, fork: number) => void): void
    off(event: string, listener: (...values: never[]) => void): void
  }
  const Hypercore: {
    key(manifest: unknown): Uint8Array
    discoveryKey(key: Uint8Array): Uint8Array
    createManifest?(manifest: unknown): unknown
  }
  export default Hypercore
}

declare module 'hypercore-storage' {
  export default class HypercoreStorage {
    constructor(
      dir: string,
      options?: { writeBufferSize?: number; blobGarbageCollectionAgeCutOff?: number; allowBackup?: boolean; id?: Uint8Array },
    )
    readonly rocks: { flush(): Promise<void> }
    readonly db: {
      compactRange(
        start: null,
        end: null,
        options: { blobGarbageCollectionPolicy: number; blobGarbageCollectionAgeCutoff: number; bottommostLevelCompaction: number },
      ): Promise<void>
    }
  }
}

declare module 'corestore' {
  import type { Session } from 'hypercore'
  import type HypercoreStorage from 'hypercore-storage'
  export default class Corestore {
    constructor(storage: string | HypercoreStorage, options?: { readOnly?: boolean; primaryKey?: Uint8Array; unsafe?: boolean })
    readonly storage: HypercoreStorage
    readonly primaryKey: Uint8Array
    ready(): Promise<void>
    close(): Promise<void>
    namespace(name: string | Uint8Array): Corestore
    get(options: {
      key?: Uint8Array
      name?: string
      manifest?: unknown
      keyPair?: unknown
      encryptionKey?: Uint8Array | null
      exclusive?: boolean
      writable?: boolean
      active?: boolean
    }): Session
    replicate(stream: unknown, options?: { live?: boolean }): unknown
  }
}

declare module 'hyperbee' {
  import type { Session } from 'hypercore'
  export interface BeeNode {
    readonly seq: number
    readonly key: string
    readonly value: unknown
  }
  export interface BeeBatch {
    get(key: string, options: { keyEncoding: unknown }): Promise<BeeNode | null>
    put(key: string | Uint8Array, value: unknown, options: { keyEncoding: unknown; valueEncoding?: unknown }): Promise<void>
    del(key: string | Uint8Array, options: { keyEncoding: unknown }): Promise<void>
    flush(): Promise<void>
    close(): Promise<void>
  }
  export default class Hyperbee {
    constructor(
      core: Session,
      options: {
        keyEncoding: unknown
        valueEncoding: unknown
        metadata?: { contentFeed: Uint8Array | null; userData?: Uint8Array | null }
        checkout?: number
        extension?: boolean
        _view?: boolean
      },
    )
    readonly core: Session
    readonly version: number
    ready(): Promise<void>
    close(): Promise<void>
    get(key: string, options: { keyEncoding: unknown }): Promise<BeeNode | null>
    batch(): BeeBatch
    checkout(version: number, options?: { valueEncoding?: unknown }): Hyperbee
    createReadStream(
      range: { gt?: string; gte?: string; lt?: string; lte?: string },
      options: { keyEncoding: unknown },
    ): AsyncIterable<BeeNode>
    getHeader(options?: { wait?: boolean }): Promise<{ metadata: { contentFeed: Uint8Array | null } | null } | null>
  }
}

declare module 'hyperbee/lib/messages.js' {
  const messages: {
    Node: { decode(buffer: Uint8Array): { key: Uint8Array; value: Uint8Array | null; index: Uint8Array } }
    /** The nodes of the tree that a block holds: keys by block, children as pairs of block and place in it. */
    YoloIndex: { decode(buffer: Uint8Array): { levels: { keys: number[]; children: number[] }[] } }
    Header: { encode(header: BeeHeader): Uint8Array; decode(buffer: Uint8Array): BeeHeader }
  }
  /** The first block of a bee. */
  export interface BeeHeader {
    readonly protocol: string
    readonly metadata: { readonly contentFeed: Uint8Array | null; readonly userData?: Uint8Array | null } | null
  }
  export default messages
}

declare module 'hyperdrive' {
  import type Hyperbee from 'hyperbee'
  import type { Manifest, Session } from 'hypercore'
  import type Corestore from 'corestore'
  export default class Hyperdrive {
    constructor(store: Corestore, key?: Uint8Array | null, options?: { encryptionKey?: Uint8Array | null })
    static getContentKey(manifest: Manifest, key: Uint8Array): Uint8Array | null
    readonly db: Hyperbee
    readonly blobs: { readonly core: Session } | null
    readonly key: Uint8Array
    ready(): Promise<void>
    close(): Promise<void>
    getBlobs(): Promise<{ readonly core: Session }>
  }
}

declare module 'sub-encoder' {
  export default class SubEncoder {
    constructor(prefix: string, encoding: string)
    decode(key: Uint8Array): string
  }
}

declare module 'hypercore/lib/messages.js' {
  import type { Encoder } from 'compact-encoding'
  import type { Manifest } from 'hypercore'
  export const manifest: Encoder<Manifest>
}
