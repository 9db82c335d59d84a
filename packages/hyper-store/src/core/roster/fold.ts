/** The roster's fold: a pure function from a set of commands to what they come to, whatever the order in which they arrived. */
import type { OpenedCommand } from './commands.ts'
import { graphOf } from './command-graph.ts'
import { settle } from './restrictions.ts'
import type { RosterState } from './roster-state.ts'
import { type FoldedRoster, judge, stateOf } from './state-view.ts'

const memo = new WeakMap<readonly OpenedCommand[], FoldedRoster>()

/** What the fold found, without a clock: for `foldRoster`, and for tests of its rules. */
export function foldCommands(commands: readonly OpenedCommand[]): FoldedRoster {
  const known = memo.get(commands)
  if (known !== undefined) return known
  const graph = graphOf(commands)
  const folded = stateOf(graph, settle(graph))
  memo.set(commands, folded)
  return folded
}

/**
 * What a set of commands comes to; the same for every order and for repeated commands. `now` (milliseconds since 1970) only tells open
 * invites from expired ones. Asked again with the same array it costs nothing: never change an array that was folded.
 */
export function foldRoster(commands: readonly OpenedCommand[], now: number): RosterState {
  return judge(foldCommands(commands), now)
}

/**
 * True when a command is worth storing and passing on, given the state of the set that it is already part of: it is wanted by id, it is a
 * member's, or a stranger's proven request for a known invite. A device that is no member yet keeps all, as it can't judge.
 */
export function isWorthKeeping(command: OpenedCommand, state: RosterState): boolean {
  if (state.missing.includes(command.id)) return true
  if (command.body?.op === 'create') return command.proven
  if (state.requests.some((request) => request.id === command.id)) return true
  // What removed members did before still counts: invites that others came with, drives that stay in the folder.
  const known = [...state.people.flatMap((person) => person.devices), ...state.removed]
  return known.some((device) => device.key === command.author)
}
