/** When a board was changed, and the board as it was. */
import { restoreBoard } from '@hyper-store/client/board'
import type * as Y from 'yjs'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useAnswer } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { timeWords, visibleName } from '../../words/format.ts'
import { BoardModel } from './model.ts'
import { BoardContext, useBoard, type OpenBoard } from './open-board.ts'
import { PastLink } from './past.ts'
import { Surface } from './surface.tsx'
import css from './board.module.css'

/** The moments; `onPast` shows one. */
export function HistoryDialog({ onClose, onPast }: { readonly onClose: () => void; readonly onPast: (at: number) => void }): ReactNode {
  const { folder, id } = useBoard()
  const { data, error } = useAnswer(
    { link: '', name: ['board-history', folder, id], fresh: true },
    async (client) => await client.getBoardHistory(folder, id),
  )
  return (
    <Dialog open title={BOARD.history} onClose={onClose}>
      <p>{BOARD.historyText}</p>
      {data === undefined && error === null && <Skeleton height="6rem" />}
      {error !== null && <p>{problemWords(error)}</p>}
      {data?.moments.length === 0 && <p>{BOARD.historyEmpty}</p>}
      <ul className={css['moments']}>
        {data?.moments.map(({ at, by, edits }) => (
          <li key={at}>
            <button
              type="button"
              onClick={() => {
                onClose()
                onPast(at)
              }}
            >
              <strong>{timeWords(at)}</strong>
              <span dir="auto">
                {BOARD.momentBy(
                  by.map((name) => visibleName(name)),
                  edits,
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** The board as it was, with the way back to now, and the way to bring it back. */
export function PastDesk({ at, onNow }: { readonly at: number; readonly onNow: () => void }): ReactNode {
  const now = useBoard()
  const { folder, id } = now
  const { data, error } = useAnswer(
    { link: '', name: ['past-board', folder, id, at] },
    async (client) => await client.getPastBoard(folder, id, { at: String(at) }),
  )
  const past = usePast(now, data?.state ?? null)
  const bringBack = (): void => {
    if (past === null) return
    const facts = { name: now.author, at: Date.now() }
    const cards = now.connection.edit((doc: Y.Doc) => restoreBoard(doc, past.connection.doc, facts))
    tellDone(BOARD.broughtBack(cards), () => void now.connection.undo.undo())
    onNow()
  }
  return (
    <>
      <div className={css['pastBar']} role="status">
        <strong>{BOARD.pastAt(timeWords(at))}</strong>
        <span className={css['gap']} />
        {now.mayWrite && (
          <Button tone="main" small disabled={past === null} onClick={bringBack}>
            {BOARD.bringBoardBack}
          </Button>
        )}
        <Button small onClick={onNow}>
          {BOARD.toNow}
        </Button>
      </div>
      {error !== null && <p className={css['hint']}>{problemWords(error)}</p>}
      {past !== null && (
        <BoardContext value={past}>
          <Surface selected={NONE} onSelect={nothing} onTools={nothing} onMenu={nothing} onWrite={nothing} onComments={nothing} />
        </BoardContext>
      )}
    </>
  )
}

const NONE: readonly string[] = []
const nothing = (): void => undefined

/** A board of the past as long as it is shown. */
function usePast({ folder, id, author }: OpenBoard, state: string | null): OpenBoard | null {
  const [past, setPast] = useState<Pick<OpenBoard, 'connection' | 'model'> | null>(null)
  useEffect(() => {
    if (state === null) return undefined
    const connection = new PastLink(state)
    const model = new BoardModel(connection.doc)
    setPast({ connection, model })
    return () => {
      model.close()
      connection.close()
      setPast(null)
    }
  }, [state])
  return useMemo(() => (past === null ? null : { folder, id, author, mayWrite: false, states: null, ...past }), [past, folder, id, author])
}
