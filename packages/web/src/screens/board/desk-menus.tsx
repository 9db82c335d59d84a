/** The menus of a board: what can be put on it, what can be done with cards and with the board. */
import { boardToCanvas, boardToHtml, setBoard } from '@hyper-store/client/board'
import { BOARD_COLOURS } from '@hyper-store/client'
import type { BoardColour } from '@hyper-store/client'
import { FolderClosed, LayoutDashboard, Link2, MessagesSquare, StickyNote, Table2, Upload, UserRound } from 'lucide-react'
import { noticing, useStore } from '../../live/use-store.tsx'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import type { MenuEntry } from '../../kit/menu.tsx'
import { BOARD } from '../../words/board.ts'
import { boardAddress } from './address.ts'
import { useBoard } from './open-board.ts'
import { askFile, saveText } from './files.ts'
import type { Deeds } from './use-deeds.ts'
import css from './board.module.css'

/** Dialogs of a board. */
export type Asking =
  | { readonly what: 'rename' | 'trash' | 'history' }
  | { readonly what: 'link' | 'new-board' | 'board' | 'folder' | 'table' | 'person'; readonly pos: [number, number] | undefined }
  | { readonly what: 'comments'; readonly card: string }
  | { readonly what: 'line'; readonly line: string }

const ICON = { size: 16, 'aria-hidden': true } as const
const GROUNDS = ['snow', 'cream', 'mint', 'sky', 'lilac'] as const satisfies readonly BoardColour[]

function swatches(entries: readonly BoardColour[], onPick: (colour: BoardColour) => void): MenuEntry[] {
  return entries.map((colour) => ({
    label: BOARD.colourOf(colour),
    icon: <i className={css['swatch']} data-colour={colour} aria-hidden />,
    onSelect: () => onPick(colour),
  }))
}

/** What can be put on the board. */
export function addEntries(options: {
  readonly pos: [number, number] | undefined
  readonly deeds: Deeds
  readonly ask: (asking: Asking) => void
  readonly chooseFiles: () => void
}): MenuEntry[] {
  const { pos, deeds, ask, chooseFiles } = options
  return [
    { label: BOARD.addText, icon: <StickyNote {...ICON} />, onSelect: () => deeds.write(pos) },
    {
      label: BOARD.addThread,
      icon: <MessagesSquare {...ICON} />,
      onSelect: () => void deeds.put({ type: 'thread', title: BOARD.kinds.thread }, pos),
    },
    { label: BOARD.addLink, icon: <Link2 {...ICON} />, onSelect: () => ask({ what: 'link', pos }) },
    { label: BOARD.addFile, icon: <Upload {...ICON} />, onSelect: chooseFiles },
    null,
    { label: BOARD.newBoard, icon: <LayoutDashboard {...ICON} />, onSelect: () => ask({ what: 'new-board', pos }) },
    { label: BOARD.knownBoard, icon: <LayoutDashboard {...ICON} />, onSelect: () => ask({ what: 'board', pos }) },
    { label: BOARD.addFolder, icon: <FolderClosed {...ICON} />, onSelect: () => ask({ what: 'folder', pos }) },
    { label: BOARD.addTable, icon: <Table2 {...ICON} />, onSelect: () => ask({ what: 'table', pos }) },
    { label: BOARD.addContact, icon: <UserRound {...ICON} />, onSelect: () => ask({ what: 'person', pos }) },
  ]
}

/** What can be done with the chosen cards, of which `card` was pointed at. */
export function useCardEntries(deeds: Deeds, ask: (asking: Asking) => void): (card: string, chosen: readonly string[]) => MenuEntry[] {
  const { model, mayWrite } = useBoard()
  return (id, chosen) => {
    const card = model.card(id)
    if (card === undefined) return []
    const ids = chosen.includes(id) ? chosen : [id]
    if ('reason' in card) return mayWrite ? [{ label: BOARD.remove, danger: true, onSelect: () => deeds.remove(ids) }] : []
    const comments: MenuEntry = { label: BOARD.comments, onSelect: () => ask({ what: 'comments', card: id }) }
    if (!mayWrite) return [comments]
    const isLocked = card.locked === true
    return [
      comments,
      ...(card.type === 'link' ? [{ label: BOARD.preview, onSelect: () => void deeds.preview(id) }] : []),
      { label: BOARD.front, onSelect: () => deeds.toFront(ids) },
      { label: BOARD.back, onSelect: () => deeds.toBack(ids) },
      { label: BOARD.duplicate, onSelect: () => deeds.duplicate(ids) },
      { label: isLocked ? BOARD.unlock : BOARD.lock, onSelect: () => deeds.change(ids, { locked: !isLocked }) },
      { label: BOARD.remove, danger: true, onSelect: () => deeds.remove(ids) },
      null,
      ...swatches(BOARD_COLOURS, (colour) => deeds.change(ids, { colour })),
    ]
  }
}

/** What can be done with a line. */
export function lineEntries(line: string, deeds: Deeds, ask: (asking: Asking) => void): MenuEntry[] {
  return [
    { label: BOARD.lineWords, onSelect: () => ask({ what: 'line', line }) },
    { label: BOARD.removeLine, danger: true, onSelect: () => deeds.removeLine(line) },
  ]
}

/** What can be done with the board; `picture` makes one of all of it. */
export function useBoardEntries(options: {
  readonly title: string
  readonly ask: (asking: Asking) => void
  readonly picture: () => Promise<void>
}): MenuEntry[] {
  const { title, ask, picture } = options
  const { connection, model, mayWrite, author, folder, id } = useBoard()
  const store = useStore()
  const { archived } = model.facts
  const facts = (): { name: string; at: number } => ({ name: author, at: Date.now() })
  const set = (change: Parameters<typeof setBoard>[1]): void => connection.edit((doc) => setBoard(doc, change, facts()))
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(boardAddress(folder, id))
      tellDone(BOARD.copied)
    } catch (error) {
      tellProblem(error)
    }
  }
  const takeIn = async (): Promise<void> => {
    const file = await askFile('.canvas,.json,application/json')
    if (file === null) return
    try {
      const { cards } = await noticing(store, store.client.importBoard(folder, id, { canvas: await file.text() }))
      tellDone(BOARD.imported(cards))
    } catch (error) {
      tellProblem(error)
    }
  }
  const changing: MenuEntry[] = [
    { label: BOARD.rename, onSelect: () => ask({ what: 'rename' }) },
    { label: archived ? BOARD.unarchive : BOARD.archive, onSelect: () => set({ archived: !archived }) },
    ...swatches(GROUNDS, (colour) => set({ colour })),
    null,
    { label: BOARD.import, onSelect: () => void takeIn() },
  ]
  return [
    ...(mayWrite ? changing : []),
    { label: BOARD.copyAddress, onSelect: () => void copy() },
    ...(store.target === 'local' ? [{ label: BOARD.history, onSelect: () => ask({ what: 'history' }) }] : []),
    { label: BOARD.trash, onSelect: () => ask({ what: 'trash' }) },
    null,
    { label: BOARD.exportAs.json, onSelect: () => saveText(`${title}.json`, JSON.stringify(model.board(id), null, 2)) },
    { label: BOARD.exportAs.canvas, onSelect: () => saveText(`${title}.canvas`, boardToCanvas(model.board(id))) },
    { label: BOARD.exportAs.html, onSelect: () => saveText(`${title}.html`, boardToHtml(model.board(id))) },
    { label: BOARD.asPicture, onSelect: () => void picture() },
  ]
}
