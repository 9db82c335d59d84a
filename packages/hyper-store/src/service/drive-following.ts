/** Follows what a roster says of a folder's drives: opens and closes them, takes over from removed members, sets forked ones apart. */
import type { MergedDrives } from '../hyper/folder-drives.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { createSerial } from '../lib/serial.ts'
import type { DriveSet, HeldDrive } from './drive-set.ts'
import type { Membership } from './membership.ts'
import { membersOf, takeOver } from './taking-over.ts'

/** The folder around it. */
export interface DriveFollowingOptions {
  readonly set: DriveSet
  readonly drives: MergedDrives
  readonly state: State
  readonly record: () => FolderRecord
  readonly save: (change: Partial<FolderRecord>) => Promise<void>
  /** A log of some drive grew. */
  readonly onGrown: () => void
  /** Drives came or went; the merge follows. */
  readonly onSet: () => void
  /** The merge has the drives of the set; `ownChanged`: the one that this device writes is another now. */
  readonly onMerged: (ownChanged: boolean) => Promise<void>
  /** The own drive was written in two ways. */
  readonly onOwnForked: () => void
}

/** The drives of one folder while they come and go, one step at a time. */
export class DriveFollowing {
  readonly #o: DriveFollowingOptions
  readonly #serial = createSerial()
  readonly #stopByDrive = new Map<string, (() => void)[]>()
  #membership: Membership
  #closed = false

  constructor(membership: Membership, options: DriveFollowingOptions) {
    this.#membership = membership
    this.#o = options
    for (const held of options.set.all) this.#listen(held)
  }

  get membership(): Membership {
    return this.#membership
  }

  /** To be called once the merge is open, before anything shows it. */
  async start(): Promise<void> {
    await this.#serial.run(async () => this.#takeOver())
  }

  /** Resolves to the membership of before, when all is as the roster says. */
  async follow(membership: Membership): Promise<Membership> {
    return this.#serial.run(async () => {
      const before = this.#membership
      if (!this.#closed) await this.#follow(membership)
      return before
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#serial.run(async () => undefined)
    for (const stop of [...this.#stopByDrive.values()].flat()) stop()
  }

  async #follow(membership: Membership): Promise<void> {
    const { set } = this.#o
    this.#membership = membership
    set.refuse(membership.refused)
    if (membership.removed || membership.drives === null) return
    const own = set.own
    const { changed, gone } = await set.follow(this.#o.record(), membership.drives)
    if (!changed) return
    this.#o.onSet()
    for (const held of set.all) this.#listen(held)
    await this.#useDrives()
    for (const held of gone) {
      this.#unlisten(held)
      await held.drive.close()
    }
    await this.#o.onMerged(own?.listed.key !== set.own?.listed.key)
  }

  /** A writer wrote its log in two ways. The others go on; of its drive, what is here stays. */
  async #setApart(held: HeldDrive): Promise<void> {
    const { set } = this.#o
    const record = this.#o.record()
    if (this.#closed || record.forked.includes(held.listed.key)) return
    await this.#o.save({ forked: [...record.forked, held.listed.key] })
    if (held.own) {
      this.#o.onOwnForked()
      return
    }
    this.#unlisten(held)
    await set.setApart(this.#o.record(), held)
    for (const one of set.all) this.#listen(one)
    await this.#useDrives()
    await this.#o.onMerged(false)
  }

  async #useDrives(): Promise<void> {
    await this.#setMembers()
    await this.#takeOver()
  }

  async #takeOver(): Promise<void> {
    const { drives, set } = this.#o
    const record = this.#o.record()
    const over = await takeOver(drives, set, { record, epoch: this.#membership.epoch })
    if (over.length === 0) return
    await this.#o.save({ frozen: [...this.#o.record().frozen, ...over] })
    await this.#setMembers()
  }

  async #setMembers(): Promise<void> {
    const { drives, set, state } = this.#o
    const { own } = set
    await drives.setMembers(
      membersOf(set, this.#o.record()),
      own === null ? null : { drive: own.drive, chunks: state.chunks(own.listed.key), writer: own.writer },
    )
  }

  #listen(held: HeldDrive): void {
    const { drive, shared } = held
    if (this.#stopByDrive.has(shared.id)) return
    this.#stopByDrive.set(shared.id, [
      drive.onForked(() => void this.#serial.run(async () => this.#setApart(held)).catch(() => undefined)),
      drive.db.onGrown(() => this.#o.onGrown()),
      drive.onContent(() => this.#o.onGrown()),
    ])
  }

  #unlisten(held: HeldDrive): void {
    for (const stop of this.#stopByDrive.get(held.shared.id) ?? []) stop()
    this.#stopByDrive.delete(held.shared.id)
  }
}
