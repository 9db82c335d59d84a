/** A menu that opens at a place of its own: at the pointer, or at a button of a long list that has one menu for all of its rows. */
import { Menu as BaseMenu } from '@base-ui/react/menu'
import type { ReactNode } from 'react'
import { MenuLines } from './menu.tsx'
import type { MenuEntry } from './menu.tsx'
import css from './kit.module.css'

/** Where it opens: an element, or a point of the window. */
export type MenuPlace = Element | { readonly x: number; readonly y: number }

/** The menu, open while `at` is a place; `label` is read out. */
export function MenuAt({
  at,
  label,
  entries,
  onClose,
}: {
  readonly at: MenuPlace | null
  readonly label: string
  readonly entries: readonly MenuEntry[]
  readonly onClose: () => void
}): ReactNode {
  return (
    <BaseMenu.Root open={at !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          anchor={at === null || at instanceof Element ? at : { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) }}
          sideOffset={4}
          align={at instanceof Element ? 'end' : 'start'}
          className={css['positioner'] ?? ''}
        >
          <BaseMenu.Popup className={css['popup'] ?? ''} aria-label={label}>
            <MenuLines entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}
