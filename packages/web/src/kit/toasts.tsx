/** Short words that come and go: what was done, with an undo; what went wrong. */
import { Toast } from '@base-ui/react/toast'
import { AppError } from '@hyper-store/client'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { KIT } from '../words/kit.ts'
import { Button, IconButton } from './button.tsx'
import css from './kit.module.css'

const toasts = Toast.createToastManager()
const DONE_MS = 6000
const UNDO_MS = 12_000
const PROBLEM_MS = 15_000

/** Says that something was done; with `undo` it can be taken back for a while. */
export function tellDone(title: string, undo?: () => void): void {
  const id = toasts.add({
    title,
    timeout: undo === undefined ? DONE_MS : UNDO_MS,
    ...(undo === undefined
      ? {}
      : {
          actionProps: {
            children: KIT.undo,
            onClick: () => {
              toasts.close(id)
              undo()
            },
          },
        }),
  })
}

/** Says what went wrong, in the sentence of the error table. What was called off is no news. */
export function tellProblem(error: unknown): void {
  if (error instanceof AppError && error.code === 'CANCELLED') return
  toasts.add({ title: problemWords(error), type: 'problem', priority: 'high', timeout: PROBLEM_MS })
}

/** The sentence of an error. */
export function problemWords(error: unknown): string {
  return error instanceof AppError ? error.message : KIT.defect
}

/** Where toasts appear; once in the page. */
export function Toasts(): ReactNode {
  return (
    <Toast.Provider toastManager={toasts}>
      <Toast.Portal>
        <Toast.Viewport className={css['toasts'] ?? ''}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList(): ReactNode {
  const { toasts: all } = Toast.useToastManager()
  return all.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} data-toast className={css['toast'] ?? ''}>
      <Toast.Content className={css['toastText'] ?? ''}>
        <Toast.Title render={<div />} />
      </Toast.Content>
      {toast.actionProps !== undefined && <Toast.Action render={<Button small tone="plain" />} />}
      {/* The cross is always seen: whoever hears the page gets it too. */}
      <Toast.Close aria-hidden={false} render={<IconButton small label={KIT.close} />}>
        <X size={16} aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ))
}
