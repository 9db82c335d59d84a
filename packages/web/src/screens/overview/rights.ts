/** What the one who looks may do in this store. */
import { useSnapshot } from '../../live/use-store.tsx'

/** `steer`: pause, go on, check, remove; `decide`: also let people in and settle conflicts. */
export interface Rights {
  readonly steer: boolean
  readonly decide: boolean
}

/** The rights, live. */
export function useRights(): Rights {
  const role = useSnapshot().info?.role ?? null
  return { steer: role === 'owner' || role === 'member', decide: role === 'owner' }
}
