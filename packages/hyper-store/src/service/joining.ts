/** Joins folders with invites: finds somebody who has the folder, asks to be let in, and opens the folder once that happened. */
import { createHash, randomBytes } from 'node:crypto'
import path from 'node:path'
import { AppError, errorCode, type ErrorCode, type Join, type JoinFolder } from '@hyper-store/client/contract'
import { decodeZ32, encodeZ32 } from '../core/links.ts'
import type { EpochKeys } from '../core/roster/commands.ts'
import { decodeInvite, type InviteCode } from '../core/roster/invite-code.ts'
import { boxesFor, rankOf, roleOf, type RosterInvite, type RosterState } from '../core/roster/roster-state.ts'
import { createSerial } from '../lib/serial.ts'
import type { Clock } from '../core/ports.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { SharedDrive } from '../hyper/replication/shared-drive.ts'
import { driveMessage, fourWords, inviteKeyPair, openKeyBox, openName, requestBody } from '../hyper/roster-crypto.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { FolderRecord, JoinRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import type { Addresses } from './addresses.ts'
import { type Adding, recordOf } from './adding.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { Network } from './network.ts'
import type { FolderRoster, Rosters } from './rosters.ts'

/** What joining needs from the store around it. */
export interface JoiningOptions {
  readonly state: State
  readonly clock: Clock
  readonly identity: Identity
  readonly cores: CoreStorage
  readonly replication: Replication
  readonly network: Network
  readonly folders: KeptFolders
  readonly rosters: Rosters
  readonly adding: Adding
  readonly addresses: Addresses
  readonly deviceName: () => string
  readonly onProblem: (message: string) => void
}

/** A folder's root drive while its content is out of reach: enough to meet those who have it. */
interface Presence {
  readonly drive: DeviceDrive
  readonly shared: SharedDrive
}

/** Joins under way, kept over restarts. */
export class Joining {
  readonly #o: JoiningOptions
  readonly #serial = createSerial()
  readonly #presences = new Map<string, Presence>()

  constructor(options: JoiningOptions) {
    this.#o = options
  }

