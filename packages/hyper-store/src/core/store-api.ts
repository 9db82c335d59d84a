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
  /** True when the number of a version may come to mean another state: what a device wrote off line takes its place by time. Default false. */
  readonly renumbered?: boolean
  /** True for an encrypted folder: it is served to callers with a right only. */
  readonly private: boolean
  /** `path` without leading slash, '' is the root. Null when nothing is there. */
  stat(path: string): Promise<DriveNode | null>
  /** Children of a folder, by name. */
  list(path: string): AsyncIterable<DriveNode & { readonly name: string }>
}

/** What something kept is, without looking into it. */
export interface KeptKind {
  readonly kind: contract.Item['kind']
  /** True when it is encrypted: it is served to callers with a right only. */
  readonly private: boolean
  /** True for a folder with members. */
  readonly shared: boolean
}

/** Members, invites and joins. `ref` as in StoreApi. */
export interface SharingApi {
  members(ref: string): Promise<contract.Members>
  /** Throws UNKNOWN_MEMBER, FORBIDDEN, LAST_OWNER. */
  changeMember(ref: string, member: string, role: contract.MemberRole): Promise<contract.Members>
  /** `member`: id, name or device key. A private folder gets a new epoch. Throws as changeMember. */
  removeMember(ref: string, member: string): Promise<contract.Members>
  /** Makes a plain folder a shared one first. Throws FORBIDDEN. */
  createInvite(ref: string, request: contract.CreateInvite): Promise<contract.Invite>
  cancelInvite(ref: string, invite: string): Promise<void>
  approve(ref: string, request: string): Promise<contract.Members>
  refuse(ref: string, request: string): Promise<contract.Members>
  /** Begins to join, or goes on with the same code. Throws BAD_INVITE, ALREADY_KEPT, FOLDER_NOT_EMPTY and those of adding. */
  join(request: contract.JoinFolder): Promise<contract.Join>
  joins(): Promise<contract.Join[]>
  getJoin(id: string): Promise<contract.Join>
  cancelJoin(id: string): Promise<void>
}

/** Conflicts of a folder. */
export interface ConflictsApi {
  list(ref: string): Promise<contract.Conflict[]>
  /** `path` is the file or its copy. Gives what is left. Throws NOT_FOUND, FORBIDDEN. */
  settle(ref: string, path: string, keep: 'mine' | 'theirs' | 'both'): Promise<contract.Conflict[]>
}

/** Versions, differences, restoring, and the trash of this device. */
export interface HistoryApi {
  history(ref: string, query: { path: string | null; limit: number; before: number | null }): Promise<contract.History>
  /** `from` and `to` are version numbers or moments as text; null: the newest. Throws UNKNOWN_VERSION. */
  diff(ref: string, query: { from: string; to: string | null; path: string | null }): Promise<contract.Diff>
  /** Throws UNKNOWN_VERSION, VERSION_GONE, NOT_FOUND, FORBIDDEN. */
  restore(ref: string, request: contract.RestoreFolder): Promise<contract.Restored>
  trash(ref: string): Promise<contract.TrashItem[]>
  restoreTrash(ref: string, ids: readonly string[]): Promise<contract.RestoredTrash>
  emptyTrash(ref: string, options: { olderThanDays: number }): Promise<contract.EmptiedTrash>
}

/** What the store occupies, how much of it is let go, and whether it is sound. */
export interface SpaceApi {
  space(): Promise<contract.Space>
  setRetention(ref: string, retention: contract.Retention): Promise<contract.Reclaimed>
  verify(ref: string, options: { repair: boolean }): Promise<contract.VerifyReport>
}

/** Signed links to private things. */
export interface GatewayLinksApi {
  list(ref: string): Promise<contract.GatewayLink[]>
  create(ref: string, request: contract.CreateGatewayLink): Promise<contract.GatewayLink>
  revoke(ref: string, id: string): Promise<void>
  /**
   * What a signature in a URL opens: the folder's key and the path below which it is good. Null when it is malformed, badly signed,
   * or of a folder that this store can't read. Throws LINK_EXPIRED for one that was good, and expired or was revoked.
   */
  check(token: string): Promise<{ readonly key: string; readonly path: string } | null>
}

/** A row to be put, as an import brings it. */
export interface RowPut {
  readonly key: string
  readonly type: contract.ValueType
  readonly value: unknown
  /** Line that it stood in, for errors; default its number among the rows. */
  readonly line?: number
}

