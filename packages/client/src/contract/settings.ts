/** The shapes of a store's settings, of folders on its machine, and of who holds a file. */
import * as v from 'valibot'
import { Moment } from './schemas.ts'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Who can reach the port of a store: programs of its own machine alone, or other machines too, which then want a right. */
export const Reach = v.picklist(['this-machine', 'network'])
export type Reach = v.InferOutput<typeof Reach>

/** How a store is set. */
export const Settings = v.object({
  name: v.string(),
  reach: Reach,
  /** Finds devices on the local network. */
  lan: v.boolean(),
  /** Finds devices over the internet. */
  internet: v.boolean(),
  /** Names of settings that were given on the command line, which can't be changed while the service runs so. */
  fixed: v.array(v.picklist(['name', 'reach', 'lan', 'internet'])),
  /** Names of settings that hold after the next start of the service only. */
  afterRestart: v.array(v.picklist(['name', 'reach', 'lan', 'internet'])),
  /** Addresses for browsers of other machines, best first; empty when only this machine reaches it. */
  addresses: v.array(v.string()),
  home: v.string(),
  version: v.string(),
})
export type Settings = v.InferOutput<typeof Settings>
/** Body of `PATCH /api/v1/settings`; what is left out stays. */
export const ChangeSettings = v.strictObject({
  name: v.optional(text(100)),
  reach: v.optional(Reach),
  lan: v.optional(v.boolean()),
  internet: v.optional(v.boolean()),
})
export type ChangeSettings = v.InferOutput<typeof ChangeSettings>

/** `path`: absolute; left out: the home of the user that the service runs as. */
export const DiskQuery = v.strictObject({ path: v.optional(text(4096)) })
/** Folders of the store's machine, for choosing one. */
export const DiskListing = v.object({
  /** Absolute path that was listed. */
  path: v.string(),
  /** The one above; null at the root. */
  parent: v.nullable(v.string()),
  /** Sub-folders by name, at most 2,000, hidden ones left out. */
  folders: v.array(
    v.object({
      name: v.string(),
      path: v.string(),
      /** Title of what is kept there or below or above it; null when it is free. */
      keptAs: v.nullable(v.string()),
    }),
  ),
  more: v.boolean(),
  /** Bytes free on that disk. */
  free: count,
})
export type DiskListing = v.InferOutput<typeof DiskListing>
/** Body of `POST /api/v1/disk`: makes a folder on the store's machine. */
export const MakeDiskFolder = v.strictObject({ path: text(4096) })

export const HoldersQuery = v.strictObject({ path: text(4096) })
/** Which devices hold the newest version of one file. */
export const Holders = v.object({
  path: v.string(),
  /** Version of the folder in which the file got its present content. */
  version: count,
  devices: v.array(
    v.object({
      name: v.string(),
      key: v.string(),
      person: v.optional(v.string()),
      you: v.boolean(),
      live: v.boolean(),
      /** `unknown`: nothing was heard that says so. */
      holds: v.picklist(['all', 'part', 'none', 'unknown']),
      /** When that was said; null when never. */
      at: v.nullable(Moment),
    }),
  ),
})
export type Holders = v.InferOutput<typeof Holders>
