/** What the loop of a folder works on, and what it tells its owner. */
import type { FolderMode } from '@hyper-store/client/contract'
import type { DriveId } from '../core/entries.ts'
import type { Clock, DiskFolder, FolderDrives, RootIdentity, SyncedStore } from '../core/ports.ts'
import type { HeldElsewhere } from './left-out.ts'

/** State of the loop as its owner shows it. */
export type LoopState = 'starting' | 'idle' | 'scanning' | 'working' | 'paused' | 'stopped' | 'error'

/** A change that a pass made or published. */
export interface LoopChange {
  readonly op: 'add' | 'change' | 'delete' | 'rename' | 'conflict'
  readonly path: string
  readonly from?: string
  /** True when it came from the disk of this device. */
  readonly local: boolean
}

/** What a loop tells its owner, while it runs. */
export interface LoopEvents {
  onState(state: LoopState): void
  onChanges(changes: readonly LoopChange[]): void
  /** A pass ended; `complete` when the disk shows all that the drives had. */
  onApplied(complete: boolean): void
  /** Bytes of content read from or written to disk. */
  onBytes(bytes: number): void
  /** A safety stop to be kept until a person decides; null when it is over. */
  onSafetyStop(stop: { reason: string; cure: string } | null): void
  onRootIdentity(identity: RootIdentity): void
}

/** What a loop works on, and what its owner remembers for it. */
export interface LoopOptions {
  readonly disk: DiskFolder
  readonly drives: FolderDrives
  readonly synced: SyncedStore
  readonly mode: FolderMode
  /** Sub-folders that are left out of this disk, as `parseExclude` gives them; default: none. */
  readonly exclude?: readonly string[]
  /**
   * True when another device holds this version: only then may it leave this disk, for being left out. Default: always true, as what the
   * drives show is in this store, or was let go because a keeper has it.
   */
  readonly heldElsewhere?: HeldElsewhere
  /** This device's name in version vectors. */
  readonly drive: DriveId
  readonly deviceName: string
  readonly clock: Clock
  readonly events: LoopEvents
  readonly rootIdentity: RootIdentity | null
  readonly safetyStop: { reason: string; cure: string } | null
}
