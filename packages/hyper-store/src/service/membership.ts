/** What a folder's roster means to one device: its role, the drives of the folder, who is refused, and names. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { ListedDrive } from './drive-set.ts'

/** The roster as a kept folder sees it. */
export interface Membership {
  /** Null when this device is no member (a reader by link), and in folders that were never shared. */
  readonly role: MemberRole | null
  /** This device was a member, and was removed. */
  readonly removed: boolean
  /** The newest epoch. */
  readonly epoch: number
  /** Tells it from another of the same number; null for the first. */
  readonly mark: string | null
  /** Every drive of the folder, the root drive among them; null in folders that were never shared. */
  readonly drives: readonly ListedDrive[] | null
  /** Devices that get nothing from now on. */
  readonly refused: ReadonlySet<string>
  /** Keys of the devices of all members. */
  readonly devices: readonly string[]
  /** Name of the person whose device it is; null for strangers. */
  personOf(deviceKey: string): string | null
  /** Name that the device gave itself when it joined; null for strangers. */
  nameOf(deviceKey: string): string | null
}

/** A folder that was never shared: its writer is its one member. */
export const UNSHARED: Membership = {
  role: null,
  removed: false,
  epoch: 1,
  mark: null,
  drives: null,
  refused: new Set(),
  devices: [],
  personOf: () => null,
  nameOf: () => null,
}
