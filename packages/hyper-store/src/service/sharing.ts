/** Members, invites and joins of shared folders. */
import { AppError } from '@hyper-store/client/contract'
import type { SharingApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { KeptFolders } from './kept-folders.ts'

/** Members, invites and joins of shared folders. */
export class Sharing implements SharingApi {
  readonly #folders: KeptFolders
  readonly #state: State

  constructor(options: { folders: KeptFolders; state: State }) {
    this.#folders = options.folders
    this.#state = options.state
    void this.#folders
    void this.#state
  }

  async members(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async changeMember(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async removeMember(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async createInvite(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async cancelInvite(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async approve(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async refuse(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async join(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async joins(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async getJoin(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
  async cancelJoin(): Promise<never> {
    throw new AppError('DEFECT', { reason: 'being built' })
  }
}
