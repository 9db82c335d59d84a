/** What must hold when everything is healed: the same tree everywhere, and nothing that anybody saved is lost. */
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Item } from '@hyper-store/client'
import type { FolderPath } from '../../src/core/entries.ts'
import { conflictName } from '../../src/core/kept-names.ts'
import { treeOf } from '../fixtures/sharing.ts'
import { hashOf } from './ledger.ts'
import type { Ledger, Saved } from './ledger.ts'
import { shuffled } from './world.ts'
import type { SoakDevice, SoakWorld } from './world.ts'

const LOOK_MS = 500
/** So many looks in a row must agree. */
const CALM_LOOKS = 3
const HISTORY_PAGE = 500
/** Versions of which all of the folder is restored, at most, to look for one content. */
const WHOLE_TRIES = 3

/** What was found; no problems means that the soak passed. */
export interface Verdict {
  readonly problems: readonly string[]
  readonly files: number
  readonly version: number
  readonly conflicts: number
  /** Content that is in the tree; that only history should have; that was looked for and found there; that was taken away before anybody knew of it. */
  readonly shown: number
  readonly past: number
  readonly inHistory: number
  readonly unpublished: number
  /** Seconds until all were the same. */
  readonly healS: number
}

type Tree = Record<string, string>

/** How it is judged. */
export interface JudgeOptions {
  /** Seconds that the devices may take to agree. */
  readonly healS: number
  /** The device that is asked for the history. */
  readonly asks: SoakDevice
  /** Of more contents that should be in history, so many are looked for, chosen by chance. */
  readonly historyChecks: number
  readonly random: () => number
}

/** Waits until all devices agree, then looks for everything that was saved. */
export async function judge(world: SoakWorld, ledger: Ledger, options: JudgeOptions): Promise<Verdict> {
  const begin = performance.now()
  const agreed = await agree(world, options.healS * 1000)
  const healS = (performance.now() - begin) / 1000
  if (agreed.problem !== null) {
    return { problems: [agreed.problem], files: 0, version: 0, conflicts: 0, shown: 0, past: 0, inHistory: 0, unpublished: 0, healS }
  }
  const problems: string[] = []
  const shown = new Set(Object.values(agreed.tree))
  for (const [at, hash] of Object.entries(agreed.tree)) {
    if (/^[0-9a-f]{64}$/.test(hash) && !ledger.knows(hash)) problems.push(`nobody ever saved what is in ${at} (${hash.slice(0, 8)})`)
  }
  const counts = { shown: 0, past: 0, inHistory: 0, unpublished: 0 }
  const past: Saved[] = []
  for (const saved of ledger.saved) {
    if (shown.has(saved.hash)) counts.shown++
    else if (saved.taken === null) problems.push(`lost: ${tellOf(saved)}, which nobody took away${storyOf(ledger, saved)}`)
    else if (saved.published) past.push(saved)
    else counts.unpublished++
  }
  const history = await readHistory(world, options.asks)
  counts.past = past.length
  for (const saved of shuffled(past, options.random).slice(0, options.historyChecks)) {
    const where = await findInHistory(world, { asks: options.asks, history, saved })
    if (where) counts.inHistory++
    else problems.push(`not in history: ${tellOf(saved)}${storyOf(ledger, saved)}`)
  }
  const [item] = agreed.items
  return {
    problems,
    files: Object.keys(agreed.tree).length,
    version: item?.version ?? 0,
    conflicts: item?.conflicts ?? 0,
    ...counts,
    healS,
  }
}

function tellOf({ hash, size, path: at, device, at: when, taken }: Saved): string {
  const end = taken === null ? '' : `; taken at ${taken.at.toFixed(2)} by ${taken.device} (${taken.how} of ${taken.path})`
  return `${hash.slice(0, 8)}, ${size} bytes, saved at ${when.toFixed(2)} by ${device} as ${at}${end}`
}

/** What happened at the paths of a content and to its bytes. */
function storyOf(ledger: Ledger, { hash, path: at }: Saved): string {
  const mark = hash.slice(0, 8)
  const stem = at.split('/').at(-1)?.split('.')[0] ?? at
  const lines = ledger.lines.filter(
    ({ paths, text }) =>
      text.includes(mark) ||
      /^[A-Z]{4}/.test(text) ||
      paths.some((one) => one === at || one.startsWith(`${at.slice(0, -stem.length)}${stem}`)),
  )
  return lines.map(({ at: when, device, text, paths }) => `\n    ${when.toFixed(2)} ${device}: ${text} ${paths.join(' , ')}`).join('')
}

