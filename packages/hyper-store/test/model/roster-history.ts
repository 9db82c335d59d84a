/** Random histories of a roster: honest devices, backdaters, forgers and strangers, who hear of each other now and then. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { CommandId, OpenedCommand } from '../../src/core/roster/commands.ts'
import { type Desk, nameOf, NOW, RosterWorld } from './roster-world.ts'

const ROLES: readonly MemberRole[] = ['owner', 'admin', 'writer', 'reader', 'keeper']

/** What came of a history. */
export interface History {
  readonly world: RosterWorld
  /** Every command that anybody said, once. */
  readonly all: readonly OpenedCommand[]
  /** Devices that no invite was ever meant for. */
  readonly strangers: ReadonlySet<string>
}

/** Plays `steps` steps of a seed. */
export function play(seed: number, steps: number): History {
  const world = new RosterWorld(seed, { quick: seed % 10 !== 0 })
  const { random } = world
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(items: readonly T[]): T | undefined => items[below(items.length)]
  const owner = world.desk('owner')
  owner.create({ private: random() < 0.8 })
  const desks = [owner]
  const strangers = new Set<string>()
  // A few members to begin with, so that short histories reach the quarrels.
  for (const role of ['admin', 'admin', 'writer'] as const) {
    const desk = world.join(owner, `m${desks.length}`, { role, drive: `d${desks.length}` })
    desks.push(desk)
  }
  const second = desks[1]
  if (second !== undefined && random() < 0.5) owner.role('m1', 'owner')
  owner.invite({ id: 'first', uses: 1, role: 'writer' })
  desks[1]?.invite({ id: 'second', uses: 1, role: random() < 0.5 ? 'reader' : 'writer' })
  world.meet(...desks)
  let invites = 0
  let drives = 0
  const people = () => ['owner', ...desks.slice(1).map((_, at) => `m${at + 1}`), `p${below(6)}`]
  for (let step = 0; step < steps; step++) {
    const desk = pick(desks) ?? owner
    const options = random() < 0.25 ? { prev: backdated(desk, random) } : {}
    const dice = random()
    if (dice < 0.28) {
      const other = pick(desks) ?? owner
      if (random() < 0.5) world.meet(desk, other)
      else other.hear(some(desk, random))
    } else if (dice < 0.4) {
      const id = `i${invites++}`
      const mine = random() < 0.3 ? { mine: personOf(desk) } : {}
      desk.invite({
        id,
        role: pick(ROLES) ?? 'writer',
        uses: 1 + below(2),
        approve: random() < 0.3,
        expiresAt: NOW + (random() < 0.9 ? 10 : -10),
        ...mine,
      })
    } else if (dice < 0.5) {
      const guest = world.desk(`g${step}`)
      guest.hear(desk.heard.values())
      const drive = random() < 0.5 ? { drive: `d${step}x` } : {}
      const request = guest.request(pick(invitesOf(desk)) ?? 'none', { proven: random() < 0.9, ...drive })
      desk.hear([request])
      if (random() < 0.5) desks.push(guest)
    } else if (dice < 0.66) {
      const request = pick([...desk.heard.values()].filter((command) => command.body?.op === 'request').slice(-3))
      if (request !== undefined)
        desk.admit(request.id, { person: `p${step % 7}`, role: random() < 0.9 ? roleFor(desk, request) : 'admin', ...options })
    } else if (dice < 0.82) {
      const target = pick(people())
      const whole = random() < 0.7
      const device = pick(desks)?.key ?? owner.key
      desk.remove(whole && target !== undefined ? [target] : [], {
        devices: whole ? [] : [device],
        frozen: { [`d${below(4)}`.padEnd(52, 'y')]: below(50) },
        next: random() < 0.8,
        ...options,
      })
    } else if (dice < 0.9) desk.role(pick(people()) ?? 'owner', pick(ROLES) ?? 'reader')
    else if (dice < 0.94) desk.drive(`n${drives++}`)
    else if (dice < 0.96) desk.say({ op: 'cancel-invite', invite: `i${below(Math.max(1, invites))}` }, options)
    else if (dice < 0.97) {
      const device = world.desk(`k${step}`)
      desk.say({
        op: 'keeper',
        device: device.key,
        person: { id: `k${step}`, name: nameOf('k') },
        deviceName: nameOf('k'),
        blind: random() < 0.5,
        epoch: 1,
        mark: null,
        box: null,
      })
    } else {
      const stranger = world.desk(`s${step}`)
      strangers.add(stranger.key)
      stranger.hear(desk.heard.values())
      if (random() < 0.5) stranger.remove(['owner'])
      else stranger.role('owner', 'reader')
      desk.hear(stranger.heard.values())
    }
  }
  const all = new Map(world.desks.flatMap((desk) => [...desk.heard]))
  return { world, all: [...all.values()], strangers }
}

function invitesOf(desk: Desk): string[] {
  return [...desk.heard.values()].flatMap(({ body }) => (body?.op === 'invite' && !body.invite.startsWith('invite-') ? [body.invite] : []))
}

function roleFor(desk: Desk, request: OpenedCommand): MemberRole {
  for (const { body } of desk.heard.values())
    if (body?.op === 'invite' && request.body?.op === 'request' && body.invite === request.body.invite) return body.role
  return 'writer'
}

function personOf(desk: Desk): string {
  if (desk.world.quick) return desk.key.replace(/y+$/u, '')
  return desk.state.people.find((person) => person.devices.some((device) => device.key === desk.key))?.id ?? 'owner'
}

/** Heads as they were some commands ago: what a device says that pretends not to have heard of things. */
function backdated(desk: Desk, random: () => number): CommandId[] {
  const known = [...desk.heard.keys()]
  const upTo = 1 + Math.floor(random() * known.length)
  return known.slice(Math.max(0, upTo - 1), upTo)
}

/** A part of what a desk knows, in another order. */
function some(desk: Desk, random: () => number): OpenedCommand[] {
  return shuffled([...desk.heard.values()], random).filter(() => random() < 0.7)
}

/** The same items in another order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items]
  for (let at = out.length - 1; at > 0; at--) {
    const to = Math.floor(random() * (at + 1))
    const [a, b] = [out[at], out[to]]
    if (a === undefined || b === undefined) continue
    out[at] = b
    out[to] = a
  }
  return out
}
