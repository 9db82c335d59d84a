/** The rosters of the folders of this store: kept, folded, written to, and passed on to every device that has the folder. */
import { AppError } from '@hyper-store/client/contract'
import {
  MAX_COMMANDS,
  type CommandBody,
  type CommandId,
  type EpochKeys,
  type OpenedCommand,
  type SignedCommand,
} from '../core/roster/commands.ts'
import { foldRoster, isWorthKeeping } from '../core/roster/fold.ts'
import type { RosterState } from '../core/roster/roster-state.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { RosterMessage } from '../hyper/replication/messages.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import { gateOfRoot, keysOfEpoch, makeCommand, openCommands } from '../hyper/roster-crypto.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { RosterTable } from '../state/roster.ts'

/** Bytes of commands in one message to a peer. */
const MESSAGE_BYTES = 150_000

/** The roster of one folder on this device. */
export class FolderRoster {
  readonly key: string
  readonly #identity: Identity
  readonly #table: RosterTable
  readonly #now: () => number
  readonly #commands = new Map<string, SignedCommand>()
  #keys: readonly EpochKeys[]
  #opened: readonly OpenedCommand[] | null = null
  #state: { readonly state: RosterState; readonly until: number } | null = null

  constructor(key: string, options: { identity: Identity; table: RosterTable; keys: readonly EpochKeys[]; now: () => number }) {
    this.key = key
    this.#identity = options.identity
    this.#table = options.table
    this.#keys = options.keys
    this.#now = options.now
  }

  /** Reads the stored commands; to be awaited once, before all else. */
  async load(): Promise<void> {
    for (const row of await this.#table.list()) {
      const checked = this.#check(row)
      if (checked !== null) this.#commands.set(checked.id, checked.command)
    }
  }

  /** A command from outside, with its signature checked; null when it is none of this folder. */
  #check(row: unknown): { readonly id: CommandId; readonly command: SignedCommand } | null {
    const [opened] = openCommands([row], { folder: this.key, gates: this.#gates })
    if (opened === undefined) return null
    const { v, folder, author, prev, epoch, at, body, signature } = row as SignedCommand
    return { id: opened.id, command: { v, folder, author, prev, epoch, at, body, signature } }
  }

  get #gates(): readonly { readonly epoch: number; readonly gate: string }[] {
    return this.#keys.filter((keys) => keys.epoch > 1)
  }

