/** Handlers of what a page asks of a store beside its folders: what happened, its log, its settings, folders of its machine, holders. */
import type { STORE_ROUTES } from '@hyper-store/client/contract'
import type { StoreApi } from '../../core/store-api.ts'
import type { Handlers } from './call.ts'

const LOG_DEFAULT = 200
const LOG_MOST = 1000
const SEARCH_DEFAULT = 10
const SEARCH_MOST = 50

/** Handlers of `STORE_ROUTES`. */
export function surroundingsHandlers(store: StoreApi): Handlers<keyof typeof STORE_ROUTES> {
  const { activity, settings, machineFolders } = store
  return {
    getActivity: async () => await activity.activity(),
    getLog: async ({ query }) =>
      await activity.log({
        after: query.after === undefined ? null : Number(query.after),
        limit: Math.max(1, Math.min(Number(query.limit ?? LOG_DEFAULT), LOG_MOST)),
      }),
    getSettings: async () => await settings.settings(),
    changeSettings: async ({ body }) => await settings.change(body),
    listDisk: async ({ query }) => await machineFolders.list(query.path ?? null),
    makeDiskFolder: async ({ body }) => await machineFolders.make(body.path),
    search: async ({ query }) => await store.search(query.query, Math.max(1, Math.min(Number(query.limit ?? SEARCH_DEFAULT), SEARCH_MOST))),
    getHolders: async ({ params, query }) => await store.holders(params.folder, query.path),
  }
}
