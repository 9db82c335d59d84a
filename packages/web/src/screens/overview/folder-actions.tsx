/** What can be done with a folder: the usual things as buttons, the rest in a menu. */
import type { Item } from '@hyper-store/client'
import { CircleStop, Ellipsis, FolderOpen, HardDrive, History, Pause, Play, ScanSearch, Settings, UserPlus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, ButtonLink, IconButton } from '../../kit/button.tsx'
import { Menu } from '../../kit/menu.tsx'
import type { MenuEntry } from '../../kit/menu.tsx'
import { visibleName } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'
import css from './folder-card.module.css'
import { useFolderDeeds } from './folder-deeds.ts'
import { placeOf } from './item-place.ts'
import { useRights } from './rights.ts'

/** The row at the foot of a card. `boxes`: names of the boxes that are paired. */
export function FolderActions({ item, boxes }: { readonly item: Item; readonly boxes: readonly string[] }): ReactNode {
  const deeds = useFolderDeeds(item)
  const { steer, decide } = useRights()
  const [, navigate] = useLocation()
  const isPaused = item.state === 'paused'
  const isFolder = item.kind === 'folder'
  const title = visibleName(item.title)
  const missing = boxes.filter((box) => !item.devices.some(({ role, name }) => role === 'provider' && name === box))
  const entries: MenuEntry[] = [
    ...(isPaused
      ? [{ label: OVERVIEW.resume, icon: <Play size={16} />, onSelect: () => deeds.resume() }]
      : [{ label: OVERVIEW.pause, icon: <Pause size={16} />, onSelect: deeds.pause }]),
    { label: OVERVIEW.check, icon: <ScanSearch size={16} />, disabled: isPaused || !isFolder, onSelect: deeds.check },
    ...(decide && item.mode !== 'keep' && item.mode !== 'keep-blind'
      ? missing.map((box) => ({
          label: OVERVIEW.keepOn(visibleName(box)),
          icon: <HardDrive size={16} />,
          onSelect: () => deeds.keepOn(box),
        }))
      : []),
    null,
    ...(isFolder
      ? [
          { label: OVERVIEW.history, icon: <History size={16} />, onSelect: () => navigate(folderPlace(item.key, { part: 'history' })) },
          { label: OVERVIEW.settings, icon: <Settings size={16} />, onSelect: () => navigate(folderPlace(item.key, { part: 'settings' })) },
          null,
        ]
      : []),
    { label: OVERVIEW.stop, icon: <CircleStop size={16} />, danger: true, onSelect: deeds.stop },
  ]
  return (
    <div className={css['actions']}>
      <Link href={placeOf(item)} asChild>
        <ButtonLink small aria-label={`${OVERVIEW.open} ${title}`}>
          <FolderOpen size={16} aria-hidden />
          {OVERVIEW.open}
        </ButtonLink>
      </Link>
      {isFolder && decide && (item.role === 'owner' || item.role === 'admin') && (
        <Button small tone="quiet" onClick={deeds.share} aria-label={`${OVERVIEW.share} ${title}`}>
          <UserPlus size={16} aria-hidden />
          {OVERVIEW.share}
        </Button>
      )}
      {steer && isPaused && (
        <Button small tone="quiet" onClick={() => deeds.resume()} disabled={deeds.busy} aria-label={`${OVERVIEW.resume} ${title}`}>
          <Play size={16} aria-hidden />
          {OVERVIEW.resume}
        </Button>
      )}
      {steer && !isPaused && (
        <Button small tone="quiet" onClick={deeds.pause} disabled={deeds.busy} aria-label={`${OVERVIEW.pause} ${title}`}>
          <Pause size={16} aria-hidden />
          {OVERVIEW.pause}
        </Button>
      )}
      {steer && (
        <span className={css['menu']}>
          <Menu
            trigger={
              <IconButton small label={OVERVIEW.menu(title)}>
                <Ellipsis size={18} aria-hidden />
              </IconButton>
            }
            entries={entries}
          />
        </span>
      )}
    </div>
  )
}
