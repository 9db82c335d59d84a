/** Cards as xyflow is given them: one that did not change is the same object, and is not drawn or measured anew when others move. */
import { Position, type Node, type NodeHandle } from '@xyflow/react'
import type { Other } from './open-board.ts'

/** Pixels of the round thing that lines are drawn from. */
const HANDLE = 12

/** A card of the surface. */
export type CardNode = Node<
  {
    readonly isEditing: boolean
    readonly onDone: () => void
    readonly onComments: (card: string) => void
    readonly isFar: boolean
    /** Chosen, and no other is. */
    readonly isAlone: boolean
    /** A line is being drawn on the board. */
    readonly isConnecting: boolean
    readonly by: Other | null
  },
  'card'
>

/** Nodes as they were given last: one that did not change is the same object, and is not drawn anew when others move. */
export class LatestNodes {
  readonly #nodes = new Map<string, CardNode>()

  keep(node: CardNode): CardNode {
    const before = this.#nodes.get(node.id)
    if (before !== undefined && isSame(before, node)) return before
    const kept = before === undefined ? node : again(node, before)
    this.#nodes.set(node.id, kept)
    return kept
  }
}

/** A card that was there before: xyflow has measured it, and need not do that with every step of a drag. */
function again(node: CardNode, before: CardNode): CardNode {
  const { width = 0, height = 0 } = node
  const data = isSameData(before.data, node.data) ? before.data : node.data
  return { ...node, data, measured: { width, height }, handles: handlesOf(width, height) }
}

function isSame(a: CardNode, b: CardNode): boolean {
  return (
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.zIndex === b.zIndex &&
    a.selected === b.selected &&
    a.draggable === b.draggable &&
    a.ariaLabel === b.ariaLabel &&
    isSameData(a.data, b.data)
  )
}
function isSameData(a: CardNode['data'], b: CardNode['data']): boolean {
  return (
    a.isEditing === b.isEditing &&
    a.onDone === b.onDone &&
    a.onComments === b.onComments &&
    a.isFar === b.isFar &&
    a.isAlone === b.isAlone &&
    a.isConnecting === b.isConnecting &&
    a.by?.client === b.by?.client &&
    a.by?.name === b.by?.name &&
    a.by?.hue === b.by?.hue
  )
}

/** Where lines leave and reach a card of that size, on the middle of each side. */
function handlesOf(width: number, height: number): NodeHandle[] {
  const at = (position: Position, x: number, y: number): NodeHandle => ({
    id: position,
    type: 'source',
    position,
    x: x - HANDLE / 2,
    y: y - HANDLE / 2,
    width: HANDLE,
    height: HANDLE,
  })
  return [
    at(Position.Top, width / 2, 0),
    at(Position.Right, width, height / 2),
    at(Position.Bottom, width / 2, height),
    at(Position.Left, 0, height / 2),
  ]
}
