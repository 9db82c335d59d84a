/** Lists and settles conflicts of a folder. */
import { AppError } from '@hyper-store/client/contract'
import type { ConflictsApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'

/** Lists and settles conflicts of a folder. */
export class Conflicts implements ConflictsApi {
  readonly #folders: KeptFolders
  readonly #state: State

  constructor(options: { folders: KeptFolders; state: State }) {
    this.#folders = options.folders
    this.#state = options.state
    void this.#folders
    void this.#state
  }

  async list(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async settle(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
}
