/** Changes of rows: put, deleted, taken back. */
import type { Client, RowChange, TableRow } from '@hyper-store/client'
import { useCallback } from 'react'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { TABLES } from '../../words/tables.ts'
import { bytesOf } from './cells.ts'

/** Characters of JSON in one step; a larger value is put on its own. */
const STEP_CHARS = 400_000
const STEP_ROWS = 4000

/** What is to be done, what is said then, and what takes it back. */
export interface Deed {
  readonly changes: readonly RowChange[]
  readonly said: string
  /** Left out: it can't be taken back. */
  readonly undo?: readonly RowChange[]
}

/** Does a deed; resolves with whether it was done, and offers to take it back. `onWrite` hears the keys before they are written. */
export function useRowDeeds(ref: string, link: string, onWrite: (keys: readonly string[]) => void): (deed: Deed) => Promise<boolean> {
  const { mutateAsync } = useDeed({ link }, async (client, changes: readonly RowChange[]) => {
    onWrite(changes.map(({ key }) => key))
    await writeChanges(client, ref, changes)
  })
  return useCallback(
    async (deed) => {
      const write = async (changes: readonly RowChange[]): Promise<boolean> =>
        await mutateAsync(changes).then(
          () => true,
          () => false,
        )
      const isDone = await write(deed.changes)
      const { undo } = deed
      if (isDone)
        tellDone(
          deed.said,
          undo === undefined
            ? undefined
            : () => {
                void write(undo).then((isBack) => isBack && tellDone(TABLES.takenBack))
              },
        )
      return isDone
    },
    [mutateAsync],
  )
}

/** The change that makes a row what it was. */
export function putBack({ key, type, value }: Pick<TableRow, 'key' | 'type' | 'value'>): RowChange {
  return { key, type, value }
}

/** Writes changes in as few steps as their size allows. */
async function writeChanges(client: Client, ref: string, changes: readonly RowChange[]): Promise<void> {
  let step: RowChange[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    if (step.length > 0) await client.changeRows(ref, { changes: step })
    step = []
    chars = 0
  }
  for (const change of changes) {
    const size = JSON.stringify(change).length
    if (size > STEP_CHARS && 'type' in change) {
      await client.putRow(ref, { key: change.key, as: change.type }, bytesOf(change.type, change.value))
      continue
    }
    if (chars + size > STEP_CHARS || step.length >= STEP_ROWS) await flush()
    step.push(change)
    chars += size
  }
  await flush()
}
