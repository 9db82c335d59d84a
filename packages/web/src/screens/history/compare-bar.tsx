/** What was chosen to be compared, and the button that does it. */
import { ArrowLeftRight, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { HISTORY } from '../../words/history.ts'
import css from './versions.module.css'

/** The bar; nothing while nothing is chosen. */
export function CompareBar({
  chosen,
  onNone,
  onCompare,
}: {
  readonly chosen: readonly number[]
  readonly onNone: () => void
  readonly onCompare: () => void
}): ReactNode {
  const [from = 0, to = null] = chosen.toSorted((a, b) => a - b)
  return (
    <div className={css['barPlace']} role="status">
      {chosen.length > 0 && (
        <div className={css['compareBar']}>
          <p>{to === null ? HISTORY.chosenOne(from) : HISTORY.chosenTwo(from, to)}</p>
          <Button small tone="main" onClick={onCompare}>
            <ArrowLeftRight size={15} aria-hidden />
            {to === null ? HISTORY.compareNow : HISTORY.compare}
          </Button>
          <IconButton small label={HISTORY.choseNone} onClick={onNone}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  )
}
