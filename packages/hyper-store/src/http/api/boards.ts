/** Handlers of boards: lists, cards, and a board in the forms of other programs. */
import { boardToCanvas, boardToHtml } from '@hyper-store/client/board'
import type { Board, BOARD_ROUTES, BoardFormat } from '@hyper-store/client/contract'
import type { StoreApi } from '../../core/store-api.ts'
import type { Handlers } from './call.ts'

const FORMS: Readonly<Record<BoardFormat, { readonly extension: string; readonly mime: string; readonly text: (board: Board) => string }>> =
  {
    json: { extension: 'json', mime: 'application/json', text: (board) => `${JSON.stringify(board, null, 2)}\n` },
    canvas: { extension: 'canvas', mime: 'application/json', text: boardToCanvas },
    html: { extension: 'html', mime: 'text/html', text: boardToHtml },
  }

/** Handlers of `BOARD_ROUTES`. */
export function boardHandlers({ boards }: StoreApi): Handlers<keyof typeof BOARD_ROUTES> {
  return {
    listBoards: async ({ params }) => ({ boards: await boards.list(params.folder) }),
    createBoard: async ({ params, body }) => await boards.create(params.folder, body),
    getBoard: async ({ params }) => await boards.get(params.folder, params.board),
    changeBoard: async ({ params, body }) => await boards.change(params.folder, params.board, body),
    getBoardSaved: async ({ params }) => await boards.saved(params.folder, params.board),
    getBoardHistory: async ({ params }) => ({ moments: await boards.history(params.folder, params.board) }),
    getPastBoard: async ({ params, query }) => {
      const { board, state } = await boards.past(params.folder, params.board, Number(query.at))
      return { board, state: Buffer.from(state).toString('base64') }
    },
    restoreBoard: async ({ params, body }) => ({ cards: await boards.restore(params.folder, params.board, body.at) }),
    exportBoard: async ({ params, query }) => {
      const board = await boards.get(params.folder, params.board)
      const form = FORMS[query.format]
      return { fileName: `${board.title.replaceAll(/[/\\\p{C}]/gu, '_')}.${form.extension}`, mime: form.mime, text: form.text(board) }
    },
    importBoard: async ({ params, body }) => ({ cards: await boards.importCanvas(params.folder, params.board, body.canvas) }),
    addCard: async ({ params, body }) => await boards.addCard(params.folder, params.board, body),
    changeCard: async ({ params, body }) => await boards.changeCard(params.folder, params.board, params.card, body),
    previewLink: async ({ params, body }) => await boards.previewLink(params.folder, params.board, body.url),
    emptyBoardTrash: async ({ params }) => {
      await boards.emptyTrash(params.folder, params.board)
      return { ok: true }
    },
  }
}
