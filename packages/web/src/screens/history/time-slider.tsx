/** Moves a folder's files back in time; a small button while nobody wants to. */
import { History } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { useItem } from '../../live/use-store.tsx'
import { HISTORY } from '../../words/history.ts'
import { TimePanel } from './time-panel.tsx'
import css from './time.module.css'

/** The slider above the files of a folder. */
export function TimeSlider({ folder, place }: { readonly folder: string; readonly place: FolderPlace }): ReactNode {
  const item = useItem(folder)
  const [isWanted, setWanted] = useState(false)
  const isPast = place.version !== null
  // Who came back from the past stays at the slider until it is shut.
  useEffect(() => {
    if (isPast) setWanted(true)
  }, [isPast])
  if (item === undefined) return null
  if (isPast || isWanted) return <TimePanel item={item} place={place} takesFocus={!isPast} onShut={() => setWanted(false)} />
  return (
    <div className={css['closed']}>
      <Button small tone="quiet" onClick={() => setWanted(true)}>
        <History size={15} aria-hidden />
        {HISTORY.open}
      </Button>
    </div>
  )
}