  /** Ids of all commands that are here. */
  get ids(): string[] {
    return [...this.#commands.keys()]
  }
  /** Keys of the epochs that this device knows. */
  get keys(): readonly EpochKeys[] {
    return this.#keys
  }

  /** What the commands come to now. */
  get state(): RosterState {
    const now = this.#now()
    const cached = this.#state
    // Invites expire by themselves.
    if (cached !== null && now < cached.until) return cached.state
    this.#opened ??= openCommands([...this.#commands.values()], { folder: this.key, gates: this.#gates })
    const state = foldRoster(this.#opened, now)
    const expiries = state.invites.filter((i) => i.state === 'open').map((i) => i.expiresAtMs + 1)
    this.#state = { state, until: Math.min(...expiries, Infinity) }
    return state
  }

  /** More keys of epochs: what they seal can be read from now on. */
  learn(keys: readonly EpochKeys[]): boolean {
    const fresh = keys.filter((k) => !this.#keys.some((known) => known.gate === k.gate && (known.key !== null || k.key === null)))
    if (fresh.length === 0) return false
    this.#keys = [...this.#keys.filter((known) => !fresh.some((k) => k.gate === known.gate)), ...fresh]
    this.#forget()
    return true
  }

  /** Takes commands from a peer; gives those that are new and well-formed, after they were stored. */
  async take(rows: readonly unknown[]): Promise<SignedCommand[]> {
    const fresh: { id: string; command: SignedCommand }[] = []
    for (const row of rows) {
      const checked = this.#check(row)
      if (checked === null || this.#commands.has(checked.id) || fresh.some((f) => f.id === checked.id)) continue
      if (this.#commands.size + fresh.length < MAX_COMMANDS) fresh.push(checked)
    }
    const kept = this.#worthKeeping(fresh)
    if (kept.length === 0) return []
    await this.#table.putMany(kept)
    for (const { id, command } of kept) this.#commands.set(id, command)
    this.#forget()
    return kept.map((f) => f.command)
  }

  /** A stranger who knows the folder can sign commands without end: what says nothing to anybody is not stored. */
  #worthKeeping(fresh: readonly { readonly id: CommandId; readonly command: SignedCommand }[]): typeof fresh {
    if (fresh.length === 0) return fresh
    const together = openCommands([...this.#commands.values(), ...fresh.map((f) => f.command)], { folder: this.key, gates: this.#gates })
    const state = foldRoster(together, this.#now())
    // Before the roster's beginning is here nothing can be judged.
    if (!state.shared) return fresh
    const worth = new Set(together.filter((command) => isWorthKeeping(command, state)).map((command) => command.id))
    return fresh.filter((f) => worth.has(f.id))
  }

  /** Signs a command of this device and stores it. `sealed`: the keys that seal it; default: the newest epoch's that are known here. */
  async write(body: CommandBody, sealed?: EpochKeys): Promise<{ readonly id: CommandId; readonly command: SignedCommand }> {
    const { heads } = this.state
    const { epoch, gate } = sealed ?? this.newestKeys
    const made = makeCommand(this.#identity, { folder: this.key, prev: heads, epoch, gate, at: this.#now(), body })
    const [taken] = await this.take([made.command])
    if (taken === undefined) throw new AppError('DEFECT', { reason: `a command (${body.op}) was not taken by its own roster` })
    return made
  }

  /** Keys of the newest epoch that this device has keys of; those of the first at least. */
  get newestKeys(): EpochKeys {
    const { state } = this
    const found = keysOfEpoch(this.#keys, { epoch: state.epoch, mark: state.mark })
    if (found !== null) return found
    const known = [...state.epochs].reverse().map((epoch) => keysOfEpoch(this.#keys, epoch))
    return known.find((keys) => keys !== null) ?? keysOfEpoch(this.#keys, { epoch: 1, mark: null }) ?? this.#first
  }

  /** Keys of an epoch that this device has; null when it has not. */
  keysOf(epoch: number, mark: string | null): EpochKeys | null {
    return keysOfEpoch(this.#keys, { epoch, mark })
  }

  /** The first epoch's gate is known to everybody who knows the folder. */
  get #first(): EpochKeys {
    return { epoch: 1, key: null, gate: gateOfRoot(this.key) }
  }

  /** The commands that a peer lacks. */
  lackingAt(ids: ReadonlySet<string>): SignedCommand[] {
    return [...this.#commands].filter(([id]) => !ids.has(id)).map(([, command]) => command)
  }

  /** What a removed device may hear: all up to the epoch in which it was removed, and more while an invite is open. */
  forRemoved(device: string): SignedCommand[] {
    const { state } = this
    const gone = state.removed.find((one) => one.key === device)
    const all = [...this.#commands.values()]
    if (gone === undefined || state.invites.some((invite) => invite.state === 'open')) return all
    const last = Math.max(...all.filter((command) => command.author === device).map((command) => command.epoch), 1)
    const removal = this.#commands.get(gone.by)?.epoch ?? last
    return all.filter((command) => command.epoch <= removal)
  }

  #forget(): void {
    this.#opened = null
    this.#state = null
  }
}

/** What rosters tell the store, and how they find the peers of a folder. */
export interface RostersOptions {
  readonly identity: Identity
  readonly tableOf: (key: string) => RosterTable
  /** Milliseconds since 1970: invites expire by it. */
  readonly now: () => number
  /** Sessions that know the folder. */
  readonly peersOf: (drive: SharedDrive) => readonly PeerSession[]
  /** Sessions with removed members, or with those who removed this device. */
  readonly refusedPeersOf: (drive: SharedDrive) => readonly PeerSession[]
  /** Root drive of a folder as it is shared now; null when the folder is not open. */
  readonly rootOf: (key: string) => SharedDrive | null
  /** Key of the folder whose root drive this is; null for any other drive. */
  readonly folderOf: (drive: SharedDrive) => string | null
  readonly onChange: (roster: FolderRoster) => void
}

/** Opens rosters and gossips their commands. */
export class Rosters {
  readonly #o: RostersOptions
  readonly #byKey = new Map<string, FolderRoster>()

  constructor(options: RostersOptions) {
    this.#o = options
  }

  /** The roster of a folder, when it is open. */
  of(key: string): FolderRoster | undefined {
    return this.#byKey.get(key)
  }

  /** The roster of a folder, opened once. */
  async open(key: string, keys: readonly EpochKeys[]): Promise<FolderRoster> {
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.learn(keys)
      return known
    }
    const roster = new FolderRoster(key, { identity: this.#o.identity, table: this.#o.tableOf(key), keys, now: this.#o.now })
    await roster.load()
    this.#byKey.set(key, roster)
    return roster
  }

  /** A folder is kept no more. */
  close(key: string): void {
    this.#byKey.delete(key)
  }

  /** What follows from a roster may be another thing now. */
  changed(key: string): void {
    const roster = this.#byKey.get(key)
    if (roster !== undefined) this.#o.onChange(roster)
  }

  /** Writes a command and tells all who have the folder. */
  async write(roster: FolderRoster, body: CommandBody, sealed?: EpochKeys): Promise<CommandId> {
    const { id, command } = await roster.write(body, sealed)
    this.#spread(roster, [command], null)
    this.#o.onChange(roster)
    return id
  }

  /** A peer has proved to know the drive: both sides say what they have. */
  greet(session: PeerSession, drive: SharedDrive): void {
    const roster = this.#rosterOf(drive)
    if (roster !== null) session.sendRoster(drive, { have: roster.ids.map(short) })
  }

  /** A removed member hears of its removal; of what came after only while somebody may be inviting it back, and sealed. */
  tellRefused(session: PeerSession, drive: SharedDrive): void {
    const roster = this.#rosterOf(drive)
    if (roster !== null) this.#send(session, drive, roster.forRemoved(session.deviceKey))
  }

  /** A peer tells what it has, or what we lack. */
  async hear(session: PeerSession, drive: SharedDrive, message: RosterMessage): Promise<void> {
    const roster = this.#rosterOf(drive)
    if (roster === null) return
    if (message.have !== undefined && !drive.refused.has(session.deviceKey)) {
      const have = new Set(message.have)
      const ids = new Set(roster.ids.filter((id) => have.has(short(id))))
      this.#send(session, drive, roster.lackingAt(ids))
    }
    if (message.commands === undefined) return
    const fresh = await roster.take(message.commands)
    if (fresh.length === 0) return
    this.#spread(roster, fresh, session)
    this.#o.onChange(roster)
  }

  #rosterOf(drive: SharedDrive): FolderRoster | null {
    const key = this.#o.folderOf(drive)
    return key === null ? null : (this.#byKey.get(key) ?? null)
  }

  #spread(roster: FolderRoster, commands: readonly SignedCommand[], from: PeerSession | null): void {
    const root = this.#o.rootOf(roster.key)
    if (root === null) return
    for (const session of this.#o.peersOf(root)) if (session.id !== from?.id) this.#send(session, root, commands)
    for (const session of this.#o.refusedPeersOf(root)) if (session.id !== from?.id) this.tellRefused(session, root)
  }

  #send(session: PeerSession, drive: SharedDrive, commands: readonly SignedCommand[]): void {
    let piece: SignedCommand[] = []
    let bytes = 0
    for (const command of commands) {
      const size = command.body.length + 600
      if (piece.length > 0 && (bytes + size > MESSAGE_BYTES || piece.length >= 400)) {
        session.sendRoster(drive, { commands: piece })
        piece = []
        bytes = 0
      }
      piece.push(command)
      bytes += size
    }
    if (piece.length > 0) session.sendRoster(drive, { commands: piece })
  }
}

/** Ids as they are told: enough of them to be told apart. */
function short(id: string): string {
  return id.slice(0, 24)
}
