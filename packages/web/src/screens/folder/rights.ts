/** What can be done with the files of a folder here, and why not more. */
import type { Item, Role } from '@hyper-store/client'
import { FOLDER } from '../../words/folder.ts'

/** What a screen offers. */
export interface Rights {
  /** Files can be looked at. */
  readonly read: boolean
  /** Files can be changed. */
  readonly write: boolean
  /** Folders and links can be set: this browser has an owner's right of the store. */
  readonly owner: boolean
  /** Why files can't be read or changed, for people; null when they can. */
  readonly why: string | null
}

/** `caller`: what this browser may do with the store. `version`: of the past, or null. */
export function rightsOf(item: Item, caller: Role | null, version: number | null): Rights {
  const owner = caller === 'owner'
  if (item.mode === 'keep-blind') return { read: false, write: false, owner, why: FOLDER.whyBlind }
  const why = whyNot(item, owner)
  return { read: true, write: why === null && version === null, owner, why }
}

function whyNot(item: Item, owner: boolean): string | null {
  if (!owner) return FOLDER.whyCaller
  if (item.role === 'reader') return FOLDER.whyReader
  if (item.role === 'keeper') return FOLDER.whyKeeper
  if (item.mode === 'receive-only') return FOLDER.whyReceives
  if (item.state === 'paused') return FOLDER.whyPaused
  return null
}
