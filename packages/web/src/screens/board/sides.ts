/** Where a connector leaves a card and where it arrives: the sides that face each other. */

/** A side of a card. */
export type Side = 'top' | 'right' | 'bottom' | 'left'
/** Place and size of a card. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The side of `from` where the connector begins, and the side of `to` where it ends. */
export function sidesBetween(from: Box, to: Box): readonly [Side, Side] {
  const right = to.x - (from.x + from.width)
  const left = from.x - (to.x + to.width)
  const below = to.y - (from.y + from.height)
  const above = from.y - (to.y + to.height)
  const widest = Math.max(right, left, below, above)
  if (widest === right) return ['right', 'left']
  if (widest === left) return ['left', 'right']
  return widest === below ? ['bottom', 'top'] : ['top', 'bottom']
}
