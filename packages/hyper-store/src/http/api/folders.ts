/** Handlers of everything kept. */
import type { StoreApi } from '../../core/store-api.ts'
import type { Handlers } from './call.ts'

/** Handlers of the folder routes. */
export function folderHandlers(
  store: StoreApi,
): Handlers<'listFolders' | 'addFolder' | 'getFolder' | 'removeFolder' | 'pauseFolder' | 'resumeFolder' | 'rescanFolder' | 'getIgnore'> {
  return {
    listFolders: async ({ caller }) => await store.listFolders(caller),
    addFolder: async ({ caller, body }) => await store.addFolder(caller, body),
    getFolder: async ({ caller, params }) => await store.getFolder(caller, params.folder),
    removeFolder: async ({ caller, params, query }) => {
      await store.removeFolder(caller, params.folder, { deleteData: query.deleteData === 'true' })
      return { ok: true }
    },
    pauseFolder: async ({ caller, params }) => await store.pauseFolder(caller, params.folder),
    resumeFolder: async ({ caller, params, query }) =>
      await store.resumeFolder(caller, params.folder, { confirm: query.confirm === 'true', bringBack: query.bringBack === 'true' }),
    rescanFolder: async ({ caller, params }) => await store.rescanFolder(caller, params.folder),
    getIgnore: async ({ caller, params, query }) => await store.ignoreReport(caller, params.folder, query.test ?? null),
  }
}
