/** Tables in folders that were opened in this browser: a store keeps them with the folder, and lists folders only. */
import { keptChoice, useChoice } from '../../live/kept-choice.ts'
import type { KeptChoice } from '../../live/kept-choice.ts'

const MOST = 50
const byTarget = new Map<string, KeptChoice<readonly string[]>>()

function linksOf(target: string): KeptChoice<readonly string[]> {
  const known =
    byTarget.get(target) ??
    keptChoice<readonly string[]>(`hyper-store.tables.${target}`, (kept) =>
      Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string').slice(0, MOST) : [],
    )
  byTarget.set(target, known)
  return known
}

/** Their links without secrets, newest first, and how one is put there or taken off. */
export function useKnownTables(target: string): { links: readonly string[]; add: (link: string) => void; forget: (link: string) => void } {
  const kept = linksOf(target)
  const links = useChoice(kept)
  return {
    links,
    add: (link) => kept.set([link, ...links.filter((one) => one !== link)].slice(0, MOST)),
    forget: (link) => kept.set(links.filter((one) => one !== link)),
  }
}