  /** Goes on with what was under way when the store stopped. */
  async start(): Promise<void> {
    for (const record of await this.#o.state.joins.list()) if (isOpen(record)) await this.#begin(record)
  }

  async close(): Promise<void> {
    for (const key of this.#presences.keys()) await this.#leave(key)
  }

  /** Root drive of a folder that is being joined; null for any other. */
  rootOf(key: string): SharedDrive | null {
    return this.#presences.get(key)?.shared ?? null
  }
  /** Key of the folder that is being joined whose root drive this is. */
  folderOf(drive: SharedDrive): string | null {
    for (const [key, presence] of this.#presences) if (presence.shared.id === drive.id) return key
    return null
  }

  /** Begins, or goes on with the same code. Throws BAD_INVITE, ALREADY_KEPT, FOLDER_NOT_EMPTY, FOLDER_OVERLAP, BAD_REQUEST. */
  async join(request: JoinFolder): Promise<Join> {
    const invite = decodeInvite(request.code)
    if (invite === null) throw new AppError('BAD_INVITE')
    const id = idOf(this.#o.identity.deviceKey, inviteKeyPair(invite.seed).id)
    const known = await this.#o.state.joins.get(id)
    if (known !== null && isOpen(known)) return shown(known)
    const folder = this.#o.folders.get(invite.folder)
    if (folder !== undefined && !folder.membership.removed && (folder.record.shared || folder.record.ownDrive !== null)) {
      if (known?.state === 'joined') return shown(known)
      throw new AppError('ALREADY_KEPT', { link: invite.folder })
    }
    const target = request.path ?? folder?.record.path ?? null
    if (target !== null && folder?.record.path !== target) await this.#o.adding.refusePlace(target, { empty: invite.role === 'reader' })
    const record: JoinRecord = {
      id,
      code: request.code,
      key: invite.folder,
      path: target,
      title: request.title ?? null,
      name: request.name ?? this.#o.deviceName(),
      ownDrive: randomBytes(16).toString('hex'),
      request: null,
      state: 'looking',
      problem: null,
      role: invite.role,
      words: null,
      atMs: this.#o.clock.now(),
    }
    await this.#o.state.joins.put(record)
    await this.#begin(record)
    return this.get(id)
  }

  /** All joins of this device, ended ones too. */
  async list(): Promise<Join[]> {
    return (await this.#o.state.joins.list()).map(shown)
  }

  /** Throws NOT_FOUND. */
  async get(id: string): Promise<Join> {
    const record = await this.#o.state.joins.get(id)
    if (record === null) throw new AppError('NOT_FOUND', { what: `The join ${id}` })
    return shown(record)
  }

  /** Forgets a join; a folder that was joined stays. Throws NOT_FOUND. */
  async cancel(id: string): Promise<void> {
    const { key } = await this.get(id)
    await this.#serial.run(async () => {
      await this.#o.state.joins.remove(id)
      if (this.#o.folders.get(key) === undefined) await this.#leave(key)
    })
  }

  /** A roster changed. */
  act(key: string): void {
    void this.#serial
      .run(async () => {
        for (const record of await this.#o.state.joins.list()) {
          if (record.key !== key) continue
          if (isOpen(record)) await this.#step(record)
          else if (record.state === 'joined') await this.#check(record)
        }
      })
      .catch((error: unknown) => this.#o.onProblem(`joining ${key.slice(0, 8)}: ${error instanceof Error ? error.message : String(error)}`))
  }

  async #begin(record: JoinRecord): Promise<void> {
    const invite = decodeInvite(record.code)
    if (invite === null) return
    await this.#serial.run(async () => {
      await this.#o.rosters.open(record.key, invite.gate === null ? [] : [{ epoch: invite.gate.epoch, key: null, gate: invite.gate.gate }])
      if (this.#o.folders.get(record.key) === undefined) await this.#appear(record.key)
      this.#o.addresses.use(record.key, invite.hints)
    })
    this.act(record.key)
  }

  async #appear(key: string): Promise<void> {
    const root = decodeZ32(key)
    if (root === null || this.#presences.has(key)) return
    const drive = await this.#o.cores.openOther(root, null)
    const shared = new SharedDrive(drive, { fetches: false })
    this.#presences.set(key, { drive, shared })
    await this.#o.replication.add(shared)
    this.#o.network.join(shared.discoveryKey)
  }

  async #leave(key: string): Promise<void> {
    const presence = this.#presences.get(key)
    if (presence === undefined) return
    this.#presences.delete(key)
    this.#o.network.leave(presence.shared.discoveryKey)
    await this.#o.replication.remove(presence.shared)
    await presence.drive.close()
  }

  async #step(record: JoinRecord): Promise<void> {
    const roster = this.#o.rosters.of(record.key)
    const invite = decodeInvite(record.code)
    if (roster === undefined || invite === null) return
    const state = roster.state
    const found = state.invites.find((i) => i.id === inviteKeyPair(invite.seed).id)
    if (record.request === null) {
      if (found === undefined) return
      if (found.state !== 'open') await this.#refuse(record, refusalOf(found.state))
      else await this.#ask(record, roster, { invite, found })
      return
    }
    const request = state.requests.find((r) => r.id === record.request)
    if (request === undefined || request.outcome === 'waiting') return
    if (request.outcome === 'admitted') await this.#enter(record, state, found)
    else await this.#refuse(record, refusalOf(request.outcome), nameOf(state, request.by, roster.keys))
  }

  /** Two may have spent the last use of an invite at once: who was let in by the one that came later is told so. */
  async #check(record: JoinRecord): Promise<void> {
    const state = this.#o.rosters.of(record.key)?.state
    const request = state?.requests.find((r) => r.id === record.request)
    if (request?.outcome === 'used' || request?.outcome === 'expired' || request?.outcome === 'cancelled') {
      const code = refusalOf(request.outcome)
      await this.#o.state.joins.put({ ...record, state: 'refused', problem: { code, message: new AppError(code).message } })
    }
  }

