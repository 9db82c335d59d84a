/** What the store does when a sync is complete: hooks that the user set, and the LED. */
import * as v from 'valibot'
import type { Settings } from '../state/record-table.ts'
import { HookSettings, runHooks, type Completion } from './hooks.ts'
import { openLed, type Led, type LedState } from './led.ts'

/** Hooks run at most once for one device and version; several devices within this time are one run each. */
const REMEMBERED = 1000

/** Runs hooks and shows the LED. */
export class Completions {
  readonly #settings: Settings
  readonly #given: HookSettings
  readonly #onProblem: (message: string) => void
  readonly #told = new Set<string>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #abort = new AbortController()
  #hooks: HookSettings = {}
  #led: Led | null = null

  constructor(options: { settings: Settings; hooks: HookSettings; onProblem: (message: string) => void }) {
    this.#settings = options.settings
    this.#given = options.hooks
    this.#onProblem = options.onProblem
  }

  /** Reads the settings; what the command line gave wins and is not stored. */
  async start(): Promise<void> {
    const stored = v.safeParse(HookSettings, (await this.#settings.get('hooks')) ?? {})
    this.#hooks = { ...(stored.success ? stored.output : {}), ...this.#given }
    if (this.#hooks.led !== undefined) this.#led = await openLed(this.#hooks.led, this.#onProblem)
  }

  /** A device holds all of a version. */
  completed(event: Completion): void {
    const key = `${event.link}/${event.device}/${event.version}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    for (const old of this.#told) {
      if (this.#told.size <= REMEMBERED) break
      this.#told.delete(old)
    }
    const run = runHooks(this.#hooks, event, { signal: this.#abort.signal }).then((results) => {
      for (const result of results) if (result.problem !== null) this.#onProblem(`hook ${result.hook}: ${result.problem}`)
    })
    this.#running.add(run)
    void run.finally(() => this.#running.delete(run))
  }

  /** Shows all folders on the LED: blinking while any syncs, lit when all are complete. */
  show(states: readonly LedState[]): void {
    if (this.#led === null) return
    const state: LedState = states.includes('syncing')
      ? 'syncing'
      : states.length > 0 && states.every((s) => s === 'complete')
        ? 'complete'
        : 'off'
    void this.#led.show(state)
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await Promise.allSettled(this.#running)
    await this.#led?.close()
  }
}
