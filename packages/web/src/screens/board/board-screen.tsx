/** One board: opened, shown, or said to be not here. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Empty, Skeleton } from '../../kit/layout.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { Desk } from './desk.tsx'
import { BoardContext, useBoard, useConnection, useOpening } from './open-board.ts'

/** The screen of a board; `mayWrite`: this person may change it; `card`: the one to show first, '' for none. */
export function BoardScreen(props: {
  readonly folder: string
  readonly board: string
  readonly mayWrite: boolean
  readonly card: string
}): ReactNode {
  const { info } = useSnapshot()
  const open = useOpening(props.folder, props.board, { mayWrite: props.mayWrite, author: info?.name ?? '' })
  if (open === null) return <Skeleton height="24rem" />
  return (
    <BoardContext value={open}>
      <Opened card={props.card} />
    </BoardContext>
  )
}

function Opened({ card }: { readonly card: string }): ReactNode {
  const { connection, folder } = useBoard()
  const { isLoaded, isGone } = useConnection(connection)
  if (isLoaded) return <Desk card={card} />
  if (!isGone) return <Skeleton height="24rem" />
  return (
    <Empty title={BOARD.notFound} actions={<Link href={folderPlace(folder, { part: 'boards' })}>{BOARD.toList}</Link>}>
      {BOARD.notFoundText}
    </Empty>
  )
}
