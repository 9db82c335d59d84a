/** Which devices hold how much of a folder's board logs: by what they say while they are connected, and by their receipts. */
import type { BoardHolder } from '@hyper-store/client/contract'
import type { Replication } from '../hyper/replication/replication.ts'
import type { BoardReceipts } from './board-receipts.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { ReceiptBook } from './receipt-book.ts'

/** What is asked of the store around. */
export interface BoardHoldersOptions {
  readonly replication: Replication
  /** Receipts of files: a device that has none, and had, keeps the folder no more. */
  readonly receipts: ReceiptBook
  readonly boardReceipts: BoardReceipts
  readonly now: () => number
  readonly deviceKey: string
  readonly nameOf: (deviceKey: string) => string | null
}

/** What a device said last. */
interface Said {
  readonly name: string
  /** Null while it is connected. */
  readonly at: number | null
  /** Blocks that it holds, by key of the drive beside which the log is. */
  readonly held: ReadonlyMap<string, number>
}

/** The holders of one folder's boards. */
export class BoardHolders {
  readonly #folder: KeptFolder
  readonly #o: BoardHoldersOptions
  readonly #said = new Map<string, Said>()

  constructor(folder: KeptFolder, options: BoardHoldersOptions) {
    this.#folder = folder
    this.#o = options
  }

  /** Notes what connected devices hold, and when others were seen last. */
  hear(): void {
    const { replication, receipts, nameOf, now } = this.#o
    const here = new Set<string>()
    for (const { shared, listed } of this.#folder.set.boards.all)
      for (const session of replication.peersOf(shared)) {
        const status = session.statusOf(shared)
        if (status === undefined) continue
        const { deviceKey } = session
        const held = new Map(this.#said.get(deviceKey)?.held)
        held.set(listed.key, status.db)
        here.add(deviceKey)
        this.#said.set(deviceKey, { name: nameOf(deviceKey) ?? session.name, at: null, held })
      }
    for (const [device, said] of this.#said) {
      if (here.has(device)) continue
      // What it said before it let go of the folder counts no more, should it come back.
      if (receipts.keepsNoMore(this.#folder.key, device)) this.#said.delete(device)
      else if (said.at === null) this.#said.set(device, { ...said, at: now() })
    }
  }

  /** All other devices that keep the folder, by name; who was removed, or keeps it no more, is no place where anything is saved. */
  list(): BoardHolder[] {
    this.hear()
    const logs = this.#folder.set.boards.all
    return [...this.#all()]
      .filter(([device]) => !this.#folder.membership.refused.has(device))
      .map(([device, said]): BoardHolder => {
        const behind = logs.reduce((sum, { log, listed }) => {
          // Who writes a log has all of it.
          const held = listed.deviceKey === device ? log.db.length : (said.held.get(listed.key) ?? 0)
          return sum + Math.max(0, log.db.length - held)
        }, 0)
        return { device, name: said.name, behind, online: said.at === null, at: said.at }
      })
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  /** What was said here, and what receipts say, which others bring too and which outlive a restart. */
  #all(): Map<string, Said> {
    const { boardReceipts, receipts, deviceKey, nameOf } = this.#o
    const all = new Map(this.#said)
    for (const { device, receipt, record } of boardReceipts.list(this.#folder)) {
      if (device === deviceKey || receipts.keepsNoMore(this.#folder.key, device)) continue
      const said = all.get(device)
      const held = new Map(said?.held)
      for (const { shared, listed } of this.#folder.set.boards.all)
        held.set(listed.key, Math.max(held.get(listed.key) ?? 0, receipt.drives?.[shared.id]?.[0] ?? 0))
      const at = said?.at === null ? null : Math.max(said?.at ?? 0, receipt.at)
      all.set(device, { name: nameOf(device) ?? record.name, at, held })
    }
    return all
  }
}
