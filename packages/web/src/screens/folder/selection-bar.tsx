/** What can be done with what is chosen; stands above the files while something is. */
import { Download, FolderInput, History, Info, Pencil, Share2, Trash2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import type { MenuEntry } from '../../kit/menu.tsx'
import { FOLDER } from '../../words/folder.ts'
import css from './files.module.css'

/** What can be done with entries; null where it can't. */
export interface EntryDeeds {
  readonly open: (() => void) | null
  readonly download: (() => void) | null
  readonly bringBack: (() => void) | null
  readonly share: (() => void) | null
  readonly details: (() => void) | null
  readonly rename: (() => void) | null
  readonly move: (() => void) | null
  readonly remove: (() => void) | null
}

const DEEDS = [
  ['download', FOLDER.download, Download],
  ['bringBack', FOLDER.bringBack, History],
  ['share', FOLDER.share, Share2],
  ['details', FOLDER.details, Info],
  ['rename', FOLDER.rename, Pencil],
  ['move', FOLDER.move, FolderInput],
  ['remove', FOLDER.delete, Trash2],
] as const

/** The same as lines of a menu. */
export function menuOf(deeds: EntryDeeds): MenuEntry[] {
  const open: MenuEntry[] = deeds.open === null ? [] : [{ label: FOLDER.open, onSelect: deeds.open }, null]
  const rest = DEEDS.flatMap(([name, label, Icon]): MenuEntry[] => {
    const deed = deeds[name]
    return deed === null ? [] : [{ label, icon: <Icon size={16} />, danger: name === 'remove', onSelect: deed }]
  })
  return [...open, ...rest]
}

/** The bar. */
export function SelectionBar({
  count,
  deeds,
  onNone,
}: {
  readonly count: number
  readonly deeds: EntryDeeds
  readonly onNone: () => void
}): ReactNode {
  return (
    <div className={css['chosen']} role="toolbar" aria-label={FOLDER.actions}>
      <IconButton small label={FOLDER.chooseNone} onClick={onNone}>
        <X size={17} aria-hidden />
      </IconButton>
      <strong role="status">{FOLDER.chosen(count)}</strong>
      <div className={css['chosenDeeds']}>
        {DEEDS.map(([name, label, Icon]) => {
          const deed = deeds[name]
          return (
            deed !== null && (
              <Button key={name} small tone={name === 'remove' ? 'danger' : 'plain'} onClick={deed} aria-label={label}>
                <Icon size={16} aria-hidden />
                <span>{label}</span>
              </Button>
            )
          )
        })}
      </div>
    </div>
  )
}
