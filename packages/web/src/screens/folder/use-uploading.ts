/** Takes in what is dropped or picked: settles taken names first, then queues it. */
import { useState } from 'react'
import type { ThingEntry } from '@hyper-store/client'
import { tellProblem } from '../../kit/toasts.tsx'
import { noticing, useStore } from '../../live/use-store.tsx'
import { clashesOf, settle } from './clashes.ts'
import type { ClashAnswer } from './clashes.ts'
import { joinPath, nameOf, parentOf } from './rows.ts'
import { uploadsOf } from './upload-queue.ts'
import type { NewEntry } from './upload-queue.ts'

/** A question that waits for its answer. */
export interface ClashQuestion {
  /** Paths that are taken. */
  readonly paths: readonly string[]
  answer(answer: ClashAnswer | null): void
}

/** Pages of names that are looked through; no folder that people drop things into has more. */
const MOST_PAGES = 200

/** Uploading into the folder `path`. */
export function useUploading(
  folder: string,
  path: string,
): {
  readonly question: ClashQuestion | null
  readonly isReading: boolean
  add(found: readonly NewEntry[] | Promise<NewEntry[]>, to?: string): void
} {
  const store = useStore()
  const [question, setQuestion] = useState<ClashQuestion | null>(null)
  const [isReading, setReading] = useState(false)

  const takenOf = async (entries: readonly NewEntry[], to: string): Promise<Map<string, ThingEntry['kind']>> => {
    const taken = new Map<string, ThingEntry['kind']>()
    const tops = [...new Set(entries.map((entry) => topOf(entry.path, to)))]
    // The store is asked: what the screen shows may be a moment old, and nothing is to be replaced unasked.
    await collect(taken, to, false)
    const folders = tops.filter((top) => taken.get(top) === 'folder')
    for (const top of folders) await collect(taken, top, true)
    return taken
  }

  /** What is in a folder; `isDeep`: at any depth. */
  const collect = async (taken: Map<string, ThingEntry['kind']>, top: string, isDeep: boolean): Promise<void> => {
    let after: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { ...(top === '' ? {} : { path: top }), recursive: isDeep, ...(after === undefined ? {} : { after }) }
      const found = await noticing(store, store.client.listEntries(folder, query))
      for (const entry of found.entries) taken.set(entry.path, entry.kind)
      after = found.entries.at(-1)?.path
      if (!found.more || after === undefined) break
    }
  }

  const take = async (found: readonly NewEntry[] | Promise<NewEntry[]>, to: string): Promise<void> => {
    setReading(true)
    let entries: NewEntry[]
    let taken: Map<string, ThingEntry['kind']>
    try {
      entries = (await found).map((entry) => ({ ...entry, path: joinPath(to, entry.path) }))
      taken = await takenOf(entries, to)
    } finally {
      setReading(false)
    }
    const clashing = clashesOf(entries, taken)
    let answer: ClashAnswer | null = 'replace'
    if (clashing.length > 0) {
      answer = await new Promise<ClashAnswer | null>((resolve) =>
        setQuestion({ paths: clashing.map((entry) => entry.path), answer: resolve }),
      )
      setQuestion(null)
    }
    if (answer === null) return
    // A folder that stands already needs no making.
    const meant = settle(entries, taken, answer).filter((entry) => entry.file !== null || taken.get(entry.path) !== 'folder')
    if (meant.length > 0) uploadsOf(store).add(folder, meant)
  }

  return {
    question,
    isReading,
    add: (found, to = path) => void take(found, to).catch(tellProblem),
  }
}

/** The entry of the folder `to` that a path is or lies in. */
function topOf(path: string, to: string): string {
  let top = path
  while (parentOf(top) !== to) top = parentOf(top)
  return joinPath(to, nameOf(top))
}
