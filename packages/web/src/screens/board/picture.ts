/** A picture of all of a board, as it is drawn. */
import { toBlob } from 'html-to-image'

/** Longest side, in points. */
const MOST_SIDE = 6000
const AROUND = 40

/** A box on the board. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The PNG of what lies in the box; `viewport`: the element in which the cards are. Null when it can't be drawn. */
export async function pictureOf(viewport: HTMLElement, box: Box, ground: string): Promise<Blob | null> {
  const [width, height] = [box.width + 2 * AROUND, box.height + 2 * AROUND]
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height))
  return await toBlob(viewport, {
    backgroundColor: ground,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
    pixelRatio: 1,
    preferredFontFormat: 'woff2',
    style: { transform: `scale(${scale}) translate(${AROUND - box.x}px, ${AROUND - box.y}px)`, transformOrigin: '0 0' },
  })
}
