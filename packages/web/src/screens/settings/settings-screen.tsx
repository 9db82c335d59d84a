/** Settings: each part has its own address. */
import { Activity, HardDrive, Palette, ScrollText, SlidersHorizontal, Trash2 } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { ReactNode } from 'react'
import { PLACES, SETTINGS_PARTS } from '../../app/places.ts'
import { PageHead, Skeleton } from '../../kit/layout.tsx'
import { TabLinks } from '../../kit/tabs.tsx'
import { SETTINGS } from '../../words/settings.ts'
import { GeneralPart } from './general-part.tsx'
import { HealthPart } from './health-part.tsx'
import { LogPart } from './log-part.tsx'
import { LookPart } from './look-part.tsx'
import css from './settings.module.css'
import { TrashPart } from './trash-part.tsx'

type Part = (typeof SETTINGS_PARTS)[number]

const SpacePart = lazy(async () => ({ default: (await import('./space-part.tsx')).SpacePart }))

const PARTS: Readonly<Record<Part, { readonly icon: ReactNode; readonly part: () => ReactNode }>> = {
  general: { icon: <SlidersHorizontal size={16} aria-hidden />, part: GeneralPart },
  space: { icon: <HardDrive size={16} aria-hidden />, part: () => <SpacePart /> },
  trash: { icon: <Trash2 size={16} aria-hidden />, part: TrashPart },
  health: { icon: <Activity size={16} aria-hidden />, part: HealthPart },
  log: { icon: <ScrollText size={16} aria-hidden />, part: LogPart },
  look: { icon: <Palette size={16} aria-hidden />, part: LookPart },
}

/** The screen; a part that is none shows the first. */
export function SettingsScreen({ part }: { readonly part: string }): ReactNode {
  const open = SETTINGS_PARTS.find((one) => one === part) ?? 'general'
  const { part: Content } = PARTS[open]
  return (
    <>
      <PageHead title={SETTINGS.title} />
      <TabLinks
        label={SETTINGS.parts}
        tabs={SETTINGS_PARTS.map((one) => ({
          to: one === 'general' ? PLACES.settings : `${PLACES.settings}/${one}`,
          label: SETTINGS.tabs[one],
          icon: PARTS[one].icon,
          exact: one === 'general',
        }))}
      />
      <div className={css['parts']}>
        <Suspense fallback={<Skeleton height="16rem" />}>
          <Content />
        </Suspense>
      </div>
    </>
  )
}
