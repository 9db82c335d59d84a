/**
 * Strong removal: what a removed or demoted device did without knowing of that counts as if it had come after. Chooses which removals and
 * demotions bind, where several stand against each other.
 */
import type { CommandGraph } from './command-graph.ts'
import { runPass } from './pass.ts'
import type { Pass, Restriction } from './pass-shapes.ts'

/**
 * After so many passes, and so many commands gone over, nothing is weighed any more: all that were ever valid bind. Honest rosters take one
 * to five passes; a quarrel made on purpose must not hold a store up.
 */
const MAX_PASSES = 120
const MAX_STEPS = 100_000
const MIN_PASSES = 12
const MAX_LAST_PASSES = 6

/** The pass that all removals and demotions in it agree with. */
export function settle(graph: CommandGraph): Pass {
  const chosen = new Map<number, Restriction>()
  const times = new Map<number, number>()
  /** Chosen twice: what would undo them is overruled. */
  const firm = new Set<number>()
  const voided = new Set<number>()
  /** Chosen because of what was beside them, and not valid even so. */
  const rejected = new Set<number>()
  const everValid = new Map<number, Restriction>()
  let last: number | null = null
  const rounds = Math.min(MAX_PASSES, Math.max(MIN_PASSES, Math.floor(MAX_STEPS / Math.max(1, graph.order.length))))
  for (let round = 0; round < rounds; round++) {
    const pass = runPass(graph, chosen.values(), voided)
    const valid = new Map(pass.restrictions.filter((restriction) => matters(graph, restriction)).map((one) => [one.at, one]))
    for (const [at, restriction] of valid) everValid.set(at, restriction)
    const lost = [...chosen.keys()].filter((at) => !valid.has(at))
    if (lost.length > 0) {
      if (last !== null && lost.includes(last) && everValid.get(last) === undefined) rejected.add(last)
      if (last !== null && !lost.includes(last) && lost.some((at) => firm.has(at))) {
        voided.add(last)
        chosen.delete(last)
      } else for (const at of lost) chosen.delete(at)
      continue
    }
    // A removal may reach other devices now than when it was chosen.
    let changed = false
    for (const [at, restriction] of valid) {
      const before = chosen.get(at)
      if (before === undefined || sameDevices(before, restriction)) continue
      chosen.set(at, restriction)
      changed = true
    }
    if (changed) continue
    const contested = pass.contested.filter((restriction) => !rejected.has(restriction.at) && !valid.has(restriction.at))
    const candidates = [...valid.values(), ...contested].filter((restriction) => !chosen.has(restriction.at))
    const [strongest] = candidates.sort((a, b) => byStrength(graph, a, b))
    if (strongest === undefined) return pass
    // Those that no other touches and that touch no other's author can't undo anything: all at once. Where they quarrel, one at a time.
    const standing = [...valid.values(), ...contested]
    const opposed = new Set(standing.flatMap((restriction) => [...restriction.devices]))
    const authors = new Set(standing.map((restriction) => authorOf(graph, restriction)))
    const free = candidates.filter(
      (one) => valid.has(one.at) && !opposed.has(authorOf(graph, one)) && ![...one.devices].some((device) => authors.has(device)),
    )
    for (const next of free.length > 0 ? free : [strongest]) {
      const count = (times.get(next.at) ?? 0) + 1
      times.set(next.at, count)
      if (count > 1) firm.add(next.at)
      chosen.set(next.at, next)
    }
    last = free.length > 0 ? null : strongest.at
  }
  return settleByForce(graph, everValid)
}

/** Safety before fairness: whoever was ever validly removed stays restricted. */
function settleByForce(graph: CommandGraph, everValid: Map<number, Restriction>): Pass {
  let pass = runPass(graph, everValid.values(), new Set())
  for (let round = 0; round < MAX_LAST_PASSES; round++) {
    const more = pass.restrictions.filter((restriction) => !everValid.has(restriction.at))
    if (more.length === 0) break
    for (const restriction of more) everValid.set(restriction.at, restriction)
    pass = runPass(graph, everValid.values(), new Set())
  }
  return pass
}

/** True when one of its devices did something beside it: else the order alone does all. */
function matters(graph: CommandGraph, { at, devices }: Restriction): boolean {
  for (const device of devices) {
    for (const other of graph.byAuthor.get(device) ?? []) {
      if (other !== at && !graph.knew(at, other) && !graph.knew(other, at)) return true
    }
  }
  return false
}

/** Owners before admins before others, then who was admitted first, then the lower id. */
function byStrength(graph: CommandGraph, a: Restriction, b: Restriction): number {
  return b.rank - a.rank || a.seniority - b.seniority || ((graph.order[a.at]?.id ?? '') < (graph.order[b.at]?.id ?? '') ? -1 : 1)
}

function authorOf(graph: CommandGraph, restriction: Restriction): string {
  return graph.order[restriction.at]?.author ?? ''
}

function sameDevices(a: Restriction, b: Restriction): boolean {
  return a.role === b.role && a.devices.size === b.devices.size && [...a.devices].every((device) => b.devices.has(device))
}
