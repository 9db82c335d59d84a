/** Random rosters: the same set of commands gives the same state in every order, and no history breaks the rules that keep people safe. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommandGraph, graphOf } from '../../src/core/roster/command-graph.ts'
import type { OpenedCommand } from '../../src/core/roster/commands.ts'
import { foldCommands } from '../../src/core/roster/fold.ts'
import { drivesOf, type RosterState } from '../../src/core/roster/roster-state.ts'
import { type History, play, shuffled } from './roster-history.ts'
import { Desk, numbers, RosterWorld } from './roster-world.ts'

const HISTORIES = Number(process.env['ROSTER_HISTORIES'] ?? 10_000)
const SEED = Number(process.env['ROSTER_SEED'] ?? 1)

test(`${HISTORIES} random histories: every order gives the same state, and the rules hold (ROSTER_SEED=${SEED})`, () => {
  for (let at = 0; at < HISTORIES; at++) {
    const seed = SEED + at
    try {
      checkHistory(play(seed, 6 + (seed % 24)))
    } catch (error) {
      throw new Error(`ROSTER_SEED=${seed} ROSTER_HISTORIES=1 shows it: ${String(error)}`, { cause: error })
    }
  }
})

function checkHistory({ world, all, strangers }: History): void {
  const folded = foldCommands(all)
  assert.deepEqual(foldCommands(shuffled([...all, ...all.slice(0, 5)], world.random)).state, folded.state)
  checkRules(all)
  if (world.random() < 0.3) {
    const part = all.filter(() => world.random() < 0.8)
    assert.deepEqual(foldCommands(shuffled(part, world.random)).state, foldCommands(part).state)
    checkRules(part)
  }
  if (strangers.size === 0) return
  // Strangers, whose commands nobody names, may as well not be there.
  const named = new Set(all.flatMap((command) => command.prev))
  const without = all.filter((command) => !strangers.has(command.author) || named.has(command.id))
  assert.deepEqual(foldCommands(without).state, folded.state)
}

function checkRules(commands: readonly OpenedCommand[]): void {
  const { state, applied } = foldCommands(commands)
  const graph = graphOf(commands)
  if (state.shared) {
    assert.ok(
      state.people.some((person) => person.role === 'owner' && person.devices.length > 0),
      'somebody is owner',
    )
  }
  for (const invite of state.invites) assert.ok(invite.used <= invite.uses, 'an invite is used no more often than it says')
  const drives = drivesOf(state).map((drive) => drive.drive)
  assert.equal(new Set(drives).size, drives.length, 'a drive is listed once')
  const devices = state.people.flatMap((person) => person.devices.map((device) => device.key))
  assert.equal(new Set(devices).size, devices.length, 'a device is one person’s')
  for (const person of state.people) assert.ok(person.devices.length > 0, 'a person without devices is gone')
  const members = new Set([...devices, ...state.removed.map((gone) => gone.key)])
  for (const id of applied) {
    const command = commands.find((found) => found.id === id)
    if (command?.body?.op !== 'request') assert.ok(members.has(command?.author ?? ''), 'a stranger changes nothing')
  }
  checkRemovals(graph, state, applied)
}

/** What a removed device did beside its removal or after it counts only where it was let in anew. */
function checkRemovals(graph: CommandGraph, state: RosterState, applied: ReadonlySet<string>): void {
  for (const gone of state.removed) {
    const removal = graph.position.get(gone.by) ?? -1
    for (const at of graph.byAuthor.get(gone.key) ?? []) {
      const command = graph.order[at]
      if (command === undefined || at === removal || !applied.has(command.id) || command.body?.op === 'request') continue
      if (graph.knew(removal, at)) continue
      assert.ok(graph.knew(at, removal), 'a removed device’s command beside the removal counts no more')
      const anew = graph.order.some(
        (admit, from) =>
          admit.body?.op === 'admit' &&
          applied.has(admit.id) &&
          graph.knew(at, from) &&
          graph.order[graph.position.get(admit.body.request) ?? -1]?.author === gone.key &&
          !graph.knew(removal, from),
      )
      assert.ok(
        anew || graph.order.some((keeper) => keeper.body?.op === 'keeper' && keeper.body.device === gone.key),
        'a removed device’s later command counts no more',
      )
    }
  }
}

