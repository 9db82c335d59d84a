/** What this device does by itself when a roster says something new: takes keys, makes its drive, lets guests in, renews epochs, hands on keys. */
import { randomBytes } from 'node:crypto'
import { encodeZ32 } from '../core/links.ts'
import { MAX_BOXES, type EpochKeys, type NextEpoch, type RosterName } from '../core/roster/commands.ts'
import { boxesFor, leads, mayAdmit, mayWrite, memberOf, type RosterRequest, type RosterState } from '../core/roster/roster-state.ts'
import { createSerial } from '../lib/serial.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import { driveMessage, epochMark, gateOfRoot, newEpochKeys, openKeyBox, openName, sealKeyBox, sealName } from '../hyper/roster-crypto.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { FolderRecord } from '../state/records.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { guestOf, membershipOf } from './member-view.ts'
import { type Membership, UNSHARED } from './membership.ts'
import type { FolderRoster, Rosters } from './rosters.ts'

/** Others who may answer a guest, or renew an epoch, wait so long for the one who is nearest to it. */
const OTHERS_WAIT_MS = 1_500

/** What the duties need from the store around them. */
export interface RosterDutiesOptions {
  readonly identity: Identity
  readonly cores: CoreStorage
  readonly folders: () => KeptFolders
  readonly rosters: () => Rosters
  /** Device key of a provider by name; null when it was never seen. */
  readonly providerKey: (name: string) => string | null
  /** A folder's members changed. */
  readonly onMembers: (folder: KeptFolder) => void
  readonly onProblem: (message: string) => void
}

/** Acts on rosters, one step at a time for each folder. */
export class RosterDuties {
  readonly #o: RosterDutiesOptions
  readonly #serialByKey = new Map<string, ReturnType<typeof createSerial>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #closed = false

