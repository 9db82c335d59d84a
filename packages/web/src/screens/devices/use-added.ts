/** What follows when a folder was added. */
import type { Item } from '@hyper-store/client'
import { useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { tellDone } from '../../kit/toasts.tsx'
import { useStore } from '../../live/use-store.tsx'
import { ADD_FOLDER } from '../../words/devices.ts'
import { visibleName } from '../../words/format.ts'

/** Shows the folder that was added. */
export function useAdded(onClose: () => void): (item: Item) => void {
  const store = useStore()
  const [, navigate] = useLocation()
  return (item) => {
    store.put(item)
    tellDone(ADD_FOLDER.added(visibleName(item.title)))
    onClose()
    navigate(folderPlace(item.key))
  }
}