/** The tree once all writers show the same and every device says that it is up to date. */
async function agree(world: SoakWorld, timeoutMs: number): Promise<{ tree: Tree; items: Item[]; problem: string | null }> {
  const begin = performance.now()
  let calm = 0
  for (;;) {
    const trees = await Promise.all(world.writers.map(({ disk }) => treeOf(disk.root).catch((): Tree => ({}))))
    const items = await Promise.all(world.devices.map(async ({ client }) => (await client()).getFolder(world.key)))
    await confirmDeletions(world, items)
    const differences = world.writers.slice(1).flatMap(({ name }, i) => differenceOf(name, trees[0] ?? {}, trees[i + 1] ?? {}))
    const versions = new Set(items.map(({ version }) => version))
    const isCalm = differences.length === 0 && versions.size === 1 && items.every(({ state }) => state === 'up-to-date')
    calm = isCalm ? calm + 1 : 0
    if (calm >= CALM_LOOKS) return { tree: trees[0] ?? {}, items, problem: null }
    if (performance.now() - begin > timeoutMs) {
      const about = items.map((item, i) => `\n  ${world.devices[i]?.name}: ${shortItem(item)}`).join('')
      const listed = differences
        .slice(0, 20)
        .map((line) => `\n  ${line}`)
        .join('')
      const cured = await curedByRescan(world)
      return { tree: {}, items, problem: `the devices do not come to agree in ${timeoutMs / 1000} s${cured}:${listed}${about}` }
    }
    await sleep(LOOK_MS)
  }
}

/** Whether looking at everything again would have helped: then something was overlooked, else it is written down wrongly. */
async function curedByRescan(world: SoakWorld): Promise<string> {
  for (const { client } of world.writers) await (await client()).rescanFolder(world.key).catch(() => undefined)
  await sleep(LOOK_MS * 4)
  const trees = await Promise.all(world.writers.map(async ({ disk }) => JSON.stringify(await treeOf(disk.root))))
  return new Set(trees).size === 1 ? ', but do after a rescan' : ', nor after a rescan'
}

/** What tells why it does not go on. */
function shortItem({ state, version, progress, peers, problem, devices, ...item }: Item): string {
  const others = devices.map((device) => `${device.name} ${device.version}${device.live ? '' : ' gone'} ${device.progress.toFixed(2)}`)
  const { files, bytes, conflicts } = item
  return JSON.stringify({ state, version, progress, peers, files, bytes, conflicts, problem, others })
}

/** A person who deleted that much says so when asked. */
export async function confirmDeletions(world: SoakWorld, items: readonly (Item | null)[]): Promise<void> {
  for (const [i, item] of items.entries()) {
    if (item?.problem?.code === 'STOPPED_FOR_SAFETY') await (await world.devices[i]?.client())?.resumeFolder(world.key, { confirm: true })
  }
}

function differenceOf(name: string, first: Tree, other: Tree): string[] {
  const paths = new Set([...Object.keys(first), ...Object.keys(other)])
  return [...paths]
    .filter((at) => first[at] !== other[at])
    .map((at) => `${at}: ${first[at]?.slice(0, 8) ?? 'nothing'} at the first, ${other[at]?.slice(0, 8) ?? 'nothing'} at ${name}`)
}

interface Change {
  readonly version: number
  readonly path: string
  readonly size: number
  readonly device: string
}

/** Everything that was ever put, by the folder's own account. */
async function readHistory({ key }: SoakWorld, { client }: SoakDevice): Promise<Change[]> {
  const api = await client()
  const changes: Change[] = []
  for (let before: number | undefined; ;) {
    const limit = String(HISTORY_PAGE)
    const { versions, more } = await api.getHistory(key, { limit, ...(before === undefined ? {} : { before: String(before) }) })
    for (const { version, device, changes: of } of versions) {
      for (const { path: at, sizeAfter } of of) if (sizeAfter !== null) changes.push({ version, path: at, size: sizeAfter, device })
    }
    before = versions.at(-1)?.version
    if (!more || before === undefined) return changes
  }
}

type Search = Readonly<{ asks: SoakDevice; history: readonly Change[]; saved: Saved }>

/**
 * Restores what may be it: the file as of each version that put one of its size; the names of conflict copies that it may have there; then
 * all of the folder as of some of those versions.
 */
async function findInHistory(world: SoakWorld, { asks, history, saved }: Search): Promise<boolean> {
  const api = await asks.client()
  mkdirSync(world.side, { recursive: true })
  const to = path.join(world.side, 'restored')
  const isThere = async (wish: { path?: string; version: number }): Promise<boolean> => {
    await api.restoreFolder(world.key, { ...wish, to }).catch(() => null)
    const found = hashesBelow(to).includes(saved.hash)
    await rm(to, { recursive: true, force: true })
    return found
  }
  const own = history.filter(({ size }) => size === saved.size)
  // Its own device's account first; what it is now under another name was written by another device.
  const candidates = [...own.filter(({ device }) => device === saved.device), ...own.filter(({ device }) => device !== saved.device)]
  for (const { version, path: at } of candidates) if (await isThere({ path: at, version })) return true
  for (const { version, path: at, device } of candidates) {
    for (const by of new Set([device, saved.device])) {
      if (await isThere({ path: conflictName(at as FolderPath, by, saved.mtimeMs), version })) return true
    }
  }
  for (const { version } of candidates.slice(0, WHOLE_TRIES)) if (await isThere({ version })) return true
  return false
}

/** Hashes of a file, or of all that is in a folder. */
function hashesBelow(at: string): string[] {
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (stat?.isFile() === true) return [hashOf(readFileSync(at))]
  return stat?.isDirectory() === true ? readdirSync(at).flatMap((name) => hashesBelow(path.join(at, name))) : []
}
