/** A list to search and choose from, on top of everything: places, commands, things to pick. The keys are those of a combobox. */
import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { useRef, type KeyboardEvent, type ReactNode } from 'react'
import css from './palette.module.css'

/** A line. */
export interface PaletteItem {
  /** Tells it from all others. */
  readonly id: string
  readonly label: string
  /** What stands small behind it. */
  readonly hint?: string
  readonly icon?: ReactNode
}
/** Lines under a title. */
export interface PaletteGroup<Item extends PaletteItem> {
  readonly title: string
  readonly items: readonly Item[]
}
/** How a line was chosen: `place` by Shift and Enter, `archive` by Ctrl or Cmd and Backspace. */
export type PaletteKey = 'enter' | 'place' | 'archive'

/** The list; `onText` given: the lines are searched by the caller, else by their labels. */
export function Palette<Item extends PaletteItem>({
  title,
  empty,
  keys,
  groups,
  text,
  onText,
  onPick,
  onClose,
}: {
  readonly title: string
  /** What is shown when nothing fits. */
  readonly empty: string
  /** What keys do, for people. */
  readonly keys?: string
  readonly groups: readonly PaletteGroup<Item>[]
  readonly text?: string
  readonly onText?: (text: string) => void
  readonly onPick: (item: Item, key: PaletteKey) => void
  readonly onClose: () => void
}): ReactNode {
  const highlighted = useRef<Item | undefined>(undefined)
  const items = groups.filter((group) => group.items.length > 0).map((group) => ({ value: group.title, items: group.items }))
  const onKeyDown = (event: KeyboardEvent & { preventBaseUIHandler?: () => void }): void => {
    const item = highlighted.current
    const mod = event.ctrlKey || event.metaKey
    const key = event.key === 'Enter' && event.shiftKey ? 'place' : event.key === 'Backspace' && mod ? 'archive' : null
    if (item === undefined || key === null) return
    event.preventDefault()
    event.preventBaseUIHandler?.()
    onPick(item, key)
  }
  return (
    <BaseDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={css['veil'] ?? ''} />
        <BaseDialog.Popup className={css['palette'] ?? ''} aria-label={title}>
          <Autocomplete.Root
            open
            inline
            items={items}
            autoHighlight="always"
            keepHighlight
            itemToStringValue={(item: Item) => item.label}
            onItemHighlighted={(item: Item | undefined) => {
              highlighted.current = item
            }}
            {...(onText === undefined ? {} : { value: text ?? '', onValueChange: onText, filter: null })}
          >
            <div className={css['line']}>
              <Search size={18} aria-hidden />
              <Autocomplete.Input className={css['input'] ?? ''} aria-label={title} placeholder={title} onKeyDown={onKeyDown} />
            </div>
            <div className={css['lines']}>
              <Autocomplete.Empty className={css['empty'] ?? ''}>{empty}</Autocomplete.Empty>
              <Autocomplete.List>
                {(group: { value: string; items: readonly Item[] }) => (
                  <Autocomplete.Group key={group.value} items={group.items}>
                    <Autocomplete.GroupLabel className={css['title'] ?? ''}>{group.value}</Autocomplete.GroupLabel>
                    <Autocomplete.Collection>
                      {(item: Item) => (
                        <Autocomplete.Item
                          key={item.id}
                          value={item}
                          className={css['item'] ?? ''}
                          onClick={(event) => onPick(item, event.shiftKey ? 'place' : 'enter')}
                        >
                          {item.icon}
                          <span dir="auto">{item.label}</span>
                          {item.hint !== undefined && <small dir="auto">{item.hint}</small>}
                        </Autocomplete.Item>
                      )}
                    </Autocomplete.Collection>
                  </Autocomplete.Group>
                )}
              </Autocomplete.List>
            </div>
            {keys !== undefined && <p className={css['keys']}>{keys}</p>}
          </Autocomplete.Root>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}
