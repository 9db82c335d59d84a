/** What a store is opened with. */
import type { Reach } from '@hyper-store/client/contract'
import type { Clock } from '../core/ports.ts'
import type { State } from '../state/state.ts'
import type { Home } from './home.ts'

/** What the command line said of the ways to other devices. */
export interface GivenWays {
  /** `--lan-only` */
  readonly lanOnly: boolean
  /** `--no-lan` */
  readonly noLan: boolean
}

/** How the store is run. */
export interface StoreOptions {
  readonly home: Home
  readonly state: State
  readonly seed: Uint8Array
  readonly name: string | null
  /** Given on the command line; what it does not give, the settings say. */
  readonly lanOnly: boolean
  readonly noLan: boolean
  /** What of the two was given on the command line; filled by `Store.open`. */
  readonly given?: GivenWays
  readonly bootstrap: readonly string[]
  readonly open: boolean
  /** Writers wait for a peer to confirm their newest state before they write. */
  readonly recovering: boolean
  /** The home was moved here on purpose. */
  readonly moved: boolean
  readonly clock: Clock
  /** Who reaches the port; `change` resolves before the port is opened anew. */
  readonly reach: { readonly isFixed: boolean; now(): Reach; change(reach: Reach): void }
  readonly onStop: () => void
  readonly onTwin: () => void
  readonly hooks: { readonly exec?: string; readonly webhook?: string; readonly notify?: boolean; readonly led?: string }
  readonly onProblem: (message: string) => void
}
