/** All devices in a row, each in a ring that is as full as what it holds. */
import type { Item } from '@hyper-store/client'
import { HardDrive, Laptop, MonitorSmartphone } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import { Tip } from '../../kit/tip.tsx'
import { momentWords, shareWords, visibleName } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'
import css from './headline.module.css'
import { Name } from '../../kit/name.tsx'
import { sharesOf } from './verdict.ts'
import type { DeviceShare } from './verdict.ts'

const SHOWN = 5
const ROUND = 2 * Math.PI * 21
const ICONS = { this: Laptop, provider: HardDrive, device: MonitorSmartphone }

/** The devices of all folders. */
export function DeviceRings({ items, now }: { readonly items: readonly Item[]; readonly now: Date }): ReactNode {
  const shares = useMemo(() => sharesOf(items), [items])
  return (
    <ul className={css['rings']} aria-label={OVERVIEW.devices}>
      {shares.slice(0, SHOWN).map((one) => (
        <Ring key={one.device.key} one={one} now={now} />
      ))}
      {shares.length > SHOWN && <li className={css['ringsMore']}>{OVERVIEW.more(shares.length - SHOWN)}</li>}
    </ul>
  )
}

function Ring({ one, now }: { readonly one: DeviceShare; readonly now: Date }): ReactNode {
  const { device, share, complete, live } = one
  const Icon = ICONS[device.role]
  const words = stateOf(one, now)
  return (
    <Tip
      text={`${visibleName(device.name)}: ${[complete ? OVERVIEW.deviceAll : OVERVIEW.deviceShare(shareWords(share)), words].join(', ')}`}
    >
      <li className={css['ring']} data-complete={complete} data-live={live}>
        <span className={css['ringPicture']}>
          <svg viewBox="0 0 48 48" aria-hidden>
            <circle className={css['track']} cx="24" cy="24" r="21" />
            <circle className={css['share']} cx="24" cy="24" r="21" strokeDasharray={`${share * ROUND} ${ROUND}`} />
          </svg>
          <Icon size={20} aria-hidden />
          <i aria-hidden />
        </span>
        <strong>
          <Name of={device.name} />
        </strong>
        <span>{device.role === 'this' ? OVERVIEW.thisDevice : words}</span>
      </li>
    </Tip>
  )
}

function stateOf({ device, share, complete, live, at }: DeviceShare, now: Date): string {
  if (device.role === 'this') return OVERVIEW.thisDevice
  if (live) return complete ? OVERVIEW.chip.online : shareWords(share)
  return at === null ? OVERVIEW.chip.never : OVERVIEW.chip.seen(momentWords(at, now))
}
