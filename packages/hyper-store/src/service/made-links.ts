/** The gateway links that were made at this store, remembered with its settings. */
import * as v from 'valibot'
import { createSerial } from '../lib/serial.ts'
import type { Settings } from '../state/record-table.ts'

/** A link that was made here. */
const MadeLink = v.object({
  id: v.string(),
  path: v.string(),
  /** What the address ends with, so that a file keeps its name. */
  name: v.string(),
  epoch: v.number(),
  createdAtMs: v.number(),
  expiresAtS: v.number(),
  revoked: v.boolean(),
})
export type MadeLink = v.InferOutput<typeof MadeLink>

/** Links of one folder that are remembered. */
const MADE_LIMIT = 1000
/** An ended link is shown for so long. */
const SHOWN_AFTER_MS = 30 * 86_400_000

/** Name of the setting that holds the links of a folder. */
export function linksSetting(key: string): string {
  return `gateway-links/${key}`
}

/** Links by folder, newest first. */
export class MadeLinks {
  readonly #settings: Settings
  readonly #now: () => number
  readonly #serial = createSerial()

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  /** Those of a folder, ended ones for 30 days more. */
  async list(key: string): Promise<MadeLink[]> {
    const parsed = v.safeParse(v.array(MadeLink), await this.#settings.get(linksSetting(key)))
    const least = this.#now() - SHOWN_AFTER_MS
    return parsed.success ? parsed.output.filter((link) => link.expiresAtS * 1000 > least) : []
  }

  /** Durable when it resolves; the oldest beyond a thousand are forgotten. */
  async change(key: string, change: (links: MadeLink[]) => MadeLink[]): Promise<void> {
    await this.#serial.run(async () => this.#settings.set(linksSetting(key), change(await this.list(key)).slice(0, MADE_LIMIT)))
  }
}
