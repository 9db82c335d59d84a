/** Whose things are whose: which devices asked this store to keep something, and what a member may do with it. */
import { AppError } from '@hyper-store/client/contract'
import type { Caller } from '../core/store-api.ts'
import type { FolderRecord } from '../state/records.ts'

/** Stands for all callers of an open network, whom nothing tells apart. */
const OPEN = 'open'

/** Who asks, as records have it; null for the machine itself, whose things are nobody else's. */
function askerOf(caller: Caller): string | null {
  if (caller.local) return null
  return caller.deviceKey ?? (caller.role === 'owner' ? null : OPEN)
}

/** Who asks for a thing that is kept from now on. */
export function askersOf(caller: Caller | null): string[] {
  const asker = caller === null ? null : askerOf(caller)
  return asker === null ? [] : [asker]
}

/** Who asks for a thing that is kept already, once this caller does too. What the machine itself keeps stays its own. */
export function askersWith({ askedBy = [] }: Pick<FolderRecord, 'askedBy'>, caller: Caller): string[] {
  const [asker] = askersOf(caller)
  return asker === undefined || askedBy.length === 0 ? [] : [...new Set([...askedBy, asker])]
}

/** Who still asks for a thing after this caller does no more; null when that is nobody, or when the caller speaks for all. */
export function askersWithout({ askedBy = [] }: Pick<FolderRecord, 'askedBy'>, caller: Caller): string[] | null {
  if (caller.role === 'owner') return null
  const others = askedBy.filter((asker) => asker !== askerOf(caller))
  return others.length === 0 ? null : others
}

/** Throws FORBIDDEN when a member has not asked for this thing itself. */
export function refuseForeign(caller: Caller, { askedBy = [], title }: Pick<FolderRecord, 'askedBy' | 'title'>): void {
  if (caller.role === 'owner') return
  const asker = askerOf(caller)
  if (asker !== null && askedBy.includes(asker)) return
  throw new AppError('FORBIDDEN', { reason: `"${title}" was not added by this device; a member changes only what it had added itself` })
}

/** Throws FORBIDDEN for all but owners. `what` ends the sentence "only the owner may". */
export function refuseMembers(caller: Caller, what: string): void {
  if (!caller.local && caller.role !== 'owner') throw new AppError('FORBIDDEN', { reason: `only the owner may ${what}` })
}
