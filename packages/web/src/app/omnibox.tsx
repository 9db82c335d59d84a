/** Search over boards, cards, files and people, places to go, and addresses that are pasted. */
import type { BoardSummary, Client, Found, Item, NewCard } from '@hyper-store/client'
import { mimeOf } from '@hyper-store/client/board'
import {
  Archive,
  FileIcon,
  Folder,
  FolderClosed,
  LayoutDashboard,
  Link2,
  StickyNote,
  Table2,
  UserPlus,
  UserRound,
  Activity,
  House,
  MonitorSmartphone,
  Settings,
} from 'lucide-react'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { Palette, type PaletteGroup, type PaletteItem, type PaletteKey } from '../kit/palette.tsx'
import { tellDone, tellProblem } from '../kit/toasts.tsx'
import { noticing, queries, useAnswer, useSnapshot, useStore } from '../live/use-store.tsx'
import { parseAddress } from '../screens/board/address.ts'
import { openPlace } from '../screens/board/placing.ts'
import { APP } from '../words/app.ts'
import { visibleName } from '../words/format.ts'
import { OMNIBOX } from '../words/omnibox.ts'
import { folderPlace, PLACES, tablePlace } from './places.ts'

/** So long after the last letter the store is asked. */
const PAUSE_MS = 120
const NOTHING: Found = { boards: [], cards: [], files: [], people: [] }
const ICON = { size: 17, 'aria-hidden': true } as const

/** A line of the search. */
interface Line extends PaletteItem {
  /** Where it leads. */
  readonly to: string
  /** What is put on the open board of that folder; left out for what can't be. */
  readonly card?: { readonly folder: string; readonly card: NewCard }
  readonly board?: { readonly folder: string; readonly id: string; readonly title: string; readonly archived: boolean }
}

/** The search, open. */
export function Omnibox({ onClose }: { readonly onClose: () => void }): ReactNode {
  const store = useStore()
  const { items } = useSnapshot()
  const [, navigate] = useLocation()
  const [text, setText] = useState('')
  const found = useFound(text.trim())
  const boards = useBoards(items ?? [])
  const groups = useMemo(
    () => (text.trim() === '' ? begin(items ?? [], boards) : results(text.trim(), items ?? [], found)),
    [text, items, boards, found],
  )
  const archive = async ({ folder, id, title, archived }: NonNullable<Line['board']>): Promise<void> => {
    try {
      await noticing(store, store.client.changeBoard(folder, id, { archived: !archived }))
      tellDone(archived ? OMNIBOX.takenOut(visibleName(title)) : OMNIBOX.putAway(visibleName(title)))
      await queries.invalidateQueries({ queryKey: [store.target] })
    } catch (error) {
      tellProblem(error)
    }
  }
  const pick = (line: Line, key: PaletteKey): void => {
    if (key === 'archive') {
      if (line.board !== undefined) {
        onClose()
        void archive(line.board)
      }
      return
    }
    onClose()
    if (key === 'place') place(line)
    else navigate(line.to)
  }
  return (
    <Palette
      title={OMNIBOX.title}
      empty={OMNIBOX.empty}
      keys={OMNIBOX.keys}
      groups={groups}
      text={text}
      onText={setText}
      onPick={pick}
      onClose={onClose}
    />
  )
}

/** Puts what a line stands for on the open board. */
function place({ card }: Line): void {
  const open = openPlace()
  if (open === null) return tellDone(OMNIBOX.noBoard)
  const isItself = card?.card.board === open.board
  if (card === undefined || card.folder !== open.folder || isItself) return tellDone(OMNIBOX.notPlaced)
  open.put(card.card)
  tellDone(OMNIBOX.placed)
}

/** What the store finds, a moment after the last letter. */
function useFound(text: string): Found {
  const store = useStore()
  const [found, setFound] = useState(NOTHING)
  useEffect(() => {
    if (text === '') {
      setFound(NOTHING)
      return undefined
    }
    const stopping = new AbortController()
    const timer = setTimeout(() => {
      noticing(store, store.client.search({ query: text.slice(0, 200) }, { signal: stopping.signal })).then(
        (answer) => setFound(answer),
        (error: unknown) => {
          if (!stopping.signal.aborted) tellProblem(error)
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      stopping.abort()
    }
  }, [text, store])
  return found
}

interface FolderBoard {
  readonly folder: Item
  readonly board: BoardSummary
}

/** Boards of all folders, the newest first. */
function useBoards(items: readonly Item[]): readonly FolderBoard[] {
  const folders = items.filter((item) => item.kind === 'folder' && item.mode !== 'keep-blind')
  const { data } = useAnswer({ link: '', name: ['all-boards', ...folders.map(({ key }) => key)], fresh: true }, async (client) =>
    allBoards(client, folders),
  )
  return data ?? []
}

async function allBoards(client: Client, folders: readonly Item[]): Promise<FolderBoard[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const { boards } = await client.listBoards(folder.key).catch(() => ({ boards: [] }))
      return boards.map((board) => ({ folder, board }))
    }),
  )
  return lists.flat().sort((a, b) => (b.board.changedAt ?? 0) - (a.board.changedAt ?? 0))
}

