/** What the overview concludes from all that is known: of one folder, and of all of them in one sentence. */
import type { Item, ItemDevice } from '@hyper-store/client'

/**
 * How a folder stands. `safe`: another device that counts has all of it (of what is kept for others: this one has); `going`: another one
 * gets it now; `coming`: this one does; `alone`: nobody else is there to have it; `off`: who should have it is not on; `waiting`: who has
 * the newest is not on; `stuck`: it wants a decision.
 */
export type Standing = 'stuck' | 'going' | 'coming' | 'alone' | 'off' | 'waiting' | 'paused' | 'safe'

/** What is concluded of one folder. */
export interface FolderVerdict {
  readonly standing: Standing
  /** Devices that the standing is about: who holds it, who gets it, who is off. */
  readonly devices: readonly ItemDevice[]
}

/** Codes of problems that a person has to decide about although the folder only waits. */
const ASKING = new Set(['RECOVERING', 'QUOTA_EXCEEDED'])

/** Concludes of one folder. */
export function verdictOf(item: Item): FolderVerdict {
  if (item.state === 'paused') return { standing: 'paused', devices: [] }
  if (isStuck(item)) return { standing: 'stuck', devices: [] }
  const own = item.devices.filter(({ role }) => role === 'this')
  if (item.state === 'syncing') return { standing: 'coming', devices: own }
  if (item.state === 'waiting') return { standing: 'waiting', devices: [] }
  // What others write is theirs to have elsewhere; here it is to be whole.
  if (item.role === 'keeper' || item.role === 'reader') return { standing: 'safe', devices: own }
  const others = item.devices.filter(({ role }) => role !== 'this')
  const boxes = others.filter(({ role }) => role === 'provider')
  const counting = boxes.length > 0 ? boxes : others
  const behind = counting.filter(({ complete }) => !complete)
  const getting = behind.filter(({ live }) => live)
  const holders = counting.filter(({ complete }) => complete)
  if (boxes.length > 0 && getting.length > 0) return { standing: 'going', devices: getting }
  if (holders.length > 0) return { standing: 'safe', devices: holders }
  if (getting.length > 0) return { standing: 'going', devices: getting }
  return behind.length > 0 ? { standing: 'off', devices: behind } : { standing: 'alone', devices: [] }
}

/** True for a folder that wants a decision. */
export function isStuck(item: Item): boolean {
  return item.state === 'error' || (item.problem !== null && ASKING.has(item.problem.code) && item.state !== 'paused')
}

/** What is concluded of all folders. */
export interface Headline {
  /** The standing that matters most; `none`: nothing is kept. */
  readonly standing: Standing | 'none'
  /** Folders that stand so. */
  readonly folders: number
  /** Names of the devices that it is about, boxes first. */
  readonly names: readonly string[]
  /** When the newest word of those devices came; null when none is known. */
  readonly at: string | null
  /** Other standings that are not `safe`, with their folders. */
  readonly besides: readonly { readonly standing: Standing; readonly folders: number }[]
}

const ORDER: readonly Standing[] = ['stuck', 'going', 'coming', 'alone', 'off', 'waiting', 'paused', 'safe']

/** Concludes of all folders. */
export function headlineOf(items: readonly Item[]): Headline {
  const found = new Map<Standing, FolderVerdict[]>()
  for (const item of items) {
    const verdict = verdictOf(item)
    const same = found.get(verdict.standing)
    if (same === undefined) found.set(verdict.standing, [verdict])
    else same.push(verdict)
  }
  const standing = ORDER.find((one) => found.has(one))
  if (standing === undefined) return { standing: 'none', folders: 0, names: [], at: null, besides: [] }
  const verdicts = found.get(standing) ?? []
  const devices = verdicts.flatMap((verdict) => verdict.devices)
  return {
    standing,
    folders: verdicts.length,
    names: standing === 'safe' ? namesOfAll(verdicts) : namesOf(devices),
    at: newest(devices),
    besides: ORDER.filter((one) => one !== standing && one !== 'safe' && found.has(one)).map((one) => ({
      standing: one,
      folders: found.get(one)?.length ?? 0,
    })),
  }
}

/** Names of devices that hold every folder; where none does, of all that hold some. */
function namesOfAll(verdicts: readonly FolderVerdict[]): string[] {
  const counts = new Map<string, number>()
  for (const { devices } of verdicts) for (const { key } of devices) counts.set(key, (counts.get(key) ?? 0) + 1)
  const devices = verdicts.flatMap((verdict) => verdict.devices)
  const everywhere = devices.filter(({ key }) => counts.get(key) === verdicts.length)
  return namesOf(everywhere.length > 0 ? everywhere : devices)
}

function namesOf(devices: readonly ItemDevice[]): string[] {
  const boxesFirst = [...devices].sort((a, b) => Number(b.role === 'provider') - Number(a.role === 'provider'))
  return [...new Map(boxesFirst.map(({ key, name }) => [key, name])).values()]
}

function newest(devices: readonly ItemDevice[]): string | null {
  return devices.reduce<string | null>((last, { at }) => (at !== null && (last === null || at > last) ? at : last), null)
}

/** What one device holds of all folders together. */
export interface DeviceShare {
  readonly device: ItemDevice
  /** 0..1, by bytes. */
  readonly share: number
  readonly folders: number
  readonly complete: boolean
  readonly live: boolean
  readonly at: string | null
}

const ROLES = { this: 0, provider: 1, device: 2 } as const

/** All devices that some folder knows: this one, then boxes, then the others by name. */
export function sharesOf(items: readonly Item[]): DeviceShare[] {
  const known = new Map<string, { device: ItemDevice; held: number; whole: number; all: ItemDevice[] }>()
  for (const item of items) {
    for (const device of item.devices) {
      const one = known.get(device.key) ?? { device, held: 0, whole: 0, all: [] }
      // An empty folder counts too.
      const weight = item.bytes + 1
      one.held += weight * device.progress
      one.whole += weight
      one.all.push(device)
      known.set(device.key, one)
    }
  }
  return [...known.values()]
    .map(({ device, held, whole, all }) => {
      const complete = all.every((one) => one.complete)
      const at = newest(all)
      return {
        device,
        share: complete ? 1 : Math.min(0.999, held / whole),
        folders: all.length,
        complete,
        live: all.some((one) => one.live),
        at,
      }
    })
    .sort((a, b) => ROLES[a.device.role] - ROLES[b.device.role] || a.device.name.localeCompare(b.device.name))
}
