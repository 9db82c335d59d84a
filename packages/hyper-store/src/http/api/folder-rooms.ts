/** Handlers of what is done with one folder beyond keeping it: members, conflicts, time travel, space, links. */
import type { FOLDER_ROUTES } from '@hyper-store/client/contract'
import type { StoreApi } from '../../core/store-api.ts'
import type { Handlers } from './call.ts'

/** Versions that a history tells when nothing is asked, and at most. */
const HISTORY_DEFAULT = 50
const HISTORY_MOST = 1000

/** Handlers of `FOLDER_ROUTES`. */
export function folderRoomHandlers(store: StoreApi): Handlers<keyof typeof FOLDER_ROUTES> {
  return {
    changeFolder: async ({ caller, params, body }) => await store.changeFolder(caller, params.folder, body),
    ...sharingHandlers(store),
    ...historyHandlers(store),
  }
}

type SharingOperation =
  | 'getMembers'
  | 'changeMember'
  | 'removeMember'
  | 'createInvite'
  | 'cancelInvite'
  | 'approveRequest'
  | 'refuseRequest'
  | 'joinFolder'
  | 'listJoins'
  | 'getJoin'
  | 'cancelJoin'
  | 'listConflicts'
  | 'settleConflict'
  | 'listGatewayLinks'
  | 'createGatewayLink'
  | 'revokeGatewayLink'

function sharingHandlers({ sharing, conflicts, links }: StoreApi): Handlers<SharingOperation> {
  return {
    getMembers: async ({ params }) => await sharing.members(params.folder),
    changeMember: async ({ params, body }) => await sharing.changeMember(params.folder, params.member, body.role),
    removeMember: async ({ params }) => await sharing.removeMember(params.folder, params.member),
    createInvite: async ({ params, body }) => await sharing.createInvite(params.folder, body),
    cancelInvite: async ({ params }) => {
      await sharing.cancelInvite(params.folder, params.invite)
      return { ok: true }
    },
    approveRequest: async ({ params }) => await sharing.approve(params.folder, params.request),
    refuseRequest: async ({ params }) => await sharing.refuse(params.folder, params.request),
    joinFolder: async ({ body }) => await sharing.join(body),
    listJoins: async () => await sharing.joins(),
    getJoin: async ({ params }) => await sharing.getJoin(params.join),
    cancelJoin: async ({ params }) => {
      await sharing.cancelJoin(params.join)
      return { ok: true }
    },
    listConflicts: async ({ params }) => await conflicts.list(params.folder),
    settleConflict: async ({ params, body }) => await conflicts.settle(params.folder, body.path, body.keep),
    listGatewayLinks: async ({ params }) => await links.list(params.folder),
    createGatewayLink: async ({ params, body }) => await links.create(params.folder, body),
    revokeGatewayLink: async ({ params }) => {
      await links.revoke(params.folder, params.link)
      return { ok: true }
    },
  }
}

type HistoryOperation =
  | 'getHistory'
  | 'getDiff'
  | 'restoreFolder'
  | 'listTrash'
  | 'restoreTrash'
  | 'emptyTrash'
  | 'getSpace'
  | 'setRetention'
  | 'verifyFolder'

function historyHandlers({ history, space }: StoreApi): Handlers<HistoryOperation> {
  return {
    getHistory: async ({ params, query }) =>
      await history.history(params.folder, {
        path: query.path ?? null,
        limit: Math.min(Number(query.limit ?? HISTORY_DEFAULT), HISTORY_MOST),
        before: query.before === undefined ? null : Number(query.before),
      }),
    getDiff: async ({ params, query }) =>
      await history.diff(params.folder, { from: query.from, to: query.to ?? null, path: query.path ?? null }),
    restoreFolder: async ({ params, body }) => await history.restore(params.folder, body),
    listTrash: async ({ params }) => await history.trash(params.folder),
    restoreTrash: async ({ params, body }) => await history.restoreTrash(params.folder, body.ids),
    emptyTrash: async ({ params, query }) => await history.emptyTrash(params.folder, { olderThanDays: Number(query.olderThanDays ?? 0) }),
    getSpace: async () => await space.space(),
    setRetention: async ({ params, body }) => await space.setRetention(params.folder, body),
    verifyFolder: async ({ params, body }) => await space.verify(params.folder, { repair: body.repair }),
  }
}