/** What is offered before anything is written. */
function begin(items: readonly Item[], boards: readonly FolderBoard[]): PaletteGroup<Line>[] {
  const shown = boards.filter(({ board }) => !board.archived).slice(0, 8)
  return [
    {
      title: OMNIBOX.recent,
      items: shown.map(({ folder, board }) => boardLine({ ...board, folder: folder.key, folderTitle: folder.title })),
    },
    { title: OMNIBOX.folders, items: items.map((item) => itemLine(item)) },
    { title: OMNIBOX.commands, items: COMMANDS },
  ]
}

const COMMANDS: readonly Line[] = [
  { id: 'to home', label: APP.home, to: PLACES.home, icon: <House {...ICON} /> },
  { id: 'to devices', label: APP.devices, to: PLACES.devices, icon: <MonitorSmartphone {...ICON} /> },
  { id: 'to tables', label: APP.tables, to: PLACES.tables, icon: <Table2 {...ICON} /> },
  { id: 'to activity', label: APP.activity, to: PLACES.activity, icon: <Activity {...ICON} /> },
  { id: 'to settings', label: APP.settings, to: PLACES.settings, icon: <Settings {...ICON} /> },
]

function results(text: string, items: readonly Item[], found: Found): PaletteGroup<Line>[] {
  const has = (label: string): boolean => label.toLowerCase().includes(text.toLowerCase())
  const invites = items
    .filter((item) => item.kind === 'folder')
    .map((item): Line => {
      const to = folderPlace(item.key, { part: 'people' })
      return { id: `invite ${item.key}`, label: OMNIBOX.invite(visibleName(item.title)), to, icon: <UserPlus {...ICON} /> }
    })
  return [
    { title: OMNIBOX.address, items: addressLines(text) },
    { title: OMNIBOX.boards, items: found.boards.filter(({ archived }) => !archived).map((one) => boardLine(one)) },
    { title: OMNIBOX.cards, items: found.cards.map((one) => cardLine(one)) },
    { title: OMNIBOX.files, items: found.files.map((one) => fileLine(one)) },
    { title: OMNIBOX.people, items: found.people.map((one) => personLine(one)) },
    { title: OMNIBOX.folders, items: items.filter(({ title }) => has(title)).map((item) => itemLine(item)) },
    { title: OMNIBOX.archived, items: found.boards.filter(({ archived }) => archived).map((one) => boardLine(one)) },
    { title: OMNIBOX.commands, items: [...COMMANDS, ...invites].filter(({ label }) => has(label)) },
  ]
}

function addressLines(text: string): Line[] {
  const address = parseAddress(text)
  if (address === null) return []
  const { folder, board } = address
  const to = folderPlace(folder, board === null ? {} : { part: 'boards', path: board })
  return [
    {
      id: 'address',
      label: OMNIBOX.openAddress,
      to,
      icon: <Link2 {...ICON} />,
      ...(board === null ? {} : { card: { folder, card: { type: 'board', board } } }),
    },
  ]
}

function boardLine(one: { folder: string; folderTitle: string; id: string; title: string; archived: boolean }): Line {
  const { folder, id, title, archived } = one
  return {
    id: `board ${folder} ${id}`,
    label: visibleName(title),
    hint: visibleName(one.folderTitle),
    icon: archived ? <Archive {...ICON} /> : <LayoutDashboard {...ICON} />,
    to: folderPlace(folder, { part: 'boards', path: id }),
    card: { folder, card: { type: 'board', board: id, title } },
    board: { folder, id, title, archived },
  }
}

function cardLine({ folder, board, boardTitle, id, text }: Found['cards'][number]): Line {
  return {
    id: `card ${folder} ${board} ${id}`,
    label: visibleName(text),
    hint: OMNIBOX.onBoard(visibleName(boardTitle)),
    icon: <StickyNote {...ICON} />,
    to: folderPlace(folder, { part: 'boards', path: `${board}/${id}` }),
    card: { folder, card: { type: 'board', board, title: boardTitle } },
  }
}

function fileLine({ folder, folderTitle, path, kind }: Found['files'][number]): Line {
  const isFolder = kind === 'folder'
  return {
    id: `file ${folder} ${path}`,
    label: visibleName(path.split('/').at(-1) ?? path),
    hint: visibleName(path.includes('/') ? `${folderTitle}/${path.slice(0, path.lastIndexOf('/'))}` : folderTitle),
    icon: isFolder ? <FolderClosed {...ICON} /> : <FileIcon {...ICON} />,
    to: folderPlace(folder, isFolder ? { path } : { part: 'view', path }),
    card: {
      folder,
      card: isFolder ? { type: 'folder', path } : { type: 'file', file: { path, size: null, mime: mimeOf(path) } },
    },
  }
}

function personLine({ folder, folderTitle, id, name }: Found['people'][number]): Line {
  return {
    id: `person ${folder} ${id}`,
    label: visibleName(name),
    hint: visibleName(folderTitle),
    icon: <UserRound {...ICON} />,
    to: folderPlace(folder, { part: 'people' }),
    card: { folder, card: { type: 'contact', name } },
  }
}

function itemLine(item: Item): Line {
  const isTable = item.kind === 'table'
  return {
    id: `item ${item.key}`,
    label: visibleName(item.title),
    icon: isTable ? <Table2 {...ICON} /> : <Folder {...ICON} />,
    to: isTable ? tablePlace(item.key) : folderPlace(item.key),
    ...(isTable && openPlace() !== null
      ? { card: { folder: openPlace()?.folder ?? '', card: { type: 'table', table: item.link, title: item.title } } }
      : {}),
  }
}
