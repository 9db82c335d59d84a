/** The third step: a box that is always on, which keeps a copy. */
import type { Item } from '@hyper-store/client'
import { Server } from 'lucide-react'
import { useId, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed, useSnapshot, useStore } from '../../live/use-store.tsx'
import { PAIR_BOX } from '../../words/devices.ts'
import { FIRST_RUN } from '../../words/first-run.ts'
import { visibleName } from '../../words/format.ts'
import { PairBoxForm } from '../devices/pair-box.tsx'
import { boxSays } from '../devices/box-facts.ts'
import { useBoxes } from '../devices/use-boxes.ts'
import css from './first-run.module.css'
import { StepHead } from './step-head.tsx'

/** The step; `onDone` is told the name of the box, or null when there is none. `folder`: what it shall keep; null: all that is kept on disk. */
export function BoxStep({ folder, onDone }: { readonly folder: string | null; readonly onDone: (box: string | null) => void }): ReactNode {
  const id = useId()
  const store = useStore()
  const { items } = useSnapshot()
  const { boxes } = useBoxes()
  const [isBusy, setBusy] = useState(false)
  const wanted = (items ?? []).filter((item) => (folder === null ? item.kind === 'folder' && item.path !== null : item.key === folder))
  const keep = useDeed({ link: 'boxes', quiet: true }, async (client, box: string) => {
    for (const item of wanted) store.put(await boxSays<Item>(box, client.addFolder({ path: item.path ?? '', provider: box })))
  })
  const use = (box: string): void => keep.mutate(box, { onSuccess: () => onDone(box) })
  const known = (boxes ?? []).filter(({ role }) => role !== 'reader')
  const [wantsAnother, setAnother] = useState(false)
  const hasForm = boxes !== null && (known.length === 0 || wantsAnother)
  return (
    <div className={css['step']}>
      <StepHead icon={<Server size={34} strokeWidth={1.6} />} title={FIRST_RUN.boxTitle}>
        {FIRST_RUN.boxText}
      </StepHead>
      {known.length > 0 && (
        <ul className={css['offers']}>
          {known.map((box) => (
            <li key={box.name} className={css['paired']}>
              <div>
                <strong dir="auto">{FIRST_RUN.paired(visibleName(box.name))}</strong>
                {!box.reachable && <p className={css['quiet']}>{FIRST_RUN.away}</p>}
              </div>
              <Button tone="main" disabled={keep.isPending || !box.reachable} onClick={() => use(box.name)}>
                {FIRST_RUN.useBox(visibleName(box.name))}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {hasForm && (
        <div className={css['panel']}>
          <PairBoxForm id={id} onBusy={setBusy} onDone={({ name }) => use(name)} />
        </div>
      )}
      {keep.error !== null && <Notice tone="bad">{problemWords(keep.error)}</Notice>}
      <p className={css['quiet']} id={`${id}-none`}>
        {FIRST_RUN.noneText}
      </p>
      <div className={css['go']}>
        <Button onClick={() => onDone(null)} aria-describedby={`${id}-none`}>
          {known.length === 0 ? FIRST_RUN.none : FIRST_RUN.noneNow}
        </Button>
        {known.length > 0 && !wantsAnother && <Button onClick={() => setAnother(true)}>{FIRST_RUN.another}</Button>}
        {hasForm && (
          <Button type="submit" tone="main" form={id} disabled={isBusy || keep.isPending}>
            {isBusy || keep.isPending ? PAIR_BOX.going : PAIR_BOX.go}
          </Button>
        )}
      </div>
    </div>
  )
}
