/** Search over all that is kept: titles and cards of boards, names of files, people. */
import type { Board, Card, Found, FoundCard } from '@hyper-store/client/contract'
import type { BoardsApi, SharingApi, ThingsApi } from '../core/store-api.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'

/** Characters that are shown around what was found. */
const AROUND = 60

/** What the search looks into. */
export interface SearchOptions {
  readonly folders: () => KeptFolders
  readonly boards: Pick<BoardsApi, 'list' | 'get'>
  readonly things: Pick<ThingsApi, 'list'>
  readonly sharing: Pick<SharingApi, 'members'>
}

/**
 * Everything with the text in any case, at most `limit` of each kind. What can't be read here (blind, gone meanwhile) is left out.
 */
export async function searchStore(query: string, limit: number, options: SearchOptions): Promise<Found> {
  const wanted = query.toLowerCase()
  const found: Found = { boards: [], cards: [], files: [], people: [] }
  for (const folder of options.folders().all) {
    if (folder.kind !== 'folder' || folder.blind) continue
    await Promise.all([
      inBoards(folder, { wanted, limit, found, options }),
      inFiles(folder, { wanted, limit, found, options }),
      inPeople(folder, { wanted, limit, found, options }),
    ])
  }
  return {
    boards: found.boards.slice(0, limit),
    cards: found.cards.slice(0, limit),
    files: found.files.slice(0, limit),
    people: found.people.slice(0, limit),
  }
}

interface Hunt {
  readonly wanted: string
  readonly limit: number
  readonly found: Found
  readonly options: SearchOptions
}

async function inBoards(folder: KeptFolder, { wanted, limit, found, options }: Hunt): Promise<void> {
  const place = { folder: folder.key, folderTitle: folder.record.title }
  for (const { id, title, archived } of await options.boards.list(folder.key).catch(() => [])) {
    if (title.toLowerCase().includes(wanted)) found.boards.push({ ...place, id, title, archived })
    if (found.cards.length >= limit) continue
    const board = await options.boards.get(folder.key, id).catch(() => null)
    if (board !== null) found.cards.push(...cardsWith(board, wanted, folder.key))
  }
}

function cardsWith(board: Board, wanted: string, folder: string): FoundCard[] {
  return board.items.flatMap((card) => {
    const text = textsOf(card).find((one) => one.toLowerCase().includes(wanted))
    if (text === undefined) return []
    return [{ folder, board: board.id, boardTitle: board.title, id: card.id, type: card.type, text: around(text, wanted) }]
  })
}

/** Everything of a card that people read. */
function textsOf(card: Card): string[] {
  const said = [...(card.messages ?? []), ...(card.comments ?? [])].map(({ text }) => text)
  const file = card.file?.path.split('/').at(-1)
  return [card.title, card.text, card.url, card.description, card.name, file, card.path, ...said].filter((one) => one !== undefined)
}

function around(text: string, wanted: string): string {
  const at = text.toLowerCase().indexOf(wanted)
  const start = Math.max(0, at - AROUND)
  const part = text.slice(start, at + wanted.length + AROUND).replaceAll(/\s+/g, ' ')
  return `${start > 0 ? '…' : ''}${part}${at + wanted.length + AROUND < text.length ? '…' : ''}`
}

async function inFiles(folder: KeptFolder, { wanted, limit, found, options }: Hunt): Promise<void> {
  const query = { path: '', version: null, recursive: false, after: null, limit, match: wanted }
  const page = await options.things.list(folder.key, query).catch(() => null)
  for (const { path, kind } of page?.entries ?? []) found.files.push({ folder: folder.key, folderTitle: folder.record.title, path, kind })
}

async function inPeople(folder: KeptFolder, { wanted, found, options }: Hunt): Promise<void> {
  const members = await options.sharing.members(folder.key).catch(() => null)
  for (const { id, name, you } of members?.people ?? [])
    if (name.toLowerCase().includes(wanted)) found.people.push({ folder: folder.key, folderTitle: folder.record.title, id, name, you })
}
