/** Where a kept thing is shown. */
import type { Item } from '@hyper-store/client'
import { folderPlace, tablePlace } from '../../app/places.ts'

/** Address of what is kept. */
export function placeOf(item: Item): string {
  return item.kind === 'table' ? tablePlace(item.key) : folderPlace(item.key)
}
