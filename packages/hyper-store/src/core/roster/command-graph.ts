/** The commands of a roster in their one order: causes before effects, and among those that did not know of each other by a fixed rule. */
import { type CommandBody, type CommandId, MAX_COMMANDS, type OpenedCommand } from './commands.ts'

/** A set of commands whose causes are all there. Positions are places in `order`. */
export interface CommandGraph {
  readonly order: readonly OpenedCommand[]
  readonly position: ReadonlyMap<CommandId, number>
  /** Positions of each author's commands, ascending. */
  readonly byAuthor: ReadonlyMap<string, readonly number[]>
  /** Ids that are named as causes and are not here, sorted. */
  readonly missing: readonly CommandId[]
  /** Commands beyond the limit, which take no part. */
  readonly beyond: readonly OpenedCommand[]
  /** True when the author of the command at `later` knew the one at `earlier`. */
  knew(later: number, earlier: number): boolean
}

/** Of those that did not know of each other, what takes rights away goes first, what needs the rest goes last. */
const WEIGHTS: Readonly<Record<CommandBody['op'], number>> = {
  create: 0,
  remove: 1,
  role: 2,
  'cancel-invite': 3,
  refuse: 4,
  invite: 5,
  keeper: 6,
  request: 7,
  admit: 8,
  drive: 9,
  keys: 9,
}
/** Commands that can't be read go last: they do nothing. */
const UNREAD_WEIGHT = 10

/** Puts commands in order; those with a missing cause, and those behind them, are left out until it comes. */
export function graphOf(commands: readonly OpenedCommand[]): CommandGraph {
  const present = new Set(commands.map((command) => command.id))
  const { nodes, missing } = connect(unique(commands), present)
  const order: OpenedCommand[] = []
  const ready = new Heap()
  for (const node of nodes) if (node.waits === 0) ready.push(node.rank)
  for (let rank = ready.pop(); rank !== undefined; rank = ready.pop()) {
    const node = nodes[rank]
    if (node === undefined) continue
    order.push(node.command)
    for (const follower of node.followers) {
      const next = nodes[follower]
      if (next !== undefined && --next.waits === 0) ready.push(follower)
    }
  }
  return finish(order.slice(0, MAX_COMMANDS), missing, order.slice(MAX_COMMANDS))
}

/** What a command builds on: what it names as known, and the request that it answers. */
export function causesOf(command: OpenedCommand): readonly CommandId[] {
  const { body, prev } = command
  const answers = body?.op === 'admit' || body?.op === 'refuse'
  return answers && !prev.includes(body.request) ? [...prev, body.request] : prev
}

interface Node {
  readonly command: OpenedCommand
  readonly rank: number
  readonly followers: number[]
  waits: number
}

function unique(commands: readonly OpenedCommand[]): OpenedCommand[] {
  const byId = new Map<CommandId, OpenedCommand>()
  for (const command of commands) {
    const known = byId.get(command.id)
    // Of two copies the one that could be read: which came first must not matter.
    if (known === undefined || (known.body === null && command.body !== null)) byId.set(command.id, command)
  }
  return [...byId.values()].filter((command) => command.prev.length > 0 || mayBeFirst(command.body))
}

// A guest may ask before having seen anything; a command that can't be read yet may be such a request.
function mayBeFirst(body: CommandBody | null): boolean {
  return body === null || body.op === 'create' || body.op === 'request'
}

function connect(commands: readonly OpenedCommand[], present: ReadonlySet<CommandId>): { nodes: Node[]; missing: CommandId[] } {
  const sorted = commands
    .map((command) => ({ command, weight: command.body === null ? UNREAD_WEIGHT : WEIGHTS[command.body.op] }))
    .sort((a, b) => a.weight - b.weight || (a.command.id < b.command.id ? -1 : 1))
  const nodes = sorted.map(({ command }, rank): Node => ({ command, rank, followers: [], waits: 0 }))
  const ranks = new Map(nodes.map((node) => [node.command.id, node.rank]))
  const missing = new Set<CommandId>()
  for (const node of nodes) {
    for (const cause of new Set(causesOf(node.command))) {
      const rank = ranks.get(cause)
      // A command with a missing cause waits for ever; the fold starts anew when the cause comes.
      node.waits++
      if (rank !== undefined) nodes[rank]?.followers.push(node.rank)
      else if (!present.has(cause)) missing.add(cause)
    }
  }
  return { nodes, missing: [...missing].sort() }
}

function finish(order: readonly OpenedCommand[], missing: readonly CommandId[], beyond: readonly OpenedCommand[]): CommandGraph {
  const position = new Map(order.map((command, at) => [command.id, at]))
  const byAuthor = new Map<string, number[]>()
  // One bit for each pair: 5,000 commands take 3 MB.
  const words = Math.ceil(order.length / 32)
  const known = new Uint32Array(order.length * words)
  for (const [at, command] of order.entries()) {
    const own = byAuthor.get(command.author)
    if (own === undefined) byAuthor.set(command.author, [at])
    else own.push(at)
    for (const cause of causesOf(command)) {
      const from = position.get(cause)
      if (from === undefined) continue
      const row = at * words
      const causeRow = from * words
      for (let word = 0; word <= from >>> 5; word++) known[row + word] = (known[row + word] ?? 0) | (known[causeRow + word] ?? 0)
      known[row + (from >>> 5)] = (known[row + (from >>> 5)] ?? 0) | (1 << (from & 31))
    }
  }
  const knew = (later: number, earlier: number) => (((known[later * words + (earlier >>> 5)] ?? 0) >>> (earlier & 31)) & 1) === 1
  return { order, position, byAuthor, missing, beyond, knew }
}

/** The least number first. */
class Heap {
  readonly #items: number[] = []

  push(item: number): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const up = (at - 1) >>> 1
      const parent = items[up] ?? 0
      if (parent <= item) break
      items[at] = parent
      at = up
    }
    items[at] = item
  }

  pop(): number | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let down = at * 2 + 1
      if (down >= items.length) break
      if (down + 1 < items.length && (items[down + 1] ?? 0) < (items[down] ?? 0)) down++
      if ((items[down] ?? 0) >= last) break
      items[at] = items[down] ?? 0
      at = down
    }
    items[at] = last
    return top
  }
}
