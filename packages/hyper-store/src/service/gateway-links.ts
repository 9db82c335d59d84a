/** Signed, expiring, revocable links to parts of private folders. */
import { AppError } from '@hyper-store/client/contract'
import type { GatewayLinksApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'

/** Signed, expiring, revocable links to parts of private folders. */
export class GatewayLinks implements GatewayLinksApi {
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
  async create(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async revoke(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async check(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
}
