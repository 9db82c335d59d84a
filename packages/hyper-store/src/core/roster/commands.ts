/** The signed commands that a folder's roster is made of: their shapes on the wire and opened, and their limits. */
import type { MemberRole } from '@hyper-store/client/contract'

/** Bytes of a command as JSON, at most. */
export const MAX_COMMAND_BYTES = 16 * 1024
/** Commands of a folder, at most. */
export const MAX_COMMANDS = 5000
/** Devices of a folder, at most; gone ones do not count. */
export const MAX_DEVICES = 200
/** Boxes in one command, at most: what is more goes into `keys` commands, so that each stays below its 16 KiB. */
export const MAX_BOXES = 60
/** Heads that a command names, at most. */
export const MAX_PREV = 16

/** Name of a command: hex of 16 bytes of BLAKE2b over the bytes that were signed. */
export type CommandId = string

/** A command as it is stored and passed on. The signature covers all other fields. */
export interface SignedCommand {
  readonly v: 1
  /** z-base-32 key of the folder's root drive. */
  readonly folder: string
  /** z-base-32 device key of the one who wrote and signed it. */
  readonly author: string
  /** The heads that the author knew; empty for `create`, and for a `request` of a guest who has not seen anything yet. */
  readonly prev: readonly CommandId[]
  /** The epoch whose gate seals the body. */
  readonly epoch: number
  /** Milliseconds since 1970 by the author's clock. */
  readonly at: number
  /** Base64 of nonce and sealed JSON of a `CommandBody`. */
  readonly body: string
  /** Hex, 64 bytes. */
  readonly signature: string
}

/**
 * A name that blind keepers must not read: sealed (base64) with the content key of an epoch, which `mark` tells apart from another of
 * the same number; plain in open folders.
 */
export type RosterName = { readonly plain: string } | { readonly epoch: number; readonly mark: string | null; readonly sealed: string }

/** A person as a command brings them in. `id`: 1 to 64 letters and digits, never used twice in a folder. */
export interface PersonFacts {
  readonly id: string
  readonly name: RosterName
}

/** Begins the roster: the author becomes the owner, and the folder's root drive is theirs. */
export interface CreateBody {
  readonly op: 'create'
  readonly person: PersonFacts
  readonly deviceName: RosterName
  readonly private: boolean
  /** Hex root proof (hyper/root-proof.ts) over `rootMessage`: only who can write the root drive can begin its roster. */
  readonly rootSignature: string
}
/** Opens an invite. */
export interface InviteBody {
  readonly op: 'invite'
  /** z-base-32 public key of the pair that the invite's seed gives; names the invite. */
  readonly invite: string
  /** Left aside with `mine`. */
  readonly role: MemberRole
  readonly uses: number
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly approve: boolean
  /** The inviter's own person id when the guest is another device of theirs; else null. */
  readonly mine: string | null
  /** The seed, boxed (base64) for each device that may answer guests: owners', admins', readable keepers', with `mine` the person's own. */
  readonly seeds: Readonly<Record<string, string>>
}
export interface CancelInviteBody {
  readonly op: 'cancel-invite'
  readonly invite: string
}
/** A guest asks to join; the author is the guest's device. */
export interface RequestBody {
  readonly op: 'request'
  readonly invite: string
  /** z-base-32 key of the guest's first drive; null when the guest will not write. */
  readonly drive: string | null
  /** Hex proof (hyper/root-proof.ts) over `driveMessage` that the guest writes that drive; null without one. */
  readonly driveProof: string | null
  /** Base64 of the person's and the device's name, sealed with the invite's name key. */
  readonly name: string
  readonly deviceName: string
  /** Hex signature by the invite's key pair over folder, device and drive. */
  readonly inviteSignature: string
}
/** Lets a guest in. Sealed with the gate that the request was sealed with, or the guest can't read it. */
export interface AdmitBody {
  readonly op: 'admit'
  readonly request: CommandId
  /** With a `mine` invite: the inviter's person, whose name stays as it is. */
  readonly person: PersonFacts
  readonly deviceName: RosterName
  readonly role: MemberRole
  /** The epoch that the guest's first drive belongs to, and its mark: the newest that the author knew. */
  readonly epoch: number
  readonly mark: string | null
  /** Base64 `KeyBox` for the guest's device. */
  readonly box: string
}
export interface RefuseBody {
  readonly op: 'refuse'
  readonly request: CommandId
}
/** An owner or admin makes a store of theirs a keeper, without invite. */
export interface KeeperBody {
  readonly op: 'keeper'
  readonly device: string
  readonly person: PersonFacts
  readonly deviceName: RosterName
  readonly blind: boolean
  readonly epoch: number
  readonly mark: string | null
  readonly box: string | null
}
export interface RoleBody {
  readonly op: 'role'
  readonly person: string
  readonly role: MemberRole
  /** Lengths of the person's drives, as in `remove`, when the new role does not write; else empty. */
  readonly frozen: Readonly<Record<string, number>>
}
/** The author's own new drive of an epoch. */
export interface DriveBody {
  readonly op: 'drive'
  readonly epoch: number
  readonly mark: string | null
  readonly drive: string
  /** Hex proof (hyper/root-proof.ts) over `driveMessage`: nobody lists another's drive. */
  readonly driveProof: string
}
/** What a new epoch is: its number, its mark (`epochMark` of its gate), and its keys in a box (base64 `KeyBox`) for each device that stays. */
export interface NextEpoch {
  readonly epoch: number
  readonly mark: string
  readonly boxes: Readonly<Record<string, string>>
}
/**
 * Removes people and devices; of oneself: leaving. Without anybody: a new epoch only. `next` counts from owners and admins who stay; it is
 * null in open folders and when leaving.
 */
export interface RemoveBody {
  readonly op: 'remove'
  readonly people: readonly string[]
  readonly devices: readonly string[]
  /** Drive key → length of its db log that stays in the folder. A drive that is left out stays out. */
  readonly frozen: Readonly<Record<string, number>>
  readonly next: NextEpoch | null
}
/** Keys of an epoch for devices that the epoch's author did not know of. */
export interface KeysBody {
  readonly op: 'keys'
  readonly epoch: number
  readonly mark: string | null
  readonly boxes: Readonly<Record<string, string>>
}
/** What a command says. */
export type CommandBody =
  | CreateBody
  | InviteBody
  | CancelInviteBody
  | RequestBody
  | AdmitBody
  | RefuseBody
  | KeeperBody
  | RoleBody
  | DriveBody
  | RemoveBody
  | KeysBody

/** A command whose signature was checked, as `openCommands` gives it. */
export interface OpenedCommand {
  readonly id: CommandId
  readonly folder: string
  readonly author: string
  readonly prev: readonly CommandId[]
  readonly epoch: number
  readonly at: number
  /** Null while it can't be read: its gate is not known here, or it is malformed. */
  readonly body: CommandBody | null
  /** `create`: the root proof holds. `request`: the signature of the invite and the proof of the drive hold. `drive`: its proof holds. True for all others that were read. */
  readonly proven: boolean
}

/** Keys of an epoch. */
export interface EpochKeys {
  readonly epoch: number
  /** Hex, 32 bytes: opens content. Null in open folders and for blind keepers. */
  readonly key: string | null
  /** Hex, 32 bytes: opens the roster. */
  readonly gate: string
}
/** What a sealed box holds: the keys of the newest epoch first, then of all others that its reader may need. */
export type KeyBox = readonly EpochKeys[]
