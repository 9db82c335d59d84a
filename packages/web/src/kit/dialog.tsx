/** Dialogs: a question on top of the screen, on a phone a sheet from below. Esc and the cross close them; focus goes back. */
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { KIT } from '../words/kit.ts'
import { Button, IconButton } from './button.tsx'
import css from './kit.module.css'

/** A dialog that is open while `open`. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  foot,
  wide = false,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  /** Buttons below. */
  readonly foot?: ReactNode
  readonly wide?: boolean
}): ReactNode {
  return (
    <BaseDialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={css['backdrop'] ?? ''} />
        <BaseDialog.Popup className={`${css['dialog']} ${wide ? css['wide'] : ''}`}>
          <div className={css['dialogHead']}>
            <BaseDialog.Title>{title}</BaseDialog.Title>
            <BaseDialog.Close render={<IconButton label={KIT.close} />}>
              <X size={18} aria-hidden />
            </BaseDialog.Close>
          </div>
          <div className={css['dialogBody']}>{children}</div>
          {foot !== undefined && <div className={css['dialogFoot']}>{foot}</div>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

/** A question with yes and no. */
export interface Question {
  readonly title: string
  readonly text: ReactNode
  /** Word of the button that does it. */
  readonly yes: string
  readonly danger?: boolean
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void
}

let asked: Asked | null = null
const listeners = new Set<() => void>()

/** Asks on top of everything; resolves with the answer, false when closed. */
export function confirm(question: Question): Promise<boolean> {
  asked?.answer(false)
  return new Promise((resolve) => {
    asked = { ...question, answer: resolve }
    for (const listener of listeners) listener()
  })
}

function answer(yes: boolean): void {
  asked?.answer(yes)
  asked = null
  for (const listener of listeners) listener()
}

/** Where the questions of `confirm` appear; once in the page. */
export function Confirmations(): ReactNode {
  const question = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => asked,
  )
  return (
    <AlertDialog.Root open={question !== null} onOpenChange={(isOpen) => !isOpen && answer(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={css['backdrop'] ?? ''} />
        <AlertDialog.Popup className={css['dialog'] ?? ''}>
          <div className={css['dialogHead']}>
            <AlertDialog.Title>{question?.title}</AlertDialog.Title>
          </div>
          <div className={css['dialogBody']}>
            <AlertDialog.Description render={<div />}>{question?.text}</AlertDialog.Description>
          </div>
          <div className={css['dialogFoot']}>
            <Button onClick={() => answer(false)}>{KIT.cancel}</Button>
            <Button tone={question?.danger === true ? 'danger' : 'main'} onClick={() => answer(true)}>
              {question?.yes}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
