/** The boxes of a store: paired, seen, told what to keep, opened and forgotten. */
import type { Item, Provider } from '@hyper-store/client'
import { HardDrive, Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Card, Empty, Skeleton } from '../../kit/layout.tsx'
import { queries, useStore } from '../../live/use-store.tsx'
import { BOXES } from '../../words/devices.ts'
import { BoxCard } from './box-card.tsx'
import css from './devices.module.css'
import { KeepingDialog } from './keeping-dialog.tsx'
import { PairBoxDialog } from './pair-box.tsx'
import { OF_BOXES, useBoxes } from './use-boxes.ts'

/** All boxes. */
export function Boxes({ items }: { readonly items: readonly Item[] }): ReactNode {
  const { boxes } = useBoxes()
  const { target } = useStore()
  // What boxes said is old when one comes back to this screen.
  useEffect(() => () => void queries.invalidateQueries({ queryKey: [target, OF_BOXES], refetchType: 'none' }), [target])
  const [isPairing, setPairing] = useState(false)
  const [chosen, setChosen] = useState<Provider | null>(null)
  const pair = (
    <Button tone={boxes?.length === 0 ? 'main' : 'plain'} onClick={() => setPairing(true)}>
      <Plus size={17} aria-hidden />
      {BOXES.pair}
    </Button>
  )
  return (
    <section className={css['section']} aria-labelledby="boxes">
      <div className={css['sectionHead']}>
        <h2 id="boxes">{BOXES.title}</h2>
        {boxes !== null && boxes.length > 0 && pair}
      </div>
      {boxes === null ? (
        <Skeleton height="9rem" />
      ) : boxes.length === 0 ? (
        <Card>
          <Empty icon={<HardDrive size={26} />} title={BOXES.none} actions={pair}>
            {BOXES.noneText}
          </Empty>
        </Card>
      ) : (
        <ul className={css['boxes']} aria-labelledby="boxes">
          {boxes.map((box) => (
            <BoxCard key={box.name} box={box} items={items} onChoose={() => setChosen(box)} />
          ))}
        </ul>
      )}
      <PairBoxDialog open={isPairing} onClose={() => setPairing(false)} />
      {chosen !== null && (
        <KeepingDialog box={boxes?.find(({ name }) => name === chosen.name) ?? chosen} items={items} onClose={() => setChosen(null)} />
      )}
    </section>
  )
}
