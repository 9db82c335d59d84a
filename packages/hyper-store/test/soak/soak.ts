/** The soak: five real devices share a folder for a while, with users who never rest and bad luck all the time; then everything must be there. */
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waysOfBadCables, whyNoNamespaces } from '../fixtures/namespaces.ts'
import { seeded } from '../fixtures/versions.ts'
import { doSomething } from './deeds.ts'
import { confirmDeletions, judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { Ledger } from './ledger.ts'
import { Trouble } from './trouble.ts'
import { makeWorld } from './world.ts'
import type { SoakDevice, SoakWorld } from './world.ts'

const DEED_MS = 120
const ASK_MS = 1500
const TELL_S = 60
/** Content of this size may wait before it is read, while it changes often. */
const HOT_FROM = 1024 * 1024

/** How long, and with which luck. */
export interface SoakOptions {
  readonly seed: number
  /** Seconds of trouble. */
  readonly seconds: number
  /** Seconds that the devices may take to agree afterwards. */
  readonly healS: number
  /** How many contents are looked for in the history. */
  readonly historyChecks: number
  readonly say: (line: string) => void
}

/** Why no soak can be run here, or false. */
export function whyNoSoak(): string | false {
  return whyNoNamespaces()
}

/** Runs a soak. Its problems are in the verdict; when there are some, what happened is kept in a file. */
export async function soak({ seed, seconds, healS, historyChecks, say }: SoakOptions): Promise<Verdict> {
  const random = seeded(seed)
  const ledger = new Ledger(seed)
  const ways = waysOfBadCables()
  if ('why' in ways) say(`no bad cables: ${ways.why}`)
  say(`soak with seed ${seed}, ${seconds} s of trouble`)
  await using world = await makeWorld({ random, ledger, badCables: 'way' in ways })
  say(`ready after ${ledger.now.toFixed(1)} s: ${world.about}`)
  const trouble = new Trouble(world, { random: seeded(seed + 1), ledger })
  const users = new Users(world, { random: seeded(seed + 2), ledger, trouble })
  trouble.start()
  await users.work(seconds, say)
  await trouble.heal()
  say(`healed after ${ledger.now.toFixed(1)} s: ${users.deeds} deeds, ${users.settled} settled, ${JSON.stringify(trouble.counts)}`)
  const asks = world.writers[Math.floor(random() * world.writers.length)]
  if (asks === undefined) throw new Error('there are writers')
  const verdict = await judge(world, ledger, { healS, asks, historyChecks, random })
  const { files, version, conflicts, shown, past, inHistory, unpublished } = verdict
  say(
    `the same after ${verdict.healS.toFixed(1)} s: ${files} files, ${conflicts} conflicts, version ${version}; contents: ` +
      `${shown} shown, ${past} in history of which ${inHistory} were looked up, ${unpublished} taken away before anybody saw them (${ledger.now.toFixed(0)} s in all)`,
  )
  if (verdict.problems.length > 0) say(`what happened: ${keepLog(seed, ledger, world)}`)
  return verdict
}

/** The people at the devices. */
class Users {
  readonly #world: SoakWorld
  readonly #random: () => number
  readonly #ledger: Ledger
  readonly #trouble: Trouble
  /** Devices whose user waits for an answer and keeps the hands off. */
  readonly #waiting = new Set<SoakDevice>()
  readonly #asking = new Set<Promise<void>>()
  deeds = 0
  settled = 0

  constructor(world: SoakWorld, { random, ledger, trouble }: { random: () => number; ledger: Ledger; trouble: Trouble }) {
    this.#world = world
    this.#random = random
    this.#ledger = ledger
    this.#trouble = trouble
  }

  async work(seconds: number, say: (line: string) => void): Promise<void> {
    const begin = performance.now()
    let askAt = begin
    let tellAt = begin + TELL_S * 1000
    while (performance.now() - begin < seconds * 1000) {
      await sleep(DEED_MS * 2 * this.#random())
      const free = this.#world.writers.filter((device) => !this.#waiting.has(device))
      const device = free[Math.floor(this.#random() * free.length)]
      if (device === undefined) continue
      // People save several times, then look at something else.
      for (let left = 1 + Math.floor(this.#random() ** 3 * 6); left > 0; left--, this.deeds++)
        doSomething(device.disk, this.#random, this.#ledger)
      if (performance.now() > askAt) {
        askAt = performance.now() + ASK_MS * 2 * this.#random()
        this.#ask(device)
      }
      if (performance.now() < tellAt) continue
      tellAt += TELL_S * 1000
      say(
        `${this.#ledger.now.toFixed(0)} s: ${this.deeds} deeds, ${device.disk.files().length} files, ${JSON.stringify(this.#trouble.counts)}`,
      )
    }
    await Promise.all(this.#asking)
  }

  /** Asks the store of a device for something, if it runs. It may be killed meanwhile. */
  #ask(device: SoakWorld['writers'][number]): void {
    if (!this.#trouble.isServing(device)) return
    this.#waiting.add(device)
    const asked = (this.#random() < 0.25 ? this.#settle(device) : this.#lookThrough(device))
      .catch((error: unknown) =>
        this.#ledger.tell(device.name, `was not answered: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        this.#waiting.delete(device)
        this.#asking.delete(asked)
      })
    this.#asking.add(asked)
  }

  /** What lay on the disk when a rescan began, and still does when it ended, is published. */
  async #lookThrough({ name, disk, client }: SoakWorld['writers'][number]): Promise<void> {
    const api = await client()
    const before = disk.contents()
    try {
      await api.rescanFolder(this.#world.key)
    } catch (error) {
      await confirmDeletions(
        this.#world,
        await Promise.all(this.#world.devices.map(async (other) => (other.name === name ? api.getFolder(this.#world.key) : null))),
      )
      throw error
    }
    const { problem } = await api.getFolder(this.#world.key)
    if (problem !== null) throw new Error(problem.message)
    const after = disk.contents()
    let published = 0
    for (const [at, { identity, hash, size }] of before) {
      if (after.get(at)?.identity !== identity || size >= HOT_FROM) continue
      this.#ledger.publish(hash)
      published++
    }
    this.#ledger.tell(name, `LOOKED THROUGH: ${published} files are known`)
  }

  async #settle({ name, disk, client }: SoakWorld['writers'][number]): Promise<void> {
    const api = await client()
    const conflicts = await api.listConflicts(this.#world.key)
    const conflict = conflicts[Math.floor(this.#random() * conflicts.length)]
    if (conflict === undefined) return
    const keep = (['mine', 'theirs', 'both'] as const)[Math.floor(this.#random() * 3)] ?? 'both'
    const at = this.#random() < 0.5 ? conflict.path : conflict.copy
    // What is put away by it is known by its size, before it goes.
    if (keep !== 'both') {
      for (const other of conflicts.filter(({ path: main }) => main === conflict.path)) {
        for (const size of [other.size, other.copySize]) this.#ledger.takeSize(size, { device: name, how: `settle ${keep}`, path: at })
        // What this user saved there a moment ago, before the store has seen it, is decided on as well.
        for (const rel of [other.path, other.copy]) disk.takeShown(rel, `settle ${keep}`)
      }
    }
    await api.settleConflict(this.#world.key, { path: at, keep })
    this.settled++
    this.#ledger.tell(name, `settle ${keep}`, [at, conflict.path, conflict.copy])
  }
}

/** Keeps everything that happened, with what the stores told of changes; gives the file. */
function keepLog(seed: number, ledger: Ledger, world: SoakWorld): string {
  const file = path.join(os.tmpdir(), `hyper-store-soak-${seed}.log`)
  const lines = ledger.lines.map(({ at, device, text, paths }) => `${at.toFixed(3)} ${device}: ${text} ${JSON.stringify(paths)}`)
  const told = world.devices.flatMap(({ name, store }) =>
    store.events.flatMap((event) => (event.event === 'change' ? [`${name}: ${JSON.stringify({ ...event, link: undefined })}`] : [])),
  )
  writeFileSync(file, [...lines, '', 'Changes as the stores told them:', ...told, ''].join('\n'))
  return file
}
