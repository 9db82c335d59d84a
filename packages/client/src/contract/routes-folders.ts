/** Routes of shared folders, time travel and space; part of the table in routes.ts. */
import * as v from 'valibot'
import * as h from './history.ts'
import type { Route } from './routes.ts'
import { Item } from './schemas.ts'
import * as s from './sharing.ts'

const Done = v.object({ ok: v.literal(true) })
const FOLDER = '/api/v1/folders/:folder'

/** What is done with one folder beyond keeping it in step. */
export const FOLDER_ROUTES = {
  changeFolder: {
    method: 'PATCH',
    path: FOLDER,
    summary: 'Change how this device keeps a folder: mode, what is left out, title',
    right: 'owner',
    body: s.ChangeFolder,
    reply: Item,
  },
  getMembers: { method: 'GET', path: `${FOLDER}/members`, summary: 'People, devices, invites and guests', right: 'reader', reply: s.Members },
  changeMember: {
    method: 'PATCH',
    path: `${FOLDER}/members/:member`,
    summary: 'Give a member another role; by id, name or device key',
    right: 'owner',
    body: s.ChangeMember,
    reply: s.Members,
  },
  removeMember: {
    method: 'DELETE',
    path: `${FOLDER}/members/:member`,
    summary: 'Remove a person, or one device of theirs',
    right: 'owner',
    reply: s.Members,
  },
  createInvite: {
    method: 'POST',
    path: `${FOLDER}/invites`,
    summary: 'A code with which another device joins',
    right: 'owner',
    body: s.CreateInvite,
    reply: s.Invite,
  },
  cancelInvite: { method: 'DELETE', path: `${FOLDER}/invites/:invite`, summary: 'Take an invite back', right: 'owner', reply: Done },
  approveRequest: {
    method: 'POST',
    path: `${FOLDER}/requests/:request`,
    summary: 'Let a guest in, after comparing the four words',
    right: 'owner',
    reply: s.Members,
  },
  refuseRequest: { method: 'DELETE', path: `${FOLDER}/requests/:request`, summary: 'Refuse a guest', right: 'owner', reply: s.Members },
  joinFolder: { method: 'POST', path: '/api/v1/joins', summary: 'Join a folder with an invite', right: 'owner', body: s.JoinFolder, reply: s.Join },
  listJoins: { method: 'GET', path: '/api/v1/joins', summary: 'Joins under way', right: 'owner', reply: v.array(s.Join) },
  getJoin: { method: 'GET', path: '/api/v1/joins/:join', summary: 'How far a join is', right: 'owner', reply: s.Join },
  cancelJoin: { method: 'DELETE', path: '/api/v1/joins/:join', summary: 'Take a join back', right: 'owner', reply: Done },
  listConflicts: {
    method: 'GET',
    path: `${FOLDER}/conflicts`,
    summary: 'Files of which several versions stand side by side',
    right: 'reader',
    reply: v.array(s.Conflict),
  },
  settleConflict: {
    method: 'POST',
    path: `${FOLDER}/conflicts`,
    summary: 'Settle a conflict, for all members',
    right: 'owner',
    body: s.SettleConflict,
    reply: v.array(s.Conflict),
  },
  listGatewayLinks: {
    method: 'GET',
    path: `${FOLDER}/links`,
    summary: 'Links to parts of a private folder',
    right: 'owner',
    reply: v.array(s.GatewayLink),
  },
  createGatewayLink: {
    method: 'POST',
    path: `${FOLDER}/links`,
    summary: 'A link to a part of a private folder, signed and expiring',
    right: 'owner',
    body: s.CreateGatewayLink,
    reply: s.GatewayLink,
  },
  revokeGatewayLink: { method: 'DELETE', path: `${FOLDER}/links/:link`, summary: 'Make a link useless', right: 'owner', reply: Done },
  getHistory: {
    method: 'GET',
    path: `${FOLDER}/history`,
    summary: 'Versions of a folder or of a file, newest first',
    right: 'reader',
    query: h.HistoryQuery,
    reply: h.History,
  },
  getDiff: {
    method: 'GET',
    path: `${FOLDER}/diff`,
    summary: 'What differs between two versions',
    right: 'reader',
    query: h.DiffQuery,
    reply: h.Diff,
  },
  restoreFolder: {
    method: 'POST',
    path: `${FOLDER}/restore`,
    summary: 'Bring back a file or the folder as of a version or a moment',
    right: 'owner',
    body: h.RestoreFolder,
    reply: h.Restored,
  },
  listTrash: {
    method: 'GET',
    path: `${FOLDER}/trash`,
    summary: 'What this device replaced or removed on its disk',
    right: 'owner',
    reply: v.array(h.TrashItem),
  },
  restoreTrash: {
    method: 'POST',
    path: `${FOLDER}/trash`,
    summary: 'Bring things back from the trash',
    right: 'owner',
    body: h.RestoreTrash,
    reply: h.RestoredTrash,
  },
  emptyTrash: {
    method: 'DELETE',
    path: `${FOLDER}/trash`,
    summary: 'Delete the trash for good',
    right: 'owner',
    query: h.EmptyTrash,
    reply: h.EmptiedTrash,
  },
  getSpace: { method: 'GET', path: '/api/v1/space', summary: 'What the store occupies, and why', right: 'reader', reply: h.Space },
  setRetention: {
    method: 'PUT',
    path: `${FOLDER}/retention`,
    summary: 'How many old versions this device keeps; lets the rest go',
    right: 'owner',
    body: h.Retention,
    reply: h.Reclaimed,
  },
  verifyFolder: {
    method: 'POST',
    path: `${FOLDER}/verify`,
    summary: 'Re-reads all that is stored and on disk; with repair fetches what is damaged',
    right: 'owner',
    body: h.VerifyFolder,
    reply: h.VerifyReport,
  },
} as const satisfies Record<string, Route>
