/** Brings a file or folder back as it was, in a way that can be taken back. */
import { AppError } from '@hyper-store/client'
import type { PathChange } from '@hyper-store/client'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import type { LiveStore } from '../../live/live-store.ts'
import { noticing, queries } from '../../live/use-store.tsx'
import { HISTORY } from '../../words/history.ts'

/** What comes back. */
export interface RestoreWish {
  /** Key of the folder, and its link. */
  readonly folder: string
  readonly link: string
  /** '' is the whole folder. */
  readonly path: string
  readonly version: number
}

/** What would change, without changing it; what was saved until now becomes a version first. */
export async function lookAhead(store: LiveStore, wish: RestoreWish, signal?: AbortSignal): Promise<readonly PathChange[]> {
  const body = { ...askOf(wish), dryRun: true }
  const { changes } = await noticing(store, store.client.restoreFolder(wish.folder, body, signal === undefined ? {} : { signal }))
  return changes
}

/** Does it, and tells so with an undo. Throws what the store says. */
export async function restore(store: LiveStore, wish: RestoreWish): Promise<void> {
  const { folder } = wish
  // Undone to what is there now, with all that was saved since the dialog was opened.
  await lookAhead(store, wish)
  const { version: before } = await noticing(store, store.client.listEntries(folder, { limit: '1' }))
  const { changes } = await noticing(store, store.client.restoreFolder(folder, askOf(wish)))
  await asked(store, wish)
  const isNew = changes.some(({ op, path }) => op === 'add' && path === wish.path)
  tellDone(HISTORY.restored(changes.length), () => void undo(store, { ...wish, version: before }, isNew))
}

/** `isNew`: it was not there before. */
async function undo(store: LiveStore, wish: RestoreWish, isNew: boolean): Promise<void> {
  const { folder, path } = wish
  const remove = async (): Promise<void> => {
    await noticing(store, store.client.removeEntry(folder, { path, recursive: true }))
  }
  try {
    if (isNew) await remove()
    else
      await noticing(store, store.client.restoreFolder(folder, askOf(wish))).catch(async (error: unknown) => {
        // A folder that was not there before.
        if (!(error instanceof AppError && error.code === 'NOT_FOUND') || path === '') throw error
        await remove()
      })
    await asked(store, wish)
    tellDone(HISTORY.undone)
  } catch (error) {
    tellProblem(error)
  }
}

async function asked(store: LiveStore, { link }: RestoreWish): Promise<void> {
  await queries.invalidateQueries({ queryKey: [store.target, link] })
}

function askOf({ path, version }: RestoreWish): { path?: string; version: number } {
  return { version, ...(path === '' ? {} : { path }) }
}
