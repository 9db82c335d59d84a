/** What folders occupy, retention, and verifying. */
import { AppError, type VerifyReport } from '@hyper-store/client/contract'
import type { SpaceApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'
import { verifyFolder } from './verify.ts'

/** What folders occupy, retention, and verifying. */
export class StoreSpace implements SpaceApi {
  readonly #folders: KeptFolders
  readonly #state: State

  constructor(options: { folders: KeptFolders; state: State }) {
    this.#folders = options.folders
    this.#state = options.state
    void this.#folders
    void this.#state
  }

  async space(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async setRetention(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async verify(ref: string, options: { repair: boolean }): Promise<VerifyReport> {
    return verifyFolder(this.#folders.find(ref), options, { state: this.#state })
  }
}
