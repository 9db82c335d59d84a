/** The store as its HTTP room sees it: implemented by service/, spoken to by http/. Errors are AppErrors of the contract. */
import type * as contract from '@hyper-store/client/contract'

/** Who calls. `local` holds the token file of the home; devices come with their key. */
export interface Caller {
  readonly role: contract.Role
  readonly deviceKey: string | null
  readonly local: boolean
}

/** One file or folder of a kept drive at a version, for the gateway and file commands. */
export type DriveNode =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly size: number
      readonly mtimeMs: number
      readonly executable: boolean
      /** Changes with the content. */ readonly etag: string
      /** The content, or bytes `start` up to but not including `end`. NO_PEER when nobody who is on has it. */
      read(range?: { start: number; end: number }, options?: { signal?: AbortSignal }): AsyncIterable<Uint8Array>
    }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string; readonly mtimeMs: number }
  | { readonly kind: 'folder'; readonly path: string }

/** Reads what the store keeps, by link. Waits a bounded time for content that is not here yet (NO_PEER after that). */
export interface DriveReader {
  readonly key: string
  readonly version: number
  /** True for an encrypted folder: it is served to callers with a right only. */
  readonly private: boolean
  /** `path` without leading slash, '' is the root. Null when nothing is there. */
  stat(path: string): Promise<DriveNode | null>
  /** Children of a folder, by name. */
  list(path: string): AsyncIterable<DriveNode & { readonly name: string }>
}

/** Operations of a store. `ref` is a key, link, path or unique title. */
export interface StoreApi {
  info(caller: Caller | null): Promise<contract.StoreInfo>
  listFolders(caller: Caller): Promise<contract.Item[]>
  addFolder(caller: Caller, request: contract.AddFolder): Promise<contract.Item>
  getFolder(caller: Caller, ref: string): Promise<contract.Item>
  removeFolder(caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void>
  pauseFolder(caller: Caller, ref: string): Promise<contract.Item>
  resumeFolder(caller: Caller, ref: string, options: { confirm: boolean }): Promise<contract.Item>
  rescanFolder(caller: Caller, ref: string): Promise<contract.Item>
  ignoreReport(caller: Caller, ref: string, test: string | null): Promise<contract.IgnoreReport>
  listProviders(): Promise<contract.Provider[]>
  getProvider(name: string): Promise<contract.Provider>
  setProvider(name: string, target: string): Promise<contract.Provider>
  unsetProvider(name: string): Promise<void>
  /** Sends a request on to a provider's API and gives its answer as it came. `path` begins with /api/v1/. */
  callProvider(
    name: string,
    request: { method: string; path: string; body: Uint8Array | null; accept: string | null; signal: AbortSignal },
  ): Promise<{ status: number; headers: Record<string, string>; body: ReadableStream<Uint8Array> | null }>
  listDevices(): Promise<contract.Device[]>
  renameDevice(device: string, name: string): Promise<contract.Device>
  revokeDevice(device: string): Promise<void>
  createPair(request: { role: contract.Role; expiresS: number }): Promise<contract.PairCode>
  redeemPair(request: contract.RedeemCode, from: string): Promise<contract.Right>
  /** Identity and keys, sealed. FORBIDDEN unless the caller is local. */
  createBackup(caller: Caller, passphrase: string): Promise<contract.Backup>
  doctor(): Promise<contract.Check[]>
  stop(): Promise<void>
  /** Events from now on; ends when `signal` aborts. A slow listener is cut off, never buffered without limit. */
  events(options: { folder: string | null; signal: AbortSignal }): AsyncIterable<contract.StoreEvent>
  /** Who a bearer token belongs to; null when nobody. Compares in constant time. */
  callerOfToken(token: string): Promise<Caller | null>
  /** Caller of an authenticated device key; null when it has no right. */
  callerOfDevice(deviceKey: string): Promise<Caller | null>
  /** Null when the key is not kept here (404). `version` null means newest. */
  openDrive(key: string, version: number | null): Promise<DriveReader | null>
  /** Text lines for /metrics. */
  metrics(): Promise<
    { name: string; help: string; type: 'gauge' | 'counter'; values: { labels: Record<string, string>; value: number }[] }[]
  >
}
