/** The end of the first steps: how the folder gets to the box, live, until everything is safe there. */
import type { Item } from '@hyper-store/client'
import { CircleAlert, RefreshCw, ShieldCheck, Sparkles } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace, PLACES } from '../../app/places.ts'
import { ButtonLink } from '../../kit/button.tsx'
import { ProgressBar } from '../../kit/chip.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { useBoxes } from '../devices/use-boxes.ts'
import { FIRST_RUN } from '../../words/first-run.ts'
import { shareWords, visibleName } from '../../words/format.ts'
import css from './first-run.module.css'
import { StepHead } from './step-head.tsx'

/** How far it is. `folder`: what it is about; null: all that is kept on disk. `box`: where it goes; null: nowhere yet. */
export function TheEnd({ folder, box }: { readonly folder: string | null; readonly box: string | null }): ReactNode {
  const { items } = useSnapshot()
  const { boxes } = useBoxes()
  const key = boxes?.find(({ name }) => name === box)?.deviceKey ?? null
  const wanted = (items ?? []).filter((item) => (folder === null ? item.kind === 'folder' && item.path !== null : item.key === folder))
  const stopped = wanted.find(({ problem, state }) => problem !== null && state === 'error')
  const share = shareAt(wanted, key)
  const title = wanted.length === 1 ? visibleName(wanted[0]?.title ?? '') : FIRST_RUN.shared
  return (
    <div className={css['step']} data-safe={box !== null && share === 1} role="status">
      {stopped !== undefined ? (
        <StepHead icon={<CircleAlert size={38} strokeWidth={1.6} />} title={FIRST_RUN.troubleTitle}>
          {stopped.problem?.message}
        </StepHead>
      ) : box === null ? (
        <StepHead icon={<Sparkles size={38} strokeWidth={1.6} />} title={FIRST_RUN.aloneTitle}>
          {FIRST_RUN.aloneText(title)}
        </StepHead>
      ) : share === 1 ? (
        <StepHead icon={<ShieldCheck size={40} strokeWidth={1.6} />} title={FIRST_RUN.safeTitle(visibleName(box))}>
          {FIRST_RUN.safeText(title)}
        </StepHead>
      ) : (
        <>
          <StepHead icon={<RefreshCw size={36} strokeWidth={1.6} />} title={FIRST_RUN.goingTitle(visibleName(box))}>
            {FIRST_RUN.goingText}
          </StepHead>
          <div className={css['progress']} aria-live="off">
            <ProgressBar value={share} label={FIRST_RUN.progress(visibleName(box))} />
            <span className="tabular">{shareWords(share)}</span>
          </div>
        </>
      )}
      {wanted.length === 1 && wanted[0]?.files === 0 && <p className={css['quiet']}>{FIRST_RUN.emptyFolder}</p>}
      <div className={css['go']}>
        <Link href={PLACES.devices} asChild>
          <ButtonLink>{FIRST_RUN.phone}</ButtonLink>
        </Link>
        <Link href={wanted.length === 1 ? folderPlace(wanted[0]?.key ?? '') : PLACES.home} asChild>
          <ButtonLink tone="main">{wanted.length === 1 ? FIRST_RUN.open : FIRST_RUN.home}</ButtonLink>
        </Link>
      </div>
    </div>
  )
}

/** Share of the bytes that a device holds; 1 only when it holds all of each. */
function shareAt(items: readonly Item[], deviceKey: string | null): number {
  let held = 0
  let all = 0
  let isWhole = items.length > 0
  for (const item of items) {
    const device = item.devices.find(({ key }) => key === deviceKey)
    // An empty folder counts too.
    all += item.bytes + 1
    held += (item.bytes + 1) * (device?.progress ?? 0)
    isWhole &&= device?.complete === true && item.state === 'up-to-date'
  }
  return isWhole ? 1 : Math.min(0.99, all === 0 ? 0 : held / all)
}