test('a roster of 2,000 commands folds in well under a second, and again for nothing', () => {
  const world = new RosterWorld(7)
  const owner = world.desk('owner')
  owner.create()
  const random = numbers(7)
  // One head each: `heads` of the state would fold 2,000 times here.
  let head = [...owner.heard.keys()].slice(-1)
  const say = (desk: Desk, body: Parameters<Desk['say']>[0]) => {
    head = [desk.say(body, { prev: random() < 0.8 ? head : head.slice(-1) }).id]
    owner.hear(desk.heard.values())
  }
  for (let at = 0; owner.heard.size < 2000; at++) {
    const guest = new Desk(world, `g${at}`)
    say(owner, { op: 'invite', invite: `i${at}`, role: 'writer', uses: 1, expiresAt: 9e9, approve: false, mine: null, seeds: {} })
    const request = guest.say(
      { op: 'request', invite: `i${at}`, drive: `d${at}`, driveProof: null, name: '', deviceName: '', inviteSignature: '' },
      { prev: head },
    )
    owner.hear([request])
    head = [...head, request.id].slice(-2)
    say(owner, {
      op: 'admit',
      request: request.id,
      person: { id: `p${at}`, name: { plain: 'x' } },
      deviceName: { plain: 'x' },
      role: 'writer',
      epoch: 1,
      mark: null,
      box: '',
    })
    if (at >= 150) say(owner, { op: 'remove', people: [`p${at - 100}`], devices: [], frozen: {}, next: null })
  }
  const commands = [...owner.commands]
  const began = performance.now()
  const { state } = foldCommands(commands)
  const took = performance.now() - began
  console.log(`2,000 commands: ${took.toFixed(1)} ms, ${state.people.length} people, ${state.removed.length} removed`)
  const again = performance.now()
  assert.equal(foldCommands(commands).state, state)
  console.log(`again: ${(performance.now() - again).toFixed(3)} ms`)
  assert.ok(state.people.length > 100)
})

test('hostile quarrels end: an admin and friends who remove and demote each other from old positions for ever', () => {
  const world = new RosterWorld(9)
  const owner = world.desk('owner')
  owner.create()
  const desks = [owner]
  for (let at = 0; at < 12; at++) {
    const desk = world.join(owner, `m${at}`, { role: 'admin' })
    owner.role(`m${at}`, 'owner')
    desks.push(desk)
  }
  world.meet(...desks)
  for (const desk of desks) {
    const { heads } = desk.state
    for (let at = 0; at < 12; at++) {
      desk.remove([`m${at}`], { prev: heads })
      desk.say({ op: 'role', person: `m${(at + 3) % 12}`, role: 'reader', frozen: {} }, { prev: heads })
    }
  }
  world.meet(...desks)
  const began = performance.now()
  const { state } = foldCommands(owner.commands)
  console.log(
    `quarrel of ${owner.commands.length} commands: ${(performance.now() - began).toFixed(0)} ms, ${state.people.map((person) => person.id).join(' ')}`,
  )
  assert.deepEqual(foldCommands(shuffled(owner.commands, numbers(3))).state, state)
  checkRules(owner.commands)
})

test('thousands of removals and demotions, each with something beside it, fold in bounded time', () => {
  const world = new RosterWorld(11)
  const owner = world.desk('owner')
  owner.create()
  const rival = world.join(owner, 'm', { role: 'admin' })
  owner.role('m', 'owner')
  const writer = world.join(owner, 'w', { role: 'writer' })
  world.meet(owner, rival, writer)
  const { heads } = owner.state
  for (const desk of [writer, rival, owner])
    for (let at = 0; at < 20; at++) desk.say({ op: 'drive', epoch: 1, mark: null, drive: `${at}`, driveProof: '' }, { prev: heads })
  for (const [desk, target] of [
    [owner, 'm'],
    [rival, 'owner'],
  ] as const) {
    let prev = heads
    for (let at = 0; at < 1100; at++) {
      for (const who of [target, 'w'])
        prev = [desk.say({ op: 'role', person: who, role: at % 2 === 0 ? 'reader' : 'admin', frozen: {} }, { prev }).id]
    }
  }
  world.meet(owner, rival, writer)
  const began = performance.now()
  const { state } = foldCommands(owner.commands)
  console.log(`${owner.commands.length} hostile commands: ${(performance.now() - began).toFixed(0)} ms`)
  assert.ok(state.people.some((person) => person.role === 'owner'))
  assert.deepEqual(foldCommands(shuffled(owner.commands, numbers(3))).state, state)
})
