/** One folder at a glance: how it stands, what moves, who has it, and what can be done with it. */
import type { Item } from '@hyper-store/client'
import {
  CircleAlert,
  CirclePause,
  CloudOff,
  Folder,
  Hourglass,
  Link2Off,
  Lock,
  RefreshCw,
  ScrollText,
  ShieldCheck,
  Table2,
} from 'lucide-react'
import { memo } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Chip, ProgressBar } from '../../kit/chip.tsx'
import { byteWords, countWords, leftWords, shareWords, visibleName } from '../../words/format.ts'
import { OVERVIEW, STANDINGS } from '../../words/overview.ts'
import { DeviceChips } from './device-chips.tsx'
import { FolderActions } from './folder-actions.tsx'
import css from './folder-card.module.css'
import { placeOf } from './item-place.ts'
import { People } from './people.tsx'
import { Names, Sentence } from './pieces.tsx'
import { useNear } from './use-near.ts'
import { verdictOf } from './verdict.ts'
import type { FolderVerdict, Standing } from './verdict.ts'

const KINDS = { folder: Folder, table: Table2, core: ScrollText, board: ScrollText }
const LOOKS = {
  safe: ['good', ShieldCheck],
  going: ['busy', RefreshCw],
  coming: ['busy', RefreshCw],
  stuck: ['bad', CircleAlert],
  alone: ['slow', Link2Off],
  off: ['slow', CloudOff],
  waiting: ['slow', Hourglass],
  paused: ['still', CirclePause],
} as const satisfies Record<Standing, unknown>

/** A card; it draws only when its item changes. `first`: it is among those that are seen at once. */
export const FolderCard = memo(function FolderCard(props: {
  readonly item: Item
  readonly now: Date
  readonly first: boolean
  readonly boxes: readonly string[]
}): ReactNode {
  const { item, now, first, boxes } = props
  const [ref, isNear] = useNear<HTMLElement>(first)
  const verdict = verdictOf(item)
  const Icon = KINDS[item.kind]
  const title = visibleName(item.title)
  return (
    <article ref={ref} className={`${css['card']} ${first ? '' : css['far']}`} aria-label={title}>
      <header className={css['top']}>
        <span className={css['kind']} data-kind={item.kind} title={OVERVIEW.kinds[item.kind]}>
          <Icon size={20} aria-hidden />
        </span>
        <h3 dir="auto">
          <Link href={placeOf(item)}>{title}</Link>
        </h3>
        <StandingChip item={item} verdict={verdict} />
        <Facts item={item} />
      </header>
      {isNear && (
        <>
          {item.path !== null && (
            <p className={css['path']} title={visibleName(item.path)}>
              <bdi dir="ltr">{visibleName(item.path)}</bdi>
            </p>
          )}
          <Moving item={item} verdict={verdict} />
          {item.problem !== null && verdict.standing === 'waiting' && <p className={css['why']}>{item.problem.message}</p>}
          <div className={css['who']}>
            <DeviceChips item={item} now={now} />
            <People item={item} />
          </div>
          <FolderActions item={item} boxes={boxes} />
        </>
      )}
    </article>
  )
})

function Facts({ item }: { readonly item: Item }): ReactNode {
  const isBlind = item.mode === 'keep-blind'
  const size = isBlind || item.kind !== 'folder' ? byteWords(item.bytes) : `${countWords(item.files, 'file')}, ${byteWords(item.bytes)}`
  return (
    <p className={css['facts']}>
      {item.private && (
        <span title={isBlind ? OVERVIEW.blind : OVERVIEW.private}>
          <Lock size={13} aria-hidden />
          <span className="visually-hidden">{isBlind ? OVERVIEW.blind : OVERVIEW.private}</span>
        </span>
      )}
      {item.kind === 'folder' ? size : `${OVERVIEW.kinds[item.kind]}, ${size}`}
    </p>
  )
}

function StandingChip({ item, verdict }: { readonly item: Item; readonly verdict: FolderVerdict }): ReactNode {
  const { standing, devices } = verdict
  const [tone, Icon] = LOOKS[standing]
  const names = <Names of={devices.map(({ name }) => name)} />
  const isWhole = standing === 'safe' && devices.every(({ role }) => role === 'this')
  return (
    <Chip tone={tone} icon={<Icon size={14} aria-hidden />} data-standing={standing} data-state={item.state}>
      {standing === 'going' || standing === 'off' ? (
        <Sentence of={STANDINGS[standing](names)} />
      ) : isWhole ? (
        STANDINGS.whole
      ) : (
        STANDINGS[standing]
      )}
    </Chip>
  )
}

/** The bar of what moves, here or to others, with rate and time. */
function Moving({ item, verdict }: { readonly item: Item; readonly verdict: FolderVerdict }): ReactNode {
  const { standing, devices } = verdict
  if (standing !== 'coming' && standing !== 'going') return null
  const share = standing === 'coming' ? item.progress : Math.min(...devices.map(({ progress }) => progress))
  const words = [
    shareWords(share),
    item.bytesPerSecond > 0 ? `${byteWords(item.bytesPerSecond)}/s` : null,
    item.secondsLeft === null || item.secondsLeft <= 0 ? null : leftWords(item.secondsLeft),
  ].filter((word) => word !== null)
  return (
    <div className={css['moving']}>
      <ProgressBar value={share} label={OVERVIEW.progress(visibleName(item.title))} />
      <p className="tabular">{words.join(' · ')}</p>
    </div>
  )
}
