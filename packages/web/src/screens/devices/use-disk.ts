/** Where one is on the disk of a store's machine while a folder is chosen. */
import type { DiskListing } from '@hyper-store/client'
import { useState } from 'react'
import { useAnswer, useDeed } from '../../live/use-store.tsx'

/** No event tells of folders that come and go on a disk. */
const OF_DISK = 'disk'

/** Folders at a path; `path` null: in the home. */
export function useFolders(path: string | null): { readonly listing: DiskListing | null; readonly problem: Error | null } {
  const answer = useAnswer({ link: OF_DISK, name: [path] }, (client, signal) => client.listDisk(path === null ? {} : { path }, { signal }))
  return { listing: answer.data ?? null, problem: answer.error }
}

/** A place on the disk, and the ways from there. */
export interface DiskPlace {
  /** What is there; the last that was known while the next is asked for. Null before the first. */
  readonly listing: DiskListing | null
  /** It is what is there now. */
  readonly isSettled: boolean
  readonly problem: Error | null
  /** Home of whoever the service runs as; null before it is known. */
  readonly home: string | null
  /** Title of what is kept there already; null when it is free, as far as is known. */
  readonly keptAs: string | null
  readonly go: (path: string, keptAs?: string | null) => void
  /** Makes a folder here and goes into it. */
  readonly make: (path: string, onProblem: (error: Error) => void) => void
  readonly isMaking: boolean
}

/** Begins at `start`, or in the home. */
export function useDisk(start: string | null): DiskPlace {
  const [at, setAt] = useState<{ readonly path: string | null; readonly keptAs: string | null }>({ path: start, keptAs: null })
  const [last, setLast] = useState<DiskListing | null>(null)
  const homeFolders = useFolders(null).listing
  const { listing, problem } = useFolders(at.path)
  if (listing !== null && listing !== last) setLast(listing)
  const go = (path: string, keptAs: string | null = null): void => setAt({ path, keptAs })
  const making = useDeed({ link: OF_DISK, quiet: true }, (client, path: string) => client.makeDiskFolder({ path }))
  return {
    listing: listing ?? last,
    isSettled: listing !== null,
    problem,
    home: homeFolders?.path ?? null,
    keptAs: at.keptAs,
    go,
    make: (path, onProblem) => making.mutate(path, { onSuccess: (made) => go(made.path), onError: onProblem }),
    isMaking: making.isPending,
  }
}
