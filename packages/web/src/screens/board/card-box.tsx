/** The box of a card on the surface: its face, with what it is chosen, resized, commented on and joined by. */
import { Handle, NodeResizer, Position, type NodeProps } from '@xyflow/react'
import { SIZES } from '@hyper-store/client/board'
import { MessageSquare } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import type { CardNode } from './card-nodes.ts'
import { Face, GreyFace, nameOf } from './cards.tsx'
import { useBoard, useCard, useCardState } from './open-board.ts'
import css from './board.module.css'

const SIDES = [Position.Top, Position.Right, Position.Bottom, Position.Left] as const

/** One card on the surface. */
export function CardBox({ id, data, selected }: NodeProps<CardNode>): ReactNode {
  const card = useCard(id)
  const state = useCardState(id)
  const { mayWrite } = useBoard()
  /** Lines are drawn from a card that is pointed at or chosen alone; things to draw from on all cards would be asked with every frame. */
  const [isPointed, setPointed] = useState(false)
  if (card === undefined) return null
  const isGrey = 'reason' in card
  // Of many, or far away, what they are resized by would cover them.
  const mayResize = mayWrite && data.isAlone && !data.isFar && !isGrey && card.locked !== true
  const least = isGrey ? SIZES.text.least : SIZES[card.type].least
  return (
    <div
      className={css['card']}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      data-type={isGrey ? 'grey' : card.type}
      data-colour={isGrey ? undefined : card.colour}
      data-selected={selected ? '' : undefined}
      data-hue={data.by?.hue}
      data-locked={!isGrey && card.locked === true ? '' : undefined}
    >
      {mayResize && (
        <NodeResizer
          minWidth={least[0]}
          minHeight={least[1]}
          handleClassName={css['resize'] ?? ''}
          lineClassName={css['resizeLine'] ?? ''}
        />
      )}
      {isGrey ? (
        <GreyFace reason={card.reason} />
      ) : data.isFar && !data.isEditing ? (
        <div className={css['far']}>{nameOf(card)}</div>
      ) : (
        <Face card={card} isEditing={data.isEditing} onDone={data.onDone} />
      )}
      {!isGrey && card.type !== 'thread' && (card.comments ?? []).length > 0 && (
        <button
          type="button"
          className={`${css['badge'] ?? ''} nodrag`}
          aria-label={BOARD.commentCount(card.comments?.length ?? 0)}
          onClick={() => data.onComments(id)}
        >
          <MessageSquare size={13} aria-hidden />
          {card.comments?.length}
        </button>
      )}
      {state !== null && (
        <span
          className={css['way']}
          data-at={state.at}
          role="img"
          aria-label={state.at === 'tab' ? BOARD.inTab : BOARD.onTheWay(state.to.map((name) => visibleName(name)))}
          title={state.at === 'tab' ? BOARD.inTab : BOARD.onTheWay(state.to.map((name) => visibleName(name)))}
        />
      )}
      {data.by !== null && <span className={css['tag']}>{visibleName(data.by.name)}</span>}
      {mayWrite && (isPointed || data.isAlone || data.isConnecting)
        ? SIDES.map((side) => <Handle key={side} id={side} type="source" position={side} className={css['handle'] ?? ''} aria-hidden />)
        : SIDES.map((side) => <span key={side} className={`${css['end'] ?? ''} source`} data-handleid={side} data-handlepos={side} />)}
    </div>
  )
}
