/** From a finished pass to the state that the store sees: which epochs count, who lacks keys, how invites and requests stand. */
import { causesOf, type CommandGraph } from './command-graph.ts'
import { type CommandId, MAX_PREV } from './commands.ts'
import type { Pass, PassDevice, PassEpoch, PassInvite, PassRequest } from './pass-shapes.ts'
import type { RosterDevice, RosterEpoch, RosterInvite, RosterPerson, RosterRequest, RosterState } from './roster-state.ts'

const MAX_PROBLEMS = 100
const MAX_MISSING = 1000

/** A state, and the parts of it that a clock decides. */
export interface FoldedRoster {
  readonly state: RosterState
  /** Ids of the commands that did something. */
  readonly applied: ReadonlySet<CommandId>
  readonly invites: readonly PassInvite[]
}

/** The state of a pass, with invites and requests as they stand at the beginning of time. */
export function stateOf(graph: CommandGraph, pass: Pass): FoldedRoster {
  const chain = chainOf(graph, pass)
  const marks = new Set(chain.map((epoch) => epoch.mark))
  const tip = chain.at(-1)
  const device = (from: PassDevice) => deviceOf(from, marks)
  const people = [...pass.people.values()].map(({ id, name, role, blind, devices }): RosterPerson => ({
    id,
    name,
    role,
    blind,
    devices: [...devices.values()].map((one) => device(one)),
  }))
  const removed = pass.removed.map(({ device: gone, person, at }) => ({
    ...device(gone),
    person: person.id,
    personName: person.name,
    by: idAt(graph, at),
    removedAtMs: graph.order[at]?.at ?? 0,
  }))
  const invites = [...pass.invites.values()]
  const state: RosterState = {
    shared: pass.begun,
    private: pass.private,
    epoch: tip?.epoch ?? 1,
    mark: tip?.mark ?? null,
    needsEpoch: pass.private && pass.exposures.some((at) => !chain.some((epoch) => epoch.at === at || graph.knew(epoch.at, at))),
    lacking: [...pass.people.values()].flatMap((person) =>
      [...person.devices.values()]
        .filter((one) => !one.keyed.has(tip?.mark ?? ''))
        .map((one) => ({ device: one.key, blind: person.blind })),
    ),
    people,
    removed,
    invites: [],
    requests: requestsOf(graph, pass),
    epochs: epochsOf(graph, pass, marks),
    heads: headsOf(graph, pass),
    missing: graph.missing.slice(0, MAX_MISSING),
    problems: problemsOf(graph, pass),
  }
  return { state, applied: new Set([...pass.applied].map((at) => idAt(graph, at))), invites }
}

/** The state with a clock: open invites whose time is over are expired, and those who wait for them are told so. */
export function judge({ state, invites }: FoldedRoster, now: number): RosterState {
  const judged = new Map(invites.map((invite) => [invite.id, inviteOf(invite, state, now)]))
  const requests = state.requests.map((request) => {
    const invite = judged.get(request.invite)
    if (request.outcome !== 'waiting' || invite === undefined || invite.state === 'open') return request
    return { ...request, outcome: invite.state }
  })
  return { ...state, invites: [...judged.values()], requests }
}

function inviteOf(invite: PassInvite, state: RosterState, now: number): RosterInvite {
  const { id, uses, used, expiresAtMs, approve, mine, person, device, seeds } = invite
  // A device of one's own comes with the role that one has.
  const role = mine ? (state.people.find((found) => found.id === person)?.role ?? invite.role) : invite.role
  const over = invite.closedBy.length > 0 ? 'cancelled' : now > expiresAtMs ? 'expired' : 'open'
  return { id, role, uses, used, expiresAtMs, approve, mine, person, device, seeds, state: used >= uses ? 'used' : over }
}

/**
 * The epochs that count: the longest chain in which each author knew the epoch before. Of two of the same length the first in the fold's
 * order. So who was away for long can't undo what the others have built since.
 */
