/** Routes of the store itself: what happened, its log, its settings, folders of its machine; part of the table in routes.ts. */
import * as v from 'valibot'
import * as a from './activity.ts'
import type { Route } from './routes.ts'
import * as f from './search.ts'
import * as s from './settings.ts'

/** What a page or a tool asks of a store beside its folders. */
export const STORE_ROUTES = {
  getActivity: {
    method: 'GET',
    path: '/api/v1/activity',
    summary: 'What happened lately, and transfer over time',
    right: 'reader',
    reply: a.Activity,
  },
  getLog: { method: 'GET', path: '/api/v1/log', summary: 'What the service said lately', right: 'owner', query: a.LogQuery, reply: a.Log },
  getSettings: { method: 'GET', path: '/api/v1/settings', summary: 'How this store is set', right: 'owner', reply: s.Settings },
  changeSettings: {
    method: 'PATCH',
    path: '/api/v1/settings',
    summary: 'Change settings; they hold over restarts',
    right: 'owner',
    body: s.ChangeSettings,
    reply: s.Settings,
  },
  listDisk: {
    method: 'GET',
    path: '/api/v1/disk',
    summary: 'Folders of the machine of this store, for choosing one to share',
    right: 'owner',
    query: s.DiskQuery,
    reply: s.DiskListing,
  },
  makeDiskFolder: {
    method: 'POST',
    path: '/api/v1/disk',
    summary: 'Make a folder on the machine of this store',
    right: 'owner',
    body: s.MakeDiskFolder,
    reply: v.object({ path: v.string() }),
  },
  search: {
    method: 'GET',
    path: '/api/v1/search',
    summary: 'Boards, cards, files and people with a text, over all that is kept',
    right: 'reader',
    query: f.SearchQuery,
    reply: f.Found,
  },
  getHolders: {
    method: 'GET',
    path: '/api/v1/folders/:folder/holders',
    summary: 'Which devices hold the newest version of one file',
    right: 'reader',
    query: s.HoldersQuery,
    reply: s.Holders,
  },
} as const satisfies Record<string, Route>
