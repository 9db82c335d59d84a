/** Routes of things by their link, and of lists of links; part of the table in routes.ts. */
import * as v from 'valibot'
import type { Route } from './routes.ts'
import * as t from './things.ts'

const THING = '/api/v1/things/:thing'
const Done = v.object({ ok: v.literal(true) })

/** Things: `:thing` is a link, key, path or unique title; a link that is not kept is opened for the call. */
export const THING_ROUTES = {
  createThing: {
    method: 'POST',
    path: '/api/v1/things',
    summary: 'Make a folder that lies in the store alone',
    right: 'member',
    body: t.CreateThing,
    reply: t.Thing,
  },
  getThing: { method: 'GET', path: THING, summary: 'What a link names', right: 'reader', reply: t.Thing },
  listEntries: {
    method: 'GET',
    path: `${THING}/entries`,
    summary: 'Files and folders, a page at a time',
    right: 'reader',
    query: t.ListQuery,
    reply: t.ThingPage,
  },
  getEntry: {
    method: 'GET',
    path: `${THING}/entry`,
    summary: 'One file, link or folder',
    right: 'reader',
    query: t.PathQuery,
    reply: t.ThingEntry,
  },
  readContent: {
    method: 'GET',
    path: `${THING}/content`,
    summary: 'The bytes of a file, with Range and ETag; of a plain core the bytes of all its blocks',
    right: 'reader',
    query: t.PathQuery,
  },
  writeContent: {
    method: 'PUT',
    path: `${THING}/content`,
    summary: 'Put a file; the body is its content',
    right: 'owner',
    query: t.WriteQuery,
    bytes: true,
    reply: t.ThingEntry,
  },
  removeEntry: {
    method: 'DELETE',
    path: `${THING}/entry`,
    summary: 'Remove a file, or a folder with recursive=true',
    right: 'owner',
    query: t.RemoveQuery,
    reply: t.RemovedEntries,
  },
  makeFolder: {
    method: 'POST',
    path: `${THING}/entries`,
    summary: 'Make an empty folder, with those above it',
    right: 'owner',
    body: t.MakeFolder,
    reply: t.ThingEntry,
  },
  moveEntry: {
    method: 'POST',
    path: `${THING}/move`,
    summary: 'Rename or move a file or folder',
    right: 'owner',
    body: t.MoveEntry,
    reply: t.ThingEntry,
  },
  getBlocks: {
    method: 'GET',
    path: `${THING}/blocks`,
    summary: 'Blocks of a plain core',
    right: 'reader',
    query: t.BlocksQuery,
    reply: t.Blocks,
  },
  watchBlocks: {
    method: 'GET',
    path: `${THING}/watch`,
    summary: 'Blocks as they are appended to a plain core (server-sent events)',
    right: 'reader',
    query: t.WatchBlocksQuery,
    stream: true,
  },
  listLists: { method: 'GET', path: '/api/v1/lists', summary: 'Lists that are followed', right: 'owner', reply: v.array(t.FollowedList) },
  followList: {
    method: 'POST',
    path: '/api/v1/lists',
    summary: 'Keep all links of a list, and follow it as it changes',
    right: 'owner',
    body: t.FollowList,
    reply: t.FollowedList,
  },
  unfollowList: {
    method: 'DELETE',
    path: '/api/v1/lists/:list',
    summary: 'Follow a list no more; what is kept stays',
    right: 'owner',
    reply: Done,
  },
  getPublicList: {
    method: 'GET',
    path: '/api/v1/public-list',
    summary: 'What this store offers to everybody',
    right: 'none',
    reply: t.PublicList,
  },
} as const satisfies Record<string, Route>
