/** What a pass over a roster's commands gathers: shapes between the passes, the restrictions and the state. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { DriveId } from '../entries.ts'
import type { CommandId, RosterName } from './commands.ts'

/** A removal or demotion. Commands of its devices that did not know of it, and that it did not know of, count as if it had come first. */
export interface Restriction {
  /** Position of its command. */
  readonly at: number
  readonly devices: ReadonlySet<string>
  /** What the devices may do from then on, at most; null: nothing. */
  readonly role: MemberRole | null
  /** The rank of its author at that point, and the order in which its author was admitted. */
  readonly rank: number
  readonly seniority: number
}

/** A drive as it is being gathered. */
export interface PassDrive {
  readonly drive: string
  readonly epoch: number
  readonly mark: string | null
  readonly writer: DriveId
  frozenAt: number | null
}
/** A device as it is being gathered. */
export interface PassDevice {
  readonly key: string
  readonly name: RosterName
  readonly addedAtMs: number
  readonly seniority: number
  /** Position of what let it in. */
  readonly admittedAt: number
  readonly drives: PassDrive[]
  /** Marks of the epochs whose keys it was given; '' for the first. */
  readonly keyed: Set<string>
  writer: DriveId | null
  /** The invite by which it came; null without. */
  readonly invite: string | null
}
export interface PassPerson {
  readonly id: string
  readonly name: RosterName
  role: MemberRole
  /** Roles from the first on, with the positions of what gave them. */
  readonly roles: { readonly at: number; readonly role: MemberRole }[]
  blind: boolean
  readonly devices: Map<string, PassDevice>
}
export interface PassRemoved {
  readonly device: PassDevice
  readonly person: PassPerson
  readonly at: number
  /** Drives that the removal froze, which a removal beside it may freeze at a greater length. */
  readonly frozenHere: readonly PassDrive[]
}
export interface PassInvite {
  readonly id: string
  readonly at: number
  readonly role: MemberRole
  readonly uses: number
  readonly expiresAtMs: number
  readonly approve: boolean
  readonly mine: boolean
  readonly person: string
  readonly device: string
  readonly seeds: Readonly<Record<string, string>>
  used: number
  /** Positions of what closed it. */
  readonly closedBy: number[]
}
export interface PassRequest {
  readonly at: number
  readonly invite: string
  readonly drive: string | null
  readonly name: string
  readonly deviceName: string
  admitted: { readonly at: number; readonly by: string; readonly box: string } | null
  /** Positions and people of refusals. */
  readonly refused: { readonly at: number; readonly by: string }[]
  /** True when an admission came too late for the last use. */
  lostUse: boolean
}
export interface PassEpoch {
  readonly at: number
  readonly epoch: number
  readonly mark: string
  readonly boxes: PassBoxes
}
/** Boxes for each device, oldest first. */
export type PassBoxes = Map<string, string[]>

/** What a pass comes to. */
export interface Pass {
  readonly begun: boolean
  readonly private: boolean
  readonly people: ReadonlyMap<string, PassPerson>
  readonly removed: readonly PassRemoved[]
  readonly invites: ReadonlyMap<string, PassInvite>
  readonly requests: ReadonlyMap<CommandId, PassRequest>
  readonly epochs: ReadonlyMap<string, PassEpoch>
  /** Boxes for the first epoch, handed out later. */
  readonly firstBoxes: PassBoxes
  readonly restrictions: readonly Restriction[]
  /** Those that would take the last owner away only because of what was done beside them. */
  readonly contested: readonly Restriction[]
  /** Positions after which somebody who is no member has keys. */
  readonly exposures: readonly number[]
  /** Positions of the commands that did something. */
  readonly applied: ReadonlySet<number>
  readonly problems: readonly { readonly at: number; readonly reason: string }[]
}
