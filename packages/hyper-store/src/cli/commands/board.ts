/** `board`: boards of a folder are made, listed, shown, written on and opened. */
import { AppError, type Card } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'
import { textOf } from '../text-input.ts'
import { showAddress } from './open.ts'

/** `board` alone does nothing. Throws USAGE. */
export const runBoard: Run = async () => {
  throw new AppError('USAGE', { reason: 'What to do with the board is missing; hyper-store board --help lists it' })
}

/** Makes a board. */
export const runBoardCreate: Run = async (context, { args: [folder, title = 'Board'] }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const board = await client.createBoard(item.key, { title }, { signal })
  output.show(board, ({ id }) => [id])
  output.talk(`${plain(board.title)} is ready in ${plain(item.title)}; hyper-store board open shows it`)
  return 0
}

/** Lists the boards of a folder. */
export const runBoardList: Run = async (context, { args: [folder] }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const { boards } = await client.listBoards(item.key, { signal })
  if (output.json) for (const board of boards) output.show(board, () => [])
  else output.table(boards.map(({ id, cards, title }) => [id, String(cards), plain(title)]))
  if (boards.length === 0) output.talk(`${plain(item.title)} has no boards`)
  return 0
}

/** Prints a board. */
export const runBoardShow: Run = async (context, { args: [folder, board] }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const shown = await client.getBoard(item.key, required(board), { signal })
  if (output.json) output.show(shown, () => [])
  else output.table(shown.items.map((card) => [card.type, plain(lineOf(card))]))
  const { holders } = await client.getBoardSaved(item.key, shown.id, { signal })
  for (const { name, behind } of holders)
    output.talk(behind === 0 ? `${plain(name)} has all of it` : `${plain(name)} is ${behind} ${behind === 1 ? 'edit' : 'edits'} behind`)
  return 0
}

/** What a card says, in one line. */
function lineOf(card: Card): string {
  const text = card.text ?? card.title ?? card.name ?? card.file?.path ?? card.path ?? card.table ?? ''
  return [text.replaceAll(/\s+/g, ' ').trim(), card.url ?? ''].filter((part) => part !== '').join(' ')
}

/** Puts a note or a link on a board. */
export const runBoardAdd: Run = async (context, { args: [folder, board, given] }) => {
  const { output, signal } = context
  const text = await textOf(required(given))
  const { client, item } = await openFolder(context, required(folder))
  const isLink = /^https?:\/\/\S+$/.test(text)
  const card = await client.addCard(item.key, required(board), isLink ? { type: 'link', url: text } : { type: 'text', text }, { signal })
  output.show(card, ({ id }) => [id])
  return 0
}

/** Opens a board in a browser, which asks to log in when it is not. */
export const runBoardOpen: Run = async (context, { args: [folder, board], options }) => {
  const { signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const { id } = await client.getBoard(item.key, required(board), { signal })
  const { url } = await client.getStore({ signal })
  if (url === undefined) throw new AppError('DEFECT', { reason: 'the store told no address' })
  const isShown = await showAddress(context, `${new URL(url).origin}/#/folders/${item.key}/boards/${id}`, options['print'] === true)
  if (!isShown) context.output.talk('Open this address in a browser that is logged in; hyper-store open logs one in')
  return 0
}
