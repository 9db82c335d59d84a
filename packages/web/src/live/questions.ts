/** Questions that several screens ask: asked once, whoever shows the answer. */
import type { Join, Provider, Settings, Space } from '@hyper-store/client'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useAnswer } from './use-store.tsx'

/** A join of a folder that is not kept yet is told by no event. */
const JOIN_MS = 1500

/** The providers of the store. */
export function useProviders(enabled = true): UseQueryResult<Provider[]> {
  return useAnswer({ link: '', name: ['providers'], enabled }, async (client, signal) => await client.listProviders({ signal }))
}

/** How the store is set. */
export function useSettings(): UseQueryResult<Settings> {
  return useAnswer({ link: '', name: ['settings'] }, async (client, signal) => await client.getSettings({ signal }))
}

/** What the store occupies. */
export function useSpace(): UseQueryResult<Space> {
  return useAnswer({ link: '', name: ['space'] }, async (client, signal) => await client.getSpace({ signal }))
}

/** The joins of the store, live. */
export function useJoins(): readonly Join[] {
  const { data, refetch } = useAnswer({ link: '', name: ['joins'] }, async (client, signal) => await client.listJoins({ signal }))
  const isOpen = data?.some(({ state }) => state === 'looking' || state === 'waiting') === true
  useEffect(() => {
    if (!isOpen) return undefined
    const timer = setInterval(() => void refetch(), JOIN_MS)
    return () => clearInterval(timer)
  }, [isOpen, refetch])
  return data ?? []
}
