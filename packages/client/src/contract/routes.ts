/** Every route of the API with its method, path, body, reply and least right. Server, client and OpenAPI are made from it. */
import * as v from 'valibot'
import { BOARD_ROUTES } from './routes-boards.ts'
import { FOLDER_ROUTES } from './routes-folders.ts'
import { STORE_ROUTES } from './routes-store.ts'
import { TABLE_ROUTES } from './routes-tables.ts'
import { THING_ROUTES } from './routes-things.ts'
import * as s from './schemas.ts'

/** One route. `:name` in `path` is a parameter, URL-encoded by the caller. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly summary: string
  /** Least right of the caller; `none` is open to anybody who reaches the port. */
  readonly right: s.Role | 'none'
  readonly query?: v.GenericSchema
  readonly body?: v.GenericSchema
  /** The body is bytes of any length, streamed: `application/octet-stream` or `application/x-ndjson`. */
  readonly bytes?: true
  /** The reply is a stream of server-sent events. */
  readonly stream?: true
  /** Schema of the reply; absent for event streams and raw bytes. */
  readonly reply?: v.GenericSchema
}

const Done = v.object({ ok: v.literal(true) })

/** The API by operation name. */
export const ROUTES = {
  getStore: { method: 'GET', path: '/api/v1/store', summary: 'What this store is', right: 'none', reply: s.StoreInfo },
  listFolders: { method: 'GET', path: '/api/v1/folders', summary: 'Everything kept', right: 'reader', reply: v.array(s.Item) },
  addFolder: {
    method: 'POST',
    path: '/api/v1/folders',
    summary: 'Share a path, keep a link, or clone a link into a path',
    right: 'member',
    body: s.AddFolder,
    reply: s.Item,
  },
  getFolder: {
    method: 'GET',
    path: '/api/v1/folders/:folder',
    summary: 'One item, by key, link, path or unique title',
    right: 'reader',
    reply: s.Item,
  },
  removeFolder: {
    method: 'DELETE',
    path: '/api/v1/folders/:folder',
    summary: 'Stop keeping; the files on disk stay',
    right: 'member',
    query: s.FolderQuery,
    reply: Done,
  },
  pauseFolder: {
    method: 'POST',
    path: '/api/v1/folders/:folder/pause',
    summary: 'Stop syncing until resumed',
    right: 'member',
    reply: s.Item,
  },
  resumeFolder: {
    method: 'POST',
    path: '/api/v1/folders/:folder/resume',
    summary:
      'Go on syncing; answers a stop for safety with ?confirm=true, or with ?bringBack=true, which brings back what is gone from the disk',
    right: 'member',
    query: v.strictObject({ confirm: v.optional(v.picklist(['true', 'false'])), bringBack: v.optional(v.picklist(['true', 'false'])) }),
    reply: s.Item,
  },
  rescanFolder: {
    method: 'POST',
    path: '/api/v1/folders/:folder/rescan',
    summary: 'Compare the whole folder with what is stored, and end when that is done',
    right: 'member',
    reply: s.Item,
  },
  getIgnore: {
    method: 'GET',
    path: '/api/v1/folders/:folder/ignore',
    summary: 'The ignore rules in force',
    right: 'reader',
    query: s.IgnoreQuery,
    reply: s.IgnoreReport,
  },
  ...STORE_ROUTES,
  ...FOLDER_ROUTES,
  ...BOARD_ROUTES,
  ...TABLE_ROUTES,
  ...THING_ROUTES,
  listProviders: { method: 'GET', path: '/api/v1/providers', summary: 'Named providers', right: 'owner', reply: v.array(s.Provider) },
  getProvider: { method: 'GET', path: '/api/v1/providers/:name', summary: 'One provider', right: 'owner', reply: s.Provider },
  setProvider: {
    method: 'PUT',
    path: '/api/v1/providers/:name',
    summary: 'Name a provider, after checking that it answers',
    right: 'owner',
    body: s.SetProvider,
    reply: s.Provider,
  },
  unsetProvider: { method: 'DELETE', path: '/api/v1/providers/:name', summary: 'Forget a provider', right: 'owner', reply: Done },
  listDevices: {
    method: 'GET',
    path: '/api/v1/devices',
    summary: 'Devices that may use this store',
    right: 'owner',
    reply: v.array(s.Device),
  },
  changeDevice: {
    method: 'PATCH',
    path: '/api/v1/devices/:device',
    summary: 'Rename a device, or say how much this store keeps for it',
    right: 'owner',
    body: s.ChangeDevice,
    reply: s.Device,
  },
  revokeDevice: { method: 'DELETE', path: '/api/v1/devices/:device', summary: 'Take a device its right', right: 'owner', reply: Done },
  createPair: {
    method: 'POST',
    path: '/api/v1/pair',
    summary: 'A one-time pairing code',
    right: 'owner',
    body: s.CreatePair,
    reply: s.PairCode,
  },
  redeemPair: {
    method: 'POST',
    path: '/api/v1/pair/redeem',
    summary: 'Exchange a code for a device-bound right',
    right: 'none',
    body: s.RedeemCode,
    reply: s.Right,
  },
  runDoctor: {
    method: 'GET',
    path: '/api/v1/doctor',
    summary: 'Checks of this store and its surroundings',
    right: 'owner',
    reply: v.array(s.Check),
  },
  createBackup: {
    method: 'POST',
    path: '/api/v1/backup',
    summary: 'Identity and keys, sealed with a passphrase; for callers of this machine alone',
    right: 'owner',
    body: s.CreateBackup,
    reply: s.Backup,
  },
  stopService: { method: 'POST', path: '/api/v1/stop', summary: 'Stop the service cleanly', right: 'owner', reply: Done },
  getEvents: {
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Events as they happen (server-sent events)',
    right: 'reader',
    query: v.strictObject({ folder: v.optional(v.string()) }),
    stream: true,
  },
  getOpenApi: { method: 'GET', path: '/api/v1/openapi.json', summary: 'This description', right: 'none' },
} as const satisfies Record<string, Route>

/** Name of an operation. */
export type Operation = keyof typeof ROUTES

/** Path under which a provider's own API is reached through the local store: `/api/v1/providers/:name/api/<rest of /api/v1/>`. */
export const PROVIDER_API = '/api/v1/providers/:name/api/*'

/** Limits at the border. */
export const LIMITS = { bodyBytes: 1024 * 1024, headerBytes: 16 * 1024, eventStreams: 64, waitS: 7 * 86400 } as const
