/** Versions of a folder, what differs between them, restoring, and the trash. */
import { AppError } from '@hyper-store/client/contract'
import type { HistoryApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'

/** Versions of a folder, what differs between them, restoring, and the trash. */
export class TimeTravel implements HistoryApi {
  readonly #folders: KeptFolders
  readonly #state: State

  constructor(options: { folders: KeptFolders; state: State }) {
    this.#folders = options.folders
    this.#state = options.state
    void this.#folders
    void this.#state
  }

  async history(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async diff(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async restore(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async trash(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async restoreTrash(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async emptyTrash(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
}