/** Which rows, parsed. */
export interface RowRange {
  readonly prefix: string | null
  readonly gt: string | null
  readonly gte: string | null
  readonly lt: string | null
  readonly lte: string | null
  readonly reverse: boolean
  readonly shallow: boolean
  readonly version: number | null
  /** Only rows whose key or value contains this text, in any case; null and left out: all. */
  readonly match?: string | null
  /** With `match` the walk ends after so much was looked at, and one row at least; left out: it goes to the end. */
  readonly looks?: { readonly rows: number; readonly bytes: number; readonly ms: number }
}

/**
 * Tables. `ref` is a link (of a table, or of a shared folder with the table's name as path), key or unique title; a link that is not
 * kept is opened for the call. Throws WRONG_KIND, NO_PEER, UNKNOWN_FOLDER; writing NOT_WRITER, BAD_VALUE, RECOVERING.
 */
export interface TablesApi {
  create(caller: Caller, request: contract.CreateTable): Promise<contract.Table>
  info(ref: string): Promise<contract.Table>
  /** Rows in order, as long as the caller reads; in a shallow listing also `{ sub }`, a name with `/` at its end. */
  rows(ref: string, range: RowRange, options: { signal?: AbortSignal | undefined }): Promise<TableRows>
  /** Throws NOT_FOUND. */
  row(ref: string, key: string, version: number | null): Promise<contract.TableRow>
  put(ref: string, key: string, value: { type: contract.ValueType; bytes: Uint8Array }): Promise<contract.TableRow>
  /** Throws NOT_FOUND. */
  remove(ref: string, key: string): Promise<void>
  /** One step, all or nothing. */
  change(ref: string, changes: readonly contract.RowChange[]): Promise<contract.ChangedRows>
  /** Reads all rows first; what `rows` throws (BAD_ROW) ends all before anything is put. */
  importRows(ref: string, rows: AsyncIterable<RowPut>): Promise<contract.ChangedRows>
  history(ref: string, query: { key: string | null; limit: number; before: number | null }): Promise<contract.TableHistory>
  /** Changes after `since` (null: from now on), then as they happen; ends when `signal` aborts. */
  watch(ref: string, options: { prefix: string | null; since: number | null; signal: AbortSignal }): AsyncIterable<contract.RowEvent>
}

/** Rows of one version. */
export interface TableRows extends AsyncIterable<contract.TableRow | { readonly sub: string }> {
  readonly version: number
  /** Key of the last row that was looked at, once a walk ended early for `looks`; null otherwise, and left out where that can't be. */
  readonly stoppedAt?: () => string | null
}

/** A file of a thing, for reading. */
export type ThingFile = Extract<DriveNode, { kind: 'file' }>

/**
 * What a link names, kept here or opened for the call: entries of folders, blocks of plain cores. `ref` is a link, key, path or unique
 * title; a path in the link goes before `path`. Throws BAD_LINK, WRONG_KIND, NO_PEER, NOT_FOUND; writing NOT_WRITER.
 */
export interface ThingsApi {
  info(ref: string): Promise<contract.Thing>
  create(caller: Caller, request: contract.CreateThing): Promise<contract.Thing>
  list(
    ref: string,
    query: { path: string; version: number | null; recursive: boolean; after: string | null; limit: number; match: string | null },
  ): Promise<contract.ThingPage>
  entry(ref: string, query: { path: string; version: number | null }): Promise<contract.ThingEntry>
  /** A file to read; of a plain core all of its blocks as one. Throws WRONG_KIND for a folder. */
  file(ref: string, query: { path: string; version: number | null }): Promise<ThingFile>
  write(
    ref: string,
    path: string,
    content: { body: AsyncIterable<Uint8Array>; mtimeMs: number | null; executable: boolean | null },
  ): Promise<contract.ThingEntry>
  /** Gives how many files and folders it removed. BAD_REQUEST for a folder with something in it, but for `recursive`. */
  remove(ref: string, path: string, options: { recursive: boolean }): Promise<number>
  makeFolder(ref: string, path: string): Promise<contract.ThingEntry>
  /** Throws ALREADY_THERE, and BAD_REQUEST for a folder that would move into itself. */
  move(ref: string, from: string, to: string): Promise<contract.ThingEntry>
  blocks(ref: string, query: { from: number; limit: number }): Promise<contract.Blocks>
  /** Blocks from `since` on (null: from the end), then as they are appended; ends when `signal` aborts. */
  watchBlocks(ref: string, options: { since: number | null; signal: AbortSignal }): AsyncIterable<contract.BlockEvent>
}

