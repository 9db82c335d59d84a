/** Histories of the shared model: made from a seed, played, made small when they fail, and told in lines that can be put in a test. */
import type { FolderMode } from '@hyper-store/client/contract'
import { seeded } from '../fixtures/versions.ts'
import { randomDeed } from './shared-deeds.ts'
import type { PassShape } from './shared-device.ts'
import { Judge } from './shared-judge.ts'
import { REAL_PARTS, SharedWorld, type DeviceSetup, type SharedHistory, type SharedStep, type WorldParts } from './shared-world.ts'

const NAMES = ['a', 'b', 'c'] as const
const SKEWS = [0, 0, 0, -9, 10, 3, -30] as const

/** The history of a seed: 3 to 8 devices and a keeper, 10 to 60 steps. */
function historyOf(seed: number): SharedHistory {
  const random = seeded(seed)
  const below = (count: number) => Math.floor(random() * count)
  // Small worlds meet more often, and more of them fit in a minute.
  const disks = 3 + Math.floor(random() ** 2 * 6)
  const devices: DeviceSetup[] = Array.from({ length: disks }, (_, index) => ({
    mode: index < 2 || random() < 0.8 ? 'send-receive' : random() < 0.7 ? 'receive-only' : 'send-only',
    skewYears: SKEWS[below(SKEWS.length)] ?? 0,
    exclude: index > 0 && random() < 0.06 ? [NAMES[below(3)] ?? 'a'] : [],
    member: index < 3 || random() < 0.6,
  }))
  devices.push({ mode: random() < 0.5 ? 'keep' : 'keep-blind', skewYears: 0, exclude: [], member: random() < 0.7 })
  const steps: SharedStep[] = []
  const count = 10 + below(50)
  while (steps.length < count) steps.push(...randomSteps(random, devices.length))
  return { seed, devices, steps }
}

function randomSteps(random: () => number, devices: number): SharedStep[] {
  const below = (count: number) => Math.floor(random() * count)
  const who = below(devices)
  const dice = random() * 100
  if (dice < 46) return [{ do: 'deed', who, deed: randomDeed(random) }]
  if (dice < 62) return [{ do: 'pass', who, shape: randomShape(random), meanwhile: meanwhile(random) }]
  if (dice < 74) return [carry(random, { from: who, to: below(devices) })]
  // A device comes by: it publishes, another hears of it and shows it.
  if (dice < 90) {
    const to = below(devices)
    return [
      { do: 'pass', who, shape: randomShape(random), meanwhile: [] },
      carry(random, { from: who, to }),
      { do: 'pass', who: to, shape: randomShape(random), meanwhile: meanwhile(random) },
    ]
  }
  if (dice < 93) return [{ do: 'part', parts: Array.from({ length: devices }, () => below(2)) }]
  if (dice < 94.5) return [{ do: 'heal' }]
  if (dice < 96.4) return [{ do: 'meet' }]
  if (dice < 97)
    return [{ do: 'mode', who, mode: (['send-receive', 'receive-only', 'send-only'] as FolderMode[])[below(3)] ?? 'send-receive' }]
  if (dice < 97.5) return [{ do: 'exclude', who, name: NAMES[below(3)] ?? 'a', on: random() < 0.5 }]
  if (dice < 98) return [{ do: 'join', who, by: below(2) }]
  if (dice < 98.3) return [{ do: 'race', by: [0, 1], who: [who, below(devices)] }]
  if (dice < 99.3) return [{ do: 'remove', who, by: random() < 0.8 ? below(2) : below(devices) }]
  if (dice < 99.7) return [{ do: 'forge', who }]
  return [{ do: 'lose', who }]
}

function carry(random: () => number, { from, to }: { from: number; to: number }): SharedStep {
  const drive = random() < 0.5 ? null : random()
  return { do: 'carry', from, to, drive, versions: random() < 0.6 ? 1000 : 1 + Math.floor(random() * 2) }
}

function randomShape(random: () => number): PassShape {
  const some = () => NAMES.filter(() => random() < 0.5)
  const stops = random() < 0.2
  return {
    scope: random() < 0.15 ? some() : null,
    unknown: random() < 0.06 ? some() : [],
    stopAfter: stops ? Math.floor(random() * 6) : null,
    unrecorded: stops && random() < 0.5,
    atOnce: random() < 0.7,
  }
}

function meanwhile(random: () => number): { after: number; deed: ReturnType<typeof randomDeed> }[] {
  return random() < 0.75 ? [] : [{ after: Math.floor(random() * 4), deed: randomDeed(random) }]
}

/** What a played history came to. */
export interface Played {
  /** Null when everything held. */
  readonly error: Error | null
  readonly rest: { readonly rounds: number; readonly writes: number }
}

