/** What the board that is open takes from elsewhere in the page: the search puts things on it. */
import type { NewCard } from '@hyper-store/client'

/** The board that is open. */
export interface OpenPlace {
  readonly folder: string
  readonly board: string
  /** Puts a card in the middle of what is seen. */
  readonly put: (card: NewCard) => void
}

let open: OpenPlace | null = null

/** Says which board is open; null: none any more. */
export function setOpenPlace(place: OpenPlace | null): void {
  open = place
}
/** The board that is open and may be written; null for none. */
export function openPlace(): OpenPlace | null {
  return open
}
