/** The devices of one folder, each with what it holds of it. */
import type { Item, ItemDevice } from '@hyper-store/client'
import { Check, CircleDashed, HardDrive, MonitorSmartphone } from 'lucide-react'
import type { ReactNode } from 'react'
import { Chip } from '../../kit/chip.tsx'
import type { ChipTone } from '../../kit/chip.tsx'
import { momentWords, shareWords } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'
import css from './folder-card.module.css'
import { Name } from '../../kit/name.tsx'

const SHOWN = 6
const RANK = { provider: 0, device: 1, this: 2 } as const

/** Other devices than this one, boxes first. */
export function DeviceChips({ item, now }: { readonly item: Item; readonly now: Date }): ReactNode {
  const others = item.devices.filter(({ role }) => role !== 'this').sort((a, b) => RANK[a.role] - RANK[b.role])
  if (others.length === 0) return null
  return (
    <ul className={css['chips']} aria-label={OVERVIEW.devices}>
      {others.slice(0, SHOWN).map((device) => (
        <li key={device.key}>
          <Chip tone={toneOf(device)} icon={<Picture device={device} />}>
            <Name of={device.name} /> <span className={css['held']}>{chipWords(device, now)}</span>
          </Chip>
        </li>
      ))}
      {others.length > SHOWN && (
        <li>
          <Chip>{OVERVIEW.more(others.length - SHOWN)}</Chip>
        </li>
      )}
    </ul>
  )
}

function Picture({ device }: { readonly device: ItemDevice }): ReactNode {
  if (device.complete) return <Check size={14} strokeWidth={2.5} aria-hidden />
  if (device.live) return <CircleDashed size={14} aria-hidden />
  return device.role === 'provider' ? <HardDrive size={14} aria-hidden /> : <MonitorSmartphone size={14} aria-hidden />
}

function toneOf({ complete, live, role }: ItemDevice): ChipTone {
  if (complete) return 'good'
  if (live) return 'busy'
  return role === 'provider' ? 'slow' : 'still'
}

/** What a device holds, in a few words: `everything`, `37 %`, `behind, seen 10:32`. */
export function chipWords(device: ItemDevice, now: Date): string {
  const { complete, live, at, progress } = device
  const seen = at === null ? null : OVERVIEW.chip.seen(momentWords(at, now))
  if (complete) return live || seen === null ? OVERVIEW.chip.complete : `${OVERVIEW.chip.complete}, ${seen}`
  if (live) return progress > 0 ? shareWords(progress) : OVERVIEW.chip.nothing
  return seen === null ? OVERVIEW.chip.never : `${OVERVIEW.chip.behind}, ${seen}`
}
