/** What replication hears of peers, given to the rooms of the store that it is for. */
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { ReplicationEvents } from '../hyper/replication/replication.ts'
import type { Boards } from './boards.ts'
import type { ItemEvents } from './item-events.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { ProviderHolding } from './provider-holding.ts'
import type { ReceiptSpreading } from './receipt-spreading.ts'
import type { SharingRooms } from './sharing-rooms.ts'

/** The rooms that hear of peers. */
export interface HearingRooms {
  readonly folders: KeptFolders
  readonly items: ItemEvents
  readonly boards: Boards
  readonly holding: ProviderHolding
  readonly spreading: ReceiptSpreading
  readonly sharing: SharingRooms
}

/** `rooms` is asked at each event: they are made after replication. `onSession` is told first of who comes and goes. */
export function replicationEvents(rooms: () => HearingRooms, onSession: (session: PeerSession) => void): ReplicationEvents {
  return {
    onPeers: (shared) => {
      const { folders, items, boards } = rooms()
      const folder = folders.ofDrive(shared.id)
      items.changed(folder)
      boards.peers(shared)
      void folder?.recovery.beginIfBehind().catch(() => undefined)
    },
    onLetGo: (session) => rooms().holding.connected(session.deviceKey),
    onBytes: (shared, bytes) => rooms().folders.ofDrive(shared.id)?.bytesMoved(bytes),
    onReceipt: (receipt, from) => void rooms().spreading.take(receipt, from),
    onRoster: (session, shared, message) => rooms().sharing.onRoster(session, shared, message),
    onPresence: (session, shared, message) => rooms().boards.takePresence(session, shared, message),
    onRefused: (session, shared) => rooms().sharing.onRefused(session, shared),
    onMutual: (session, shared) => {
      const { sharing, spreading, folders, items } = rooms()
      sharing.onMutual(session, shared)
      spreading.greet(session, shared)
      const folder = folders.ofDrive(shared.id)
      if (folder?.shared.id === shared.id) items.changed(folder)
    },
    onSession: (session, open) => {
      const { holding, items } = rooms()
      onSession(session)
      if (open) holding.connected(session.deviceKey)
      items.peer(session, open)
    },
  }
}