/** Lists of links that are followed, and the one that is offered. */
export interface ListsApi {
  lists(): Promise<contract.FollowedList[]>
  /** Reads it once; throws what that throws. Following the same source again gives the same list. */
  follow(caller: Caller, request: contract.FollowList): Promise<contract.FollowedList>
  /** Throws UNKNOWN_LIST. */
  unfollow(id: string): Promise<void>
  publicList(): Promise<contract.PublicList>
}

/** What a live connection to a board is told. Nothing of it throws. */
export interface BoardListener {
  /** An update of others; the connection's own ones are not repeated. */
  onUpdate(update: Uint8Array): void
  onPresence(update: Uint8Array): void
  /** Who holds what changed; ask `saved()`. */
  onSaved(): void
  /** The board can't be used any more on this connection: the folder is gone, or the store stops. */
  onEnd(): void
}

/** One live connection to a board. */
export interface LiveBoard {
  /** False for who may only read: `apply` then throws FORBIDDEN. */
  readonly writable: boolean
  /** Yjs state vector of what the store has. */
  stateVector(): Uint8Array
  /** What a document with this state vector lacks; null for everything. */
  missing(stateVector: Uint8Array | null): Uint8Array
  /** Takes an update of the user; resolves when it is written to the log. Throws FORBIDDEN, BAD_REQUEST (an update that does not parse or is too large), RECOVERING. */
  apply(update: Uint8Array): Promise<void>
  /** An update of y-protocols awareness; goes to all who look at the board, here and on other devices, and is never stored. */
  present(update: Uint8Array): void
  saved(): Promise<contract.BoardSaved>
  /** Presence of its clients ends with it. Idempotent. */
  close(): void
}

/**
 * Boards of folders. `folder` is a link, key, path or unique title; `board` an id or unique title. Throws UNKNOWN_FOLDER, NOT_FOUND,
 * WRONG_KIND (what is kept is no folder), BLIND for who keeps it without a key; writing FORBIDDEN, RECOVERING.
 */
export interface BoardsApi {
  list(folder: string): Promise<contract.BoardSummary[]>
  create(folder: string, request: contract.CreateBoard): Promise<contract.BoardSummary>
  get(folder: string, board: string): Promise<contract.Board>
  change(folder: string, board: string, change: contract.ChangeBoard): Promise<contract.BoardSummary>
  addCard(folder: string, board: string, card: contract.NewCard): Promise<contract.Card>
  /** Throws NOT_FOUND. */
  changeCard(folder: string, board: string, card: string, change: contract.ChangeCard): Promise<contract.Card>
  emptyTrash(folder: string, board: string): Promise<void>
  /** Asks an address of the web what it is. Throws BAD_REQUEST for one that is not public, PREVIEW_FAILED. */
  previewLink(folder: string, board: string, url: string): Promise<contract.LinkPreview>
  /** Puts the cards of a JSON Canvas (its text) on the board; gives how many. Throws BAD_REQUEST. */
  importCanvas(folder: string, board: string, canvas: string): Promise<number>
  history(folder: string, board: string): Promise<contract.BoardMoment[]>
  /** The board as it was at a moment (milliseconds since 1970), and its document as an update. Throws NOT_FOUND when it was not there yet. */
  past(folder: string, board: string, at: number): Promise<{ board: contract.Board; state: Uint8Array }>
  /** Brings it back to a moment; gives how many cards changed. Throws NOT_FOUND. */
  restore(folder: string, board: string, at: number): Promise<number>
  saved(folder: string, board: string): Promise<contract.BoardSaved>
  /** `mayWrite`: the caller has the right to write; whether this device may is found out. */
  open(folder: string, board: string, options: { mayWrite: boolean; listener: BoardListener }): Promise<LiveBoard>
}

/** What happened in a store since it was started, and what it said. */
export interface ActivityApi {
  activity(): Promise<contract.Activity>
  /** Lines with a larger number than `after` (null: any), the newest `limit` of them, oldest first. */
  log(query: { after: number | null; limit: number }): Promise<contract.Log>
}

