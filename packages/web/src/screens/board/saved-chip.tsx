/** Says truly where the edits of a board are. */
import type { ReactNode } from 'react'
import { Chip } from '../../kit/chip.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import { useBoard, useConnection } from './open-board.ts'
import css from './board.module.css'

/** The chip, with a line for each device that lacks something. */
export function SavedChip(): ReactNode {
  const { connection } = useBoard()
  const { info } = useSnapshot()
  const { isConnected, unsaved, saved, refused } = useConnection(connection)
  const own = visibleName(info?.name ?? '')
  const holders = saved?.holders ?? []
  const behind = holders.filter((holder) => holder.behind > 0)
  const whole = holders.filter((holder) => holder.behind === 0).map(({ name }) => visibleName(name))
  if (refused !== null)
    return (
      <output className={css['saved']}>
        <Chip tone="bad">{BOARD.refused(refused)}</Chip>
      </output>
    )
  if (!isConnected)
    return (
      <output className={css['saved']}>
        <Chip tone="slow">{unsaved > 0 ? BOARD.waits(unsaved) : BOARD.away}</Chip>
      </output>
    )
  if (unsaved > 0)
    return (
      <output className={css['saved']}>
        <Chip tone="busy">{BOARD.saving}</Chip>
      </output>
    )
  return (
    <output className={css['saved']}>
      <Chip tone="good">{whole.length === 0 ? BOARD.savedHere(own) : BOARD.savedOn([own, ...whole])}</Chip>
      {behind.map(({ device, name, behind: edits }) => (
        <Chip key={device} tone="slow">
          {BOARD.behind(visibleName(name), edits)}
        </Chip>
      ))}
      {(saved?.quarantined ?? []).map(({ device, name, reason }) => (
        <Chip key={device} tone="bad">
          {BOARD.quarantined(visibleName(name), reason)}
        </Chip>
      ))}
    </output>
  )
}