/** Plays a history, lets all meet at the end, and judges at each meeting. */
export async function play(history: SharedHistory, parts: WorldParts = REAL_PARTS): Promise<Played> {
  const world = new SharedWorld(history, parts)
  const judge = new Judge(world)
  try {
    await world.begin()
    for (const step of history.steps) {
      await world.step(step)
      if (step.do === 'meet') await judge.judge()
    }
    await world.step({ do: 'meet' })
    await judge.judge()
    return { error: null, rest: world.rest }
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)), rest: world.rest }
  }
}

/** A failing history without what it fails without; `fails` says whether one still does. */
async function shrink(history: SharedHistory, fails: (history: SharedHistory) => Promise<boolean>): Promise<SharedHistory> {
  let small = history
  for (let size = Math.ceil(small.steps.length / 2); size >= 1;) {
    let cut = false
    for (let at = 0; at < small.steps.length;) {
      const shorter = { ...small, steps: small.steps.filter((_, index) => index < at || index >= at + size) }
      if (shorter.steps.length < small.steps.length && (await fails(shorter))) {
        small = shorter
        cut = true
      } else at += size
    }
    if (!cut || size > 1) size = size > 1 ? Math.ceil(size / 2) : 0
  }
  return await plainer(small, fails)
}

/** Plainer passes, deliveries and devices, where it fails with them too. */
async function plainer(history: SharedHistory, fails: (history: SharedHistory) => Promise<boolean>): Promise<SharedHistory> {
  let small = history
  const attempt = async (next: SharedHistory) => {
    if (await fails(next)) small = next
  }
  for (const index of small.steps.keys()) {
    for (const makePlainer of PLAINER) {
      const step = small.steps[index]
      if (step !== undefined) await attempt({ ...small, steps: small.steps.with(index, makePlainer(step)) })
    }
  }
  for (const index of small.devices.keys()) {
    const device = small.devices[index]
    if (device === undefined) continue
    await attempt({ ...small, devices: small.devices.with(index, { ...device, skewYears: 0 }) })
    await attempt({ ...small, devices: small.devices.with(index, { ...device, exclude: [] }) })
    await attempt({ ...small, devices: small.devices.with(index, { ...device, mode: 'send-receive' }) })
  }
  for (let last = small.devices.length - 1; last > 1; last--) await attempt({ ...small, devices: small.devices.slice(0, last) })
  return small
}

const PLAINER: readonly ((step: SharedStep) => SharedStep)[] = [
  (step) => (step.do === 'carry' ? { ...step, drive: null } : step),
  (step) => (step.do === 'carry' ? { ...step, versions: 1000 } : step),
  (step) => (step.do === 'pass' ? { ...step, meanwhile: [] } : step),
  (step) => (step.do === 'pass' ? { ...step, shape: { ...step.shape, scope: null } } : step),
  (step) => (step.do === 'pass' ? { ...step, shape: { ...step.shape, unknown: [] } } : step),
  (step) => (step.do === 'pass' ? { ...step, shape: { ...step.shape, stopAfter: null, unrecorded: false } } : step),
  (step) => (step.do === 'pass' ? { ...step, shape: { ...step.shape, atOnce: true } } : step),
]

/** A history as source text. */
export function tell(history: SharedHistory): string {
  const lines = history.steps.map((step) => `  ${JSON.stringify(step)},`)
  return `seed ${history.seed}, devices ${JSON.stringify(history.devices)}\n[\n${lines.join('\n')}\n]`
}

/** Plays so many seeds from `first` on, up to the first failure, which is made small unless `small` is false. */
export async function simulate(
  first: number,
  count: number,
  parts: WorldParts = REAL_PARTS,
  options: { small?: boolean } = {},
): Promise<Simulated> {
  const rest = { rounds: 0, writes: 0 }
  for (let seed = first; seed < first + count; seed++) {
    const history = historyOf(seed)
    const played = await play(history, parts)
    rest.rounds = Math.max(rest.rounds, played.rest.rounds)
    rest.writes = Math.max(rest.writes, played.rest.writes)
    if (played.error === null) continue
    if (options.small === false) return { failure: { seed, small: history, error: played.error }, rest }
    const kind = kindOf(played.error)
    const small = await shrink(history, async (next) => {
      const { error } = await play(next, parts)
      return error !== null && kindOf(error) === kind
    })
    return { failure: { seed, small, error: (await play(small, parts)).error ?? played.error }, rest }
  }
  return { failure: null, rest }
}

/** What a run of many histories came to: the first failure, and the longest rest of all. */
export interface Simulated {
  readonly failure: { readonly seed: number; readonly small: SharedHistory; readonly error: Error } | null
  readonly rest: { readonly rounds: number; readonly writes: number }
}

/** The same complaint about other paths, texts and devices. */
function kindOf(error: Error): string {
  return (error.message.split('\n')[0] ?? '')
    .replace(/"[^"]*"|device\d+|\S*[abcAé.~/]\S*/gu, '')
    .replace(/\d+/gu, '')
    .slice(0, 60)
}