  constructor(options: RosterDutiesOptions) {
    this.#o = options
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  /** All keys of epochs that a folder's record holds. */
  keysOf(record: FolderRecord): EpochKeys[] {
    return [{ epoch: 1, key: record.encryptionKey, gate: gateOfRoot(record.key) }, ...record.epochs]
  }

  /** The membership of a folder that is opened, out of its stored roster. */
  async membershipOf(record: FolderRecord): Promise<Membership> {
    const roster = await this.#o.rosters().open(record.key, this.keysOf(record))
    return this.#membership(roster)
  }

  #membership(roster: FolderRoster): Membership {
    const state = roster.state
    return state.shared ? membershipOf(state, this.#o.identity.deviceKey, roster.keys) : UNSHARED
  }

  /** The roster of a folder changed, or the folder was opened: does what is to be done. */
  act(key: string): void {
    void this.settled(key).catch((error: unknown) =>
      this.#o.onProblem(`sharing ${key.slice(0, 8)}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }

  /** Resolves when everything that follows from the roster as it is now was done. */
  async settled(key: string): Promise<void> {
    let serial = this.#serialByKey.get(key)
    if (serial === undefined) {
      serial = createSerial()
      this.#serialByKey.set(key, serial)
    }
    await serial.run(async () => this.#act(key))
  }

  async #act(key: string): Promise<void> {
    const roster = this.#o.rosters().of(key)
    const folder = this.#o.folders().get(key)
    if (roster === undefined || folder === undefined || this.#closed) return
    if (!roster.state.shared) return
    await this.#takeKeys(roster, folder)
    if (!folder.record.shared) await folder.remember({ shared: true })
    const state = roster.state
    await this.#takeRole(state, folder)
    await this.#makeDrive(roster, folder)
    await folder.followRoster(this.#membership(roster))
    await this.#addProviders(roster, folder)
    this.#answerLater(roster)
    this.#o.onMembers(folder)
  }

  /** Opens the boxes that are for this device. */
  async #takeKeys(roster: FolderRoster, folder: KeptFolder): Promise<void> {
    // What one box opens may be the roster's next part, with the next box in it.
    for (;;) {
      const boxes = boxesFor(roster.state, this.#o.identity.deviceKey)
      const keys = boxes.flatMap((box) => openKeyBox(this.#o.identity, box) ?? [])
      if (!roster.learn(keys)) return
      const { record } = folder
      const first = keys.find((k) => k.epoch === 1 && k.key !== null)
      const isNew = (k: EpochKeys) =>
        k.epoch > 1 && !record.epochs.some((known) => known.gate === k.gate && (known.key !== null || k.key === null))
      const fresh = keys.filter((k, at) => isNew(k) && keys.findIndex((other) => other.gate === k.gate) === at)
      await folder.remember({
        epochs: [...record.epochs.filter((known) => !fresh.some((k) => k.gate === known.gate)), ...fresh],
        ...(first !== undefined && record.encryptionKey === null && !record.blind ? { encryptionKey: first.key } : {}),
      })
    }
  }

  /** The mode follows a role that was lost or won. */
  async #takeRole(state: RosterState, folder: KeptFolder): Promise<void> {
    const { record } = folder
    if (record.path === null || memberOf(state, this.#o.identity.deviceKey) === null) return
    const writes = mayWrite(state, this.#o.identity.deviceKey)
    if (!writes && (record.mode === 'send-receive' || record.mode === 'send-only')) await folder.useMode('receive-only')
    if (writes && folder.membership.role === 'reader' && record.mode === 'receive-only') await folder.useMode('send-receive')
  }

  /** A writer has a drive of its own in the newest epoch. */
  async #makeDrive(roster: FolderRoster, folder: KeptFolder): Promise<void> {
    const { identity, cores, rosters } = this.#o
    const state = roster.state
    const me = memberOf(state, identity.deviceKey)
    if (me === null || !mayWrite(state, identity.deviceKey) || folder.record.path === null) return
    const isThere = me.device.drives.some((d) => d.epoch === state.epoch && d.mark === state.mark && d.frozenAt === null && !d.lost)
    if (isThere || roster.keysOf(state.epoch, state.mark) === null) return
    const name = randomBytes(16).toString('hex')
    // Its name is on record before anybody hears of it: a drive that is listed and can't be found again would be no one's.
    await folder.remember({ drives: [...folder.record.drives, name] })
    const { key, proof } = await cores.proveOwn(name, (k) => driveMessage(folder.key, identity.deviceKey, encodeZ32(k)))
    await rosters().write(roster, { op: 'drive', epoch: state.epoch, mark: state.mark, drive: encodeZ32(key), driveProof: proof })
  }

  /** The providers that keep the folder are members of it. */
  async #addProviders(roster: FolderRoster, folder: KeptFolder): Promise<void> {
    const { identity, rosters, providerKey } = this.#o
    const state = roster.state
    if (!leads(state, identity.deviceKey)) return
    for (const name of folder.record.providers) {
      const device = providerKey(name)
      if (device === null || memberOf(state, device) !== null || state.removed.some((gone) => gone.key === device)) continue
      const blind = folder.record.blindProviders.includes(name)
      const { epoch, mark } = state
      await rosters().write(
        roster,
        {
          op: 'keeper',
          device,
          person: { id: randomBytes(8).toString('hex'), name: this.sealName(roster, name) },
          deviceName: this.sealName(roster, name),
          blind,
          epoch,
          mark,
          box: sealKeyBox(device, blind ? blindKeys(roster.keys) : roster.keys),
        },
        firstGate(roster),
      )
    }
  }

  /** Lets guests in that need no approval, renews an epoch and hands on keys: at once where this device is nearest to it, else a moment later. */
  #answerLater(roster: FolderRoster): void {
    if (this.#timers.has(roster.key) || this.#closed) return
    const state = roster.state
    const { deviceKey } = this.#o.identity
    const waiting = this.#answerable(state)
    const todo = waiting.length > 0 || (leads(state, deviceKey) && (state.needsEpoch || state.lacking.length > 0))
    if (!todo) return
    const mine = waiting.some((r) => state.invites.some((i) => i.id === r.invite && i.device === deviceKey))
    const wait = mine ? 0 : OTHERS_WAIT_MS * (0.5 + Math.random())
    const timer = setTimeout(() => {
      this.#timers.delete(roster.key)
      void this.#answer(roster).catch((error: unknown) => this.#o.onProblem(String(error)))
    }, wait)
    timer.unref()
    this.#timers.set(roster.key, timer)
  }

  #answerable(state: RosterState): RosterRequest[] {
    return state.requests.filter((request) => {
      const invite = state.invites.find((i) => i.id === request.invite)
      return invite?.approve === false && mayAdmit(state, this.#o.identity.deviceKey, request)
    })
  }

  async #answer(roster: FolderRoster): Promise<void> {
    const { identity, rosters } = this.#o
    for (const request of this.#answerable(roster.state)) await this.admit(roster, request)
    const state = roster.state
    if (!leads(state, identity.deviceKey)) return
    if (state.needsEpoch) {
      await rosters().write(roster, { op: 'remove', people: [], devices: [], frozen: {}, next: this.nextEpoch(state, []) })
    } else if (state.lacking.length > 0 && roster.keysOf(state.epoch, state.mark) !== null) {
      const boxes = Object.fromEntries(
        state.lacking
          .slice(0, MAX_BOXES)
          .map(({ device, blind }) => [device, sealKeyBox(device, blind ? blindKeys(roster.keys) : roster.keys)]),
      )
      await rosters().write(roster, { op: 'keys', epoch: state.epoch, mark: state.mark, boxes }, firstGate(roster))
    }
    await this.settled(roster.key)
  }

  /** Lets a guest in, with the keys that their role needs. */
  async admit(roster: FolderRoster, request: RosterRequest): Promise<void> {
    const { identity, rosters } = this.#o
    const state = roster.state
    const invite = state.invites.find((i) => i.id === request.invite)
    if (invite === undefined) return
    const guest = guestOf(state, request, identity)
    const mine = invite.mine ? state.people.find((p) => p.id === invite.person) : undefined
    const person = mine ?? { id: randomBytes(8).toString('hex'), name: this.sealName(roster, guest.name) }
    const newest = roster.newestKeys
    const sealed = request.epoch === 1 ? undefined : roster.keys.find((k) => k.epoch === request.epoch)
    await rosters().write(
      roster,
      {
        op: 'admit',
        request: request.id,
        person: { id: person.id, name: person.name },
        deviceName: this.sealName(roster, guest.deviceName),
        role: invite.role,
        epoch: newest.epoch,
        mark: newest.epoch === 1 ? null : epochMark(newest.gate),
        box: sealKeyBox(request.device, roster.keys),
      },
      // The guest opens the roster with the gate that their code has.
      sealed ?? firstGate(roster),
    )
  }

  /** Fresh keys for all members but those who go. */
  nextEpoch(state: RosterState, gone: readonly string[]): NextEpoch {
    const fresh = newEpochKeys(state.epoch + 1, { private: state.private })
    const stay = state.people.flatMap((p) => p.devices.filter((d) => !gone.includes(d.key)).map((d) => ({ device: d.key, blind: p.blind })))
    return {
      epoch: fresh.epoch,
      mark: epochMark(fresh.gate),
      // Who finds no place here gets the keys by the next command.
      boxes: Object.fromEntries(
        stay.slice(0, MAX_BOXES).map(({ device, blind }) => [device, sealKeyBox(device, blind ? blindKeys([fresh]) : [fresh])]),
      ),
    }
  }

  /** Seals a name for members. */
  sealName(roster: FolderRoster, name: string): RosterName {
    return sealName(name.slice(0, 100), roster.newestKeys)
  }
  /** Reads a sealed name; null when this device has no key for it. */
  openName(roster: FolderRoster, name: RosterName): string | null {
    return openName(name, roster.keys)
  }
}

/** Who has no keys yet can read what is sealed with the first epoch's gate alone. */
function firstGate(roster: FolderRoster): EpochKeys {
  return { epoch: 1, key: null, gate: gateOfRoot(roster.key) }
}

/** What a blind keeper gets: the roster, and no content. */
function blindKeys(keys: readonly EpochKeys[]): EpochKeys[] {
  return keys.map((k) => ({ ...k, key: null }))
}
