/** Everything that waits for a word of a person, the gravest first. */
import type { Item } from '@hyper-store/client'
import { memo, useMemo } from 'react'
import type { ReactNode } from 'react'
import { DECISIONS } from '../../words/overview.ts'
import { ConflictDecision } from './conflict-decision.tsx'
import css from './decisions.module.css'
import { GuestDecisions } from './guest-decisions.tsx'
import { JoinDecisions } from './join-decisions.tsx'
import { ProblemDecision } from './problem-decision.tsx'
import { useRights } from './rights.ts'
import { StopDecision } from './stop-decision.tsx'
import { isStuck } from './verdict.ts'

/** The list; nothing where nothing waits. Its parts come and go on their own, so that its head goes with the last of them by CSS. */
export const Decisions = memo(function Decisions({ items }: { readonly items: readonly Item[] }): ReactNode {
  const { decide } = useRights()
  const stuck = useMemo(() => items.filter(isStuck), [items])
  const stops = stuck.filter(isStop)
  const problems = stuck.filter((item) => !isStop(item))
  // Who only reads or keeps settles nothing.
  const conflicts = items.filter(({ conflicts, role }) => (conflicts ?? 0) > 0 && role !== 'reader' && role !== 'keeper')
  const shared = items.filter(({ shared, role }) => decide && shared === true && (role === 'owner' || role === 'admin'))
  return (
    <section className={css['decisions']} aria-labelledby="decisions-head">
      <h2 id="decisions-head">{DECISIONS.title}</h2>
      {stops.map((item) => (
        <StopDecision key={item.key} item={item} />
      ))}
      {shared.map((item) => (
        <GuestDecisions key={item.key} item={item} />
      ))}
      {decide && <JoinDecisions />}
      {problems.map((item) => (
        <ProblemDecision key={item.key} item={item} />
      ))}
      {conflicts.map((item) => (
        <ConflictDecision key={item.key} item={item} />
      ))}
    </section>
  )
})

function isStop(item: Item): boolean {
  return item.problem?.code === 'STOPPED_FOR_SAFETY'
}