function chainOf(graph: CommandGraph, pass: Pass): PassEpoch[] {
  const linked = new Map<PassEpoch, PassEpoch | null>()
  // Insertion is the fold's order: what an epoch builds on comes before it.
  for (const epoch of pass.epochs.values()) {
    if (epoch.epoch === 2) linked.set(epoch, null)
    else {
      const before = [...linked.keys()].find((other) => other.epoch === epoch.epoch - 1 && graph.knew(epoch.at, other.at))
      if (before !== undefined) linked.set(epoch, before)
    }
  }
  let tip: PassEpoch | null = null
  for (const epoch of linked.keys()) if (tip === null || epoch.epoch > tip.epoch) tip = epoch
  const chain: PassEpoch[] = []
  for (let at: PassEpoch | null = tip; at !== null; at = linked.get(at) ?? null) chain.unshift(at)
  return chain
}

function deviceOf({ key, name, addedAtMs, drives, writer }: PassDevice, marks: ReadonlySet<string>): RosterDevice {
  return {
    key,
    name,
    addedAtMs,
    writer,
    drives: drives.map((drive) => ({ ...drive, lost: drive.mark !== null && !marks.has(drive.mark) })),
  }
}

function requestsOf(graph: CommandGraph, pass: Pass): RosterRequest[] {
  const found: RosterRequest[] = []
  for (const [id, request] of pass.requests) {
    const { at, invite, drive, name, deviceName, admitted, refused } = request
    const command = graph.order[at]
    // Of an invite that nobody made: no guest of this folder.
    if (command === undefined || !pass.invites.has(invite)) continue
    const by = admitted?.by ?? refused[0]?.by ?? null
    found.push({
      id,
      invite,
      device: command.author,
      drive,
      name,
      deviceName,
      epoch: command.epoch,
      atMs: command.at,
      outcome: outcomeOf(request),
      by,
      box: admitted?.box ?? null,
    })
  }
  return found
}

function outcomeOf({ admitted, refused, lostUse }: PassRequest): RosterRequest['outcome'] {
  if (admitted !== null) return 'admitted'
  if (refused.length > 0) return 'refused'
  return lostUse ? 'used' : 'waiting'
}

function epochsOf(graph: CommandGraph, pass: Pass, marks: ReadonlySet<string>): RosterEpoch[] {
  const first: RosterEpoch = { epoch: 1, mark: null, boxes: pass.firstBoxes, lost: false, atMs: graph.order[0]?.at ?? 0 }
  const later = [...pass.epochs.values()].map(({ at, epoch, mark, boxes }): RosterEpoch => ({
    epoch,
    mark,
    boxes,
    lost: !marks.has(mark),
    atMs: graph.order[at]?.at ?? 0,
  }))
  return [first, ...later.sort((a, b) => a.epoch - b.epoch || Number(a.lost) - Number(b.lost))]
}

/** Commands that counted and that no other such names. Guests' requests last: strangers must not crowd out what matters. */
function headsOf(graph: CommandGraph, pass: Pass): CommandId[] {
  const named = new Set<CommandId>()
  const members: CommandId[] = []
  const guests: CommandId[] = []
  // A command that only gave keys away is named too: an epoch that mends it must know it.
  const known = new Set([...pass.applied, ...pass.exposures])
  const devices = new Set([...pass.people.values()].flatMap((person) => [...person.devices.keys()]))
  const vouched = (at: number): boolean => {
    const command = graph.order[at]
    if (command === undefined) return false
    if (command.body === null) return devices.has(command.author)
    if (command.body.op === 'request') return pass.invites.has(command.body.invite) && known.has(at)
    return known.has(at)
  }
  for (let at = graph.order.length - 1; at >= 0; at--) {
    const command = graph.order[at]
    if (command === undefined) continue
    const isNamed = named.has(command.id)
    if (!isNamed && !vouched(at)) continue
    if (!isNamed) (command.body?.op === 'request' ? guests : members).push(command.id)
    for (const cause of causesOf(command)) named.add(cause)
  }
  return [...members, ...guests].slice(0, MAX_PREV)
}

function problemsOf(graph: CommandGraph, pass: Pass): RosterState['problems'] {
  const problems = pass.problems.map(({ at, reason }) => ({ about: idAt(graph, at), author: graph.order[at]?.author ?? '', reason }))
  for (const { id, author } of graph.beyond.slice(0, 1)) problems.push({ about: id, author, reason: 'too-many-commands' })
  return problems.slice(-MAX_PROBLEMS)
}

function idAt(graph: CommandGraph, at: number): CommandId {
  return graph.order[at]?.id ?? ''
}