/** How a store is set. */
export interface SettingsApi {
  settings(): Promise<contract.Settings>
  /** Throws BAD_REQUEST for a setting that the command line fixed, PORT_TAKEN. */
  change(change: contract.ChangeSettings): Promise<contract.Settings>
}

/** Folders of the machine that the store runs on. */
export interface MachineFoldersApi {
  /** `path` null: the user's home. Throws NOT_A_FOLDER, FOLDER_UNREADABLE. */
  list(path: string | null): Promise<contract.DiskListing>
  /** Throws ALREADY_THERE, NOT_A_FOLDER, READ_ONLY_DISK. */
  make(path: string): Promise<{ path: string }>
}

/** Operations of a store. `ref` is a key, link, path or unique title. */
export interface StoreApi {
  readonly sharing: SharingApi
  readonly conflicts: ConflictsApi
  readonly history: HistoryApi
  readonly space: SpaceApi
  readonly links: GatewayLinksApi
  readonly tables: TablesApi
  readonly boards: BoardsApi
  readonly things: ThingsApi
  readonly lists: ListsApi
  readonly activity: ActivityApi
  readonly settings: SettingsApi
  readonly machineFolders: MachineFoldersApi
  /** Boards, cards, files and people with a text in any case, at most `limit` of each kind. */
  search(query: string, limit: number): Promise<contract.Found>
  /** Who holds one file. Throws NOT_FOUND, UNKNOWN_FOLDER. */
  holders(ref: string, path: string): Promise<contract.Holders>
  /** Mode, what is left out, title. Throws FORBIDDEN, BAD_REQUEST. */
  changeFolder(caller: Caller, ref: string, change: contract.ChangeFolder): Promise<contract.Item>
  info(caller: Caller | null): Promise<contract.StoreInfo>
  listFolders(caller: Caller): Promise<contract.Item[]>
  addFolder(caller: Caller, request: contract.AddFolder): Promise<contract.Item>
  getFolder(caller: Caller, ref: string): Promise<contract.Item>
  removeFolder(caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void>
  pauseFolder(caller: Caller, ref: string): Promise<contract.Item>
  /** Answers a stop for safety too: `confirm` does what was refused, `bringBack` brings back what is gone from the disk. BAD_REQUEST for both. */
  resumeFolder(caller: Caller, ref: string, options: { confirm: boolean; bringBack: boolean }): Promise<contract.Item>
  rescanFolder(caller: Caller, ref: string): Promise<contract.Item>
  ignoreReport(caller: Caller, ref: string, test: string | null): Promise<contract.IgnoreReport>
  listProviders(): Promise<contract.Provider[]>
  getProvider(name: string): Promise<contract.Provider>
  setProvider(name: string, target: string): Promise<contract.Provider>
  unsetProvider(name: string): Promise<void>
  /** Sends a request on to a provider's API and gives its answer as it came. `path` begins with /api/v1/. */
  callProvider(
    name: string,
    request: {
      method: string
      path: string
      /** JSON; or bytes as they come, with their type and, where it is known, their length. */
      body: Uint8Array | { type: string; length: number | null; bytes: AsyncIterable<Uint8Array> } | null
      accept: string | null
      /** Headers that ask for a part, or for what changed. */
      headers: Readonly<Record<string, string>>
      signal: AbortSignal
    },
  ): Promise<{ status: number; headers: Record<string, string>; body: ReadableStream<Uint8Array> | null }>
  listDevices(): Promise<contract.Device[]>
  changeDevice(device: string, change: contract.ChangeDevice): Promise<contract.Device>
  revokeDevice(device: string): Promise<void>
  createPair(request: { role: contract.Role; expiresS: number }): Promise<contract.PairCode>
  redeemPair(request: contract.RedeemCode, from: string): Promise<contract.Right>
  /** Makes a browser a device of that name for a code; its key is nobody's to call by. Throws as redeemPair. */
  pairBrowser(code: string, name: string, from: string): Promise<contract.Right>
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
  /** What is kept under a key; null when nothing is. */
  keptAs(key: string): Promise<KeptKind | null>
  /** Null when the key is not kept here (404). `version` null means newest. */
  openDrive(key: string, version: number | null): Promise<DriveReader | null>
  /** Text lines for /metrics. */
  metrics(): Promise<
    { name: string; help: string; type: 'gauge' | 'counter'; values: { labels: Record<string, string>; value: number }[] }[]
  >
}
