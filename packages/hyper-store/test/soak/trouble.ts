/** Bad luck of the soak: cables pulled and plugged in again, services killed and started again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import type { SoakDevice, SoakWorld } from './world.ts'

const PAUSE_MS = [800, 4000] as const
const CUT_MS = [300, 9000] as const
const OFF_MS = [200, 5000] as const
/** No more devices than this are in trouble at once: somebody should be there to talk to. */
const AT_ONCE = 3

/** Makes trouble until it is healed. */
export class Trouble {
  readonly #world: SoakWorld
  readonly #random: () => number
  readonly #ledger: Ledger
  readonly #hit = new Map<SoakDevice, Promise<void>>()
  readonly #over = new AbortController()
  readonly counts = { cuts: 0, kills: 0, stops: 0 }
  #running: Promise<void> | null = null

  constructor(world: SoakWorld, { random, ledger }: { random: () => number; ledger: Ledger }) {
    this.#world = world
    this.#random = random
    this.#ledger = ledger
  }

  start(): void {
    this.#running = this.#run()
  }

  /** False while the service is down: nobody can ask it anything. */
  isServing({ store }: SoakDevice): boolean {
    return store.running && store.url !== ''
  }

  /** Ends all trouble: every cable is in and good, every service runs. */
  async heal(): Promise<void> {
    this.#over.abort()
    await this.#running
    await Promise.all(this.#hit.values())
    this.#world.network.healCables()
  }

  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#pause(PAUSE_MS)
      const free = this.#world.devices.filter((device) => !this.#hit.has(device))
      const victim = free[Math.floor(this.#random() * free.length)]
      if (this.#over.signal.aborted || victim === undefined || this.#hit.size >= AT_ONCE) continue
      const trouble = (this.#random() < 0.55 ? this.#cut(victim) : this.#end(victim)).finally(() => this.#hit.delete(victim))
      this.#hit.set(victim, trouble)
      // It is awaited in `heal`; until then it must not end the process.
      trouble.catch(() => this.#over.abort())
    }
  }

  async #cut({ index, name }: SoakDevice): Promise<void> {
    this.counts.cuts++
    this.#ledger.tell(name, 'CABLE OUT')
    this.#world.network.setLink(index, 'down')
    await this.#pause(CUT_MS)
    this.#world.network.setLink(index, 'up')
    this.#ledger.tell(name, 'CABLE IN')
  }

  async #end({ store, name }: SoakDevice): Promise<void> {
    const kill = this.#random() < 0.75
    if (kill) this.counts.kills++
    else this.counts.stops++
    this.#ledger.tell(name, kill ? 'KILLED' : 'STOPPED')
    await (kill ? store.kill() : store.stop())
    await this.#pause(OFF_MS)
    await store.serve()
    this.#ledger.tell(name, 'STARTED')
  }

  async #pause([least, most]: readonly [number, number]): Promise<void> {
    // Mostly short.
    const ms = least + (most - least) * this.#random() ** 2
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined)
  }
}
