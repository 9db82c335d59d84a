/** Routes of boards; part of the table in routes.ts. A board's live connection is a WebSocket beside them: see `board/wire.ts`. */
import * as v from 'valibot'
import * as b from './boards.ts'
import type { Route } from './routes.ts'

const BOARDS = '/api/v1/folders/:folder/boards'
const BOARD = `${BOARDS}/:board`
const OK = v.object({ ok: v.literal(true) })

/** Boards of a folder: `:folder` is a link, key or unique title, `:board` the id of a board or its unique title. */
export const BOARD_ROUTES = {
  listBoards: { method: 'GET', path: BOARDS, summary: 'The boards of a folder', right: 'reader', reply: b.BoardList },
  createBoard: { method: 'POST', path: BOARDS, summary: 'Make a board', right: 'owner', body: b.CreateBoard, reply: b.BoardSummary },
  getBoard: { method: 'GET', path: BOARD, summary: 'A board with all its cards', right: 'reader', reply: b.Board },
  changeBoard: {
    method: 'PATCH',
    path: BOARD,
    summary: 'Give a board another title or colour, or put it away',
    right: 'owner',
    body: b.ChangeBoard,
    reply: b.BoardSummary,
  },
  getBoardSaved: {
    method: 'GET',
    path: `${BOARD}/saved`,
    summary: 'Which devices hold the edits of a board',
    right: 'reader',
    reply: b.BoardSaved,
  },
  getBoardHistory: {
    method: 'GET',
    path: `${BOARD}/history`,
    summary: 'When a board was changed, and by which devices',
    right: 'reader',
    reply: b.BoardHistory,
  },
  getPastBoard: {
    method: 'GET',
    path: `${BOARD}/past`,
    summary: 'A board as it was at a moment',
    right: 'reader',
    query: b.PastBoardQuery,
    reply: b.PastBoard,
  },
  restoreBoard: {
    method: 'POST',
    path: `${BOARD}/restore`,
    summary: 'Bring a board back to what it was at a moment',
    right: 'owner',
    body: b.RestoreBoard,
    reply: v.object({ cards: v.number() }),
  },
  exportBoard: {
    method: 'GET',
    path: `${BOARD}/export`,
    summary: 'A board as JSON, JSON Canvas or a page of HTML',
    right: 'reader',
    query: b.ExportQuery,
    reply: b.ExportedBoard,
  },
  importBoard: {
    method: 'POST',
    path: `${BOARD}/import`,
    summary: 'Put the cards of a JSON Canvas on a board',
    right: 'owner',
    body: b.ImportBoard,
    reply: v.object({ cards: v.number() }),
  },
  addCard: { method: 'POST', path: `${BOARD}/cards`, summary: 'Put a card on a board', right: 'owner', body: b.NewCard, reply: b.Card },
  changeCard: {
    method: 'PATCH',
    path: `${BOARD}/cards/:card`,
    summary: 'Change a card, move it to the trash or bring it back',
    right: 'owner',
    body: b.ChangeCard,
    reply: b.Card,
  },
  previewLink: {
    method: 'POST',
    path: `${BOARD}/preview`,
    summary: 'Ask an address of the web what it is, for a link card',
    right: 'owner',
    body: b.AskPreview,
    reply: b.LinkPreview,
  },
  emptyBoardTrash: {
    method: 'DELETE',
    path: `${BOARD}/trash`,
    summary: 'Delete for good what is in the trash of a board',
    right: 'owner',
    reply: OK,
  },
} as const satisfies Record<string, Route>
