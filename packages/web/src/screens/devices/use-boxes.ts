/** What is known of the boxes of a store: whether they are reached, what they keep, their space, and what they grant. */
import type { Provider } from '@hyper-store/client'
import { useEffect } from 'react'
import { useProviders } from '../../live/questions.ts'
import { useAnswer, useSnapshot } from '../../live/use-store.tsx'
import type { BoxFacts } from './box-facts.ts'

/** First part of the keys of what boxes themselves say: no event of this store tells when that changes. */
export const OF_BOXES = 'boxes'

/** The boxes; null until they are known. `problem`: why they are not told. */
export function useBoxes(): { readonly boxes: readonly Provider[] | null; readonly problem: Error | null } {
  const answer = useProviders()
  useComings(answer.refetch)
  return { boxes: answer.data ?? null, problem: answer.error }
}

/** Asks again when a device comes or goes. */
export function useComings(again: () => unknown): void {
  const last = useSnapshot().activity.find(({ event }) => event === 'peer')?.at ?? null
  useEffect(() => {
    if (last !== null) void again()
    // Only another coming or going asks again.
  }, [last])
}

/** Asks a box about itself, through this store. */
export function useBoxFacts(box: Provider, enabled: boolean): BoxFacts | null {
  const own = useSnapshot().info?.deviceKey ?? ''
  return (
    useAnswer({ link: OF_BOXES, name: [box.name, 'facts'], enabled: enabled && box.reachable }, async (client, signal) => {
      const there = client.provider(box.name)
      const [space, devices, folders] = await Promise.all([
        there.getSpace({ signal }).catch(() => null),
        there.listDevices({ signal }).catch(() => null),
        there.listFolders({ signal }).catch(() => null),
      ])
      const self = devices?.find(({ key }) => key === own)
      return {
        space: space === null ? null : { free: space.free, disk: space.disk, taken: space.cores + space.state },
        grant: self?.quotaBytes == null ? null : { used: self.usedBytes ?? 0, quota: self.quotaBytes },
        modes: folders === null ? null : new Map(folders.map(({ key, mode }) => [key, mode])),
      }
    }).data ?? null
  )
}