  async #ask(record: JoinRecord, roster: FolderRoster, about: { invite: InviteCode; found: RosterInvite }): Promise<void> {
    const { identity, cores, rosters, deviceName } = this.#o
    const { invite, found } = about
    const writes = record.path !== null && rankOf(found.role) >= rankOf('writer')
    const own = writes ? await cores.proveOwn(record.ownDrive, (key) => driveMessage(record.key, identity.deviceKey, encodeZ32(key))) : null
    const kept = this.#o.folders.get(record.key)
    // A member again: its drive is known as its own before anybody can list it.
    if (own !== null && kept !== undefined) await kept.remember({ drives: [...kept.record.drives, record.ownDrive] })
    const body = requestBody(invite.seed, {
      folder: record.key,
      device: identity.deviceKey,
      drive: own === null ? null : encodeZ32(own.key),
      driveProof: own?.proof ?? null,
      name: record.name,
      deviceName: deviceName(),
    })
    const sealed = invite.gate === null ? undefined : { epoch: invite.gate.epoch, key: null, gate: invite.gate.gate }
    const request = await rosters.write(roster, body, sealed)
    const words = fourWords(identity.deviceKey, found.device, request)
    await this.#o.state.joins.put({ ...record, request, state: 'waiting', role: found.role, words: found.approve ? words : null })
    // The answer may be here already.
    this.act(record.key)
  }

  /** Let in: the folder is opened like any other. */
  async #enter(record: JoinRecord, state: RosterState, invite: RosterInvite | undefined): Promise<void> {
    const { identity, adding, folders } = this.#o
    const keys = boxesFor(state, identity.deviceKey).flatMap((box) => openKeyBox(identity, box) ?? [])
    const role = roleOf(state, identity.deviceKey)
    if (role === null) return
    const writes = record.path !== null && rankOf(role) >= rankOf('writer')
    const fields: Pick<FolderRecord, 'shared' | 'epochs' | 'drives'> = {
      shared: true,
      epochs: keys.filter((k, at) => k.epoch > 1 && keys.findIndex((other) => other.gate === k.gate) === at),
      drives: writes ? [record.ownDrive] : [],
    }
    const kept = folders.get(record.key)
    if (kept === undefined) {
      await this.#leave(record.key)
      try {
        await adding.openJoined({
          ...recordOf({
            key: record.key,
            path: record.path,
            title: record.title ?? (record.path === null ? record.key.slice(0, 8) : path.basename(record.path)),
            mode: record.path === null ? 'keep' : writes ? 'send-receive' : 'receive-only',
            encryptionKey: keys.find((k) => k.epoch === 1)?.key ?? null,
            private: state.private,
            ownDrive: null,
          }),
          ...fields,
          addresses: [...(decodeInvite(record.code)?.hints ?? [])],
        })
      } catch (error) {
        await this.#refuse(record, errorCode(error) ?? 'DEFECT')
        throw error
      }
    }
    await this.#o.state.joins.put({ ...record, state: 'joined', role: invite?.mine === true ? role : (invite?.role ?? role) })
    this.#o.rosters.changed(record.key)
  }

  async #refuse(record: JoinRecord, code: ErrorCode, by = 'a member'): Promise<void> {
    const problem = new AppError(code, { by, path: record.path ?? '' })
    await this.#o.state.joins.put({ ...record, state: 'refused', problem: { code, message: problem.message } })
    if (this.#o.folders.get(record.key) === undefined) await this.#leave(record.key)
    this.#o.addresses.drop(record.key)
  }
}

function isOpen(record: JoinRecord): boolean {
  return record.state === 'looking' || record.state === 'waiting'
}

/** Name of a person; names of private folders are not for guests. */
function nameOf(state: RosterState, person: string | null, keys: readonly EpochKeys[]): string {
  const found = state.people.find((p) => p.id === person)
  return (found === undefined ? null : openName(found.name, keys)) ?? 'a member'
}

function refusalOf(outcome: 'refused' | 'used' | 'expired' | 'cancelled'): ErrorCode {
  const codes = { refused: 'JOIN_REFUSED', used: 'INVITE_USED', expired: 'INVITE_EXPIRED', cancelled: 'INVITE_CANCELLED' } as const
  return codes[outcome]
}

function idOf(device: string, invite: string): string {
  return createHash('sha256').update(`${device}\n${invite}`).digest('hex').slice(0, 32)
}

function shown(record: JoinRecord): Join {
  const { id, key, path: where, state, words, role, problem } = record
  return { id, key, path: where, state, words, role, problem }
}
