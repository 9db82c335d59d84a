/** A short text beside what the pointer or the focus is on. Never the only place of a fact. */
import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import css from './kit.module.css'

/** Shows `text` for its child. */
export function Tip({ text, children }: { readonly text: string; readonly children: ReactElement<Record<string, unknown>> }): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={css['positioner'] ?? ''}>
          <Tooltip.Popup className={css['tooltip'] ?? ''}>{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
