/** What a person does with the cards of the open board. */
import { addCard, addCards, cardsOf, changeCard, connectorsOf, SIZES, snap, zAbove, zBelow } from '@hyper-store/client/board'
import type { Card, ChangeCard, NewCard } from '@hyper-store/client'
import { useEffect, useMemo, useRef, type RefObject } from 'react'
import * as Y from 'yjs'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import { noticing, useStore } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { useBoard } from './open-board.ts'
import type { SurfaceTools } from './surface.tsx'

/** Files that come together lie side by side in rows of so many. */
const IN_A_ROW = 4
const APART = 20
const STEP = 20

/** The deeds; places are on the board, and in the middle of what is seen when left out. */
export interface Deeds {
  readonly put: (card: NewCard, pos?: [number, number]) => string
  /** Puts a note and begins to write in it. */
  readonly write: (pos?: [number, number]) => void
  /** Puts files into the folder and on the board. */
  readonly upload: (files: readonly File[], pos?: [number, number]) => Promise<void>
  readonly change: (ids: readonly string[], what: ChangeCard) => void
  readonly remove: (ids: readonly string[]) => void
  readonly removeLine: (line: string) => void
  readonly toFront: (ids: readonly string[]) => void
  readonly toBack: (ids: readonly string[]) => void
  readonly duplicate: (ids: readonly string[]) => void
  readonly move: (ids: readonly string[], by: readonly [number, number]) => void
  /** Asks the address of a link card what it is. */
  readonly preview: (id: string) => Promise<void>
}

/** What a new card takes over from another. */
export function copyOf(card: Card): NewCard {
  const { type, pos, size, colour, title, text, url, file, path, table, board, name } = card
  const fields = { colour, title, text, url, file, path, table, board, name }
  return { type, pos, size, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) }
}

/** The deeds, always the same ones; `title`: of the board. */
export function useDeeds(options: {
  readonly title: string
  readonly tools: RefObject<SurfaceTools | null>
  readonly select: (ids: readonly string[]) => void
}): Deeds {
  const open = useBoard()
  const store = useStore()
  const latest = useRef({ ...options, open, store })
  useEffect(() => {
    latest.current = { ...options, open, store }
  })
  return useMemo((): Deeds => {
    const facts = (): { name: string; at: number } => ({ name: latest.current.open.author, at: Date.now() })
    const edit = <Result>(change: (doc: Y.Doc) => Result): Result => latest.current.open.connection.edit(change)
    const middle = (): [number, number] => snap(latest.current.tools.current?.middle() ?? [0, 0])
    const shown = (id: string): Card | null => {
      const card = latest.current.open.model.card(id)
      return card === undefined || 'reason' in card ? null : card
    }
    const deeds: Deeds = {
      put(card, pos) {
        const id = edit((doc) => addCard(doc, { ...card, pos: pos ?? middle() }, facts()))
        latest.current.select([id])
        return id
      },
      write(pos) {
        latest.current.tools.current?.edit(deeds.put({ type: 'text' }, pos))
      },
      async upload(files, pos) {
        const { title, open: board, store: from } = latest.current
        const start = pos ?? middle()
        const place = `Boards/${title.replaceAll(/[/\\\p{C}]/gu, '_').slice(0, 60)}`
        try {
          for (const [i, file] of files.entries()) {
            const path = `${place}/${file.name}`
            const entry = await noticing(from, from.client.writeContent(board.folder, { path, mtimeMs: file.lastModified }, file))
            const mime = file.type === '' ? 'application/octet-stream' : file.type
            const [width, height] = SIZES.file.first
            deeds.put({ type: 'file', file: { path: entry.path, size: file.size, mime } }, [
              start[0] + (i % IN_A_ROW) * (width + APART),
              start[1] + Math.floor(i / IN_A_ROW) * (height + APART),
            ])
          }
          tellDone(BOARD.uploaded(files.length))
        } catch (error) {
          tellProblem(error)
        }
      },
      change(ids, what) {
        edit((doc) => {
          for (const id of ids) changeCard(doc, id, what, facts())
        })
      },
      remove(ids) {
        if (ids.length === 0) return
        deeds.change(ids, { deleted: true })
        latest.current.select([])
        tellDone(BOARD.removed(ids.length), () => deeds.change(ids, { deleted: false }))
      },
      removeLine(line) {
        edit((doc) => connectorsOf(doc).delete(line))
      },
      toFront: (ids) => layer(ids, zAbove),
      toBack: (ids) => layer(ids, zBelow),
      duplicate(ids) {
        const cards = ids.map((id) => shown(id)).filter((card) => card !== null)
        const copies = cards.map((card): NewCard => ({ ...copyOf(card), pos: [card.pos[0] + STEP, card.pos[1] + STEP] }))
        const made = edit((doc) => addCards(doc, copies, facts()))
        latest.current.select(made)
      },
      move(ids, by) {
        edit((doc) => {
          for (const id of ids) {
            const card = shown(id)
            if (card !== null && card.locked !== true) changeCard(doc, id, { pos: [card.pos[0] + by[0], card.pos[1] + by[1]] }, facts())
          }
        })
      },
      async preview(id) {
        const { open: board, store: from } = latest.current
        const url = shown(id)?.url
        if (url === undefined) return
        try {
          const { title, description } = await noticing(from, from.client.previewLink(board.folder, board.id, { url }))
          // What the page does not say takes nothing away that somebody wrote.
          deeds.change([id], { ...(title === '' ? {} : { title }), ...(description === '' ? {} : { description }) })
          tellDone(BOARD.previewed)
        } catch (error) {
          tellProblem(error)
        }
      },
    }
    const layer = (ids: readonly string[], to: typeof zAbove): void =>
      edit((doc) => {
        const { items } = latest.current.open.model.board(latest.current.open.id)
        for (const id of ids) {
          const card = cardsOf(doc).get(id)
          if (card instanceof Y.Map) card.set('z', to(items))
        }
      })
    return deeds
  }, [])
}
