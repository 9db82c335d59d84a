/** A menu behind a button. */
import { Menu as BaseMenu } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import css from './kit.module.css'

/** One line of a menu; null draws a line between groups. */
export type MenuEntry = {
  readonly label: string
  readonly icon?: ReactNode
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly onSelect: () => void
} | null

/** A menu; `trigger` is the button that opens it. */
export function Menu({
  trigger,
  entries,
}: {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly entries: readonly MenuEntry[]
}): ReactNode {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={4} align="end" className={css['positioner'] ?? ''}>
          <BaseMenu.Popup className={css['popup'] ?? ''}>
            <MenuLines entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

/** The lines of any menu. */
export function MenuLines({ entries }: { readonly entries: readonly MenuEntry[] }): ReactNode {
  return entries.map((entry, index) =>
    entry === null ? (
      <BaseMenu.Separator key={index} className={css['separator'] ?? ''} />
    ) : (
      <BaseMenu.Item
        key={entry.label}
        disabled={entry.disabled ?? false}
        className={`${css['option']} ${entry.danger === true ? css['optionDanger'] : ''}`}
        onClick={entry.onSelect}
      >
        {entry.icon}
        {entry.label}
      </BaseMenu.Item>
    ),
  )
}
