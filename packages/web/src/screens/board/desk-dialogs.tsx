/** The dialogs of a board: names, addresses, things to choose, comments, trash, history. */
import { labelConnector, setBoard } from '@hyper-store/client/board'
import { FolderClosed, LayoutDashboard, Table2, UserRound } from 'lucide-react'
import { useState, type FormEvent, type ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Palette, type PaletteItem } from '../../kit/palette.tsx'
import { tellProblem } from '../../kit/toasts.tsx'
import { noticing, useAnswer, useItem, useSnapshot, useStore } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { timeWords, visibleName } from '../../words/format.ts'
import { useSubfolders } from '../folder/use-subfolders.ts'
import { Ask, Trash } from './board-dialogs.tsx'
import { nameOf } from './cards.tsx'
import type { Asking } from './desk-menus.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { useBoard, useCard } from './open-board.ts'
import type { Deeds } from './use-deeds.ts'
import css from './board.module.css'

const ICON = { size: 17, 'aria-hidden': true } as const

/** The dialog that is asked for. */
export function DeskDialog(props: {
  readonly asking: Asking
  readonly title: string
  readonly deeds: Deeds
  readonly onClose: () => void
  readonly onPast: (at: number) => void
}): ReactNode {
  const { asking, title, deeds, onClose, onPast } = props
  const { connection, model, author } = useBoard()
  switch (asking.what) {
    case 'rename':
      return (
        <Ask
          title={BOARD.rename}
          label={BOARD.name}
          first={title}
          onClose={onClose}
          onAnswer={(text) => connection.edit((doc) => setBoard(doc, { title: text.slice(0, 200) }, { name: author, at: Date.now() }))}
        />
      )
    case 'link':
      return (
        <Ask
          title={BOARD.addLink}
          label={BOARD.address}
          first="https://"
          onClose={onClose}
          onAnswer={(url) => void deeds.put({ type: 'link', url }, asking.pos)}
        />
      )
    case 'new-board':
      return <NewBoard onClose={onClose} onMade={(board, name) => void deeds.put({ type: 'board', board, title: name }, asking.pos)} />
    case 'board':
      return <ChooseBoard onClose={onClose} onPick={(board, name) => void deeds.put({ type: 'board', board, title: name }, asking.pos)} />
    case 'folder':
      return <ChooseFolder onClose={onClose} onPick={(path) => void deeds.put({ type: 'folder', path }, asking.pos)} />
    case 'table':
      return <ChooseTable onClose={onClose} onPick={(table, name) => void deeds.put({ type: 'table', table, title: name }, asking.pos)} />
    case 'person':
      return <ChoosePerson onClose={onClose} onPick={(name) => void deeds.put({ type: 'contact', name }, asking.pos)} />
    case 'comments':
      return <Comments card={asking.card} onClose={onClose} say={(text) => deeds.change([asking.card], { say: text })} />
    case 'line':
      return (
        <Ask
          title={BOARD.lineWords}
          label={BOARD.lineWords}
          first={model.connectors.find(({ id }) => id === asking.line)?.label ?? ''}
          mayBeEmpty
          onClose={onClose}
          onAnswer={(words) => connection.edit((doc) => labelConnector(doc, asking.line, words))}
        />
      )
    case 'trash':
      return <Trash onClose={onClose} onBack={(id) => deeds.change([id], { deleted: false })} />
    case 'history':
      return <HistoryDialog onClose={onClose} onPast={onPast} />
  }
}

function NewBoard({ onClose, onMade }: { onClose: () => void; onMade: (board: string, title: string) => void }): ReactNode {
  const { folder } = useBoard()
  const store = useStore()
  const make = async (title: string): Promise<void> => {
    try {
      const { id } = await noticing(store, store.client.createBoard(folder, { title: title.slice(0, 200) }))
      onMade(id, title)
    } catch (error) {
      tellProblem(error)
    }
  }
  return <Ask title={BOARD.create} label={BOARD.name} first="" onClose={onClose} onAnswer={(title) => void make(title)} />
}

function Choose(props: {
  readonly title: string
  readonly items: readonly PaletteItem[]
  readonly onClose: () => void
  readonly onPick: (item: PaletteItem) => void
}): ReactNode {
  return (
    <Palette
      title={props.title}
      empty={BOARD.nothingToChoose}
      groups={[{ title: props.title, items: props.items }]}
      onClose={props.onClose}
      onPick={(item) => {
        props.onClose()
        props.onPick(item)
      }}
    />
  )
}

function ChooseBoard({ onClose, onPick }: { onClose: () => void; onPick: (board: string, title: string) => void }): ReactNode {
  const { folder, id: own } = useBoard()
  const link = useItem(folder)?.link ?? ''
  const { data } = useAnswer({ link, name: ['boards'], fresh: true }, async (client) => await client.listBoards(folder))
  const others = data?.boards.filter(({ id }) => id !== own) ?? []
  const items = others.map(({ id, title }) => ({ id, label: visibleName(title), icon: <LayoutDashboard {...ICON} /> }))
  return <Choose title={BOARD.chooseBoard} items={items} onClose={onClose} onPick={({ id, label }) => onPick(id, label)} />
}

function ChooseFolder({ onClose, onPick }: { onClose: () => void; onPick: (path: string) => void }): ReactNode {
  const { folder } = useBoard()
  const item = useItem(folder)
  if (item === undefined) return null
  return <Folders item={item} onClose={onClose} onPick={onPick} />
}

function Folders({
  item,
  onClose,
  onPick,
}: {
  item: Parameters<typeof useSubfolders>[0]
  onClose: () => void
  onPick: (path: string) => void
}): ReactNode {
  const { data } = useSubfolders(item, '')
  const items = (data ?? []).map((path) => ({ id: path, label: visibleName(path), icon: <FolderClosed {...ICON} /> }))
  return <Choose title={BOARD.chooseFolder} items={items} onClose={onClose} onPick={({ id }) => onPick(id)} />
}

function ChooseTable({ onClose, onPick }: { onClose: () => void; onPick: (table: string, title: string) => void }): ReactNode {
  const { items: all } = useSnapshot()
  const items = (all ?? [])
    .filter(({ kind }) => kind === 'table')
    .map(({ link, title }) => ({ id: link, label: visibleName(title), icon: <Table2 {...ICON} /> }))
  return <Choose title={BOARD.chooseTable} items={items} onClose={onClose} onPick={({ id, label }) => onPick(id, label)} />
}

function ChoosePerson({ onClose, onPick }: { onClose: () => void; onPick: (name: string) => void }): ReactNode {
  const { folder, author } = useBoard()
  const link = useItem(folder)?.link ?? ''
  const { data } = useAnswer({ link, name: ['members'] }, async (client) => await client.getMembers(folder))
  const names = [...new Set([...(data?.people ?? []).map(({ name }) => name), author])]
  const items = names.map((name) => ({ id: name, label: visibleName(name), icon: <UserRound {...ICON} /> }))
  return <Choose title={BOARD.choosePerson} items={items} onClose={onClose} onPick={({ id }) => onPick(id)} />
}

function Comments({
  card: id,
  say,
  onClose,
}: {
  readonly card: string
  readonly say: (text: string) => void
  readonly onClose: () => void
}): ReactNode {
  const card = useCard(id)
  const { mayWrite } = useBoard()
  const [text, setText] = useState('')
  if (card === undefined || 'reason' in card) return null
  const comments = (card.type === 'thread' ? card.messages : card.comments) ?? []
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (text.trim() === '') return
    say(text.trim())
    setText('')
  }
  return (
    <Dialog open title={BOARD.commentsOf(nameOf(card))} onClose={onClose}>
      {comments.length === 0 && <p className={css['faint']}>{BOARD.noComments}</p>}
      <ol className={css['comments']}>
        {comments.map((comment) => (
          <li key={comment.id}>
            <small dir="auto">
              {visibleName(comment.by)}, {timeWords(comment.at)}
            </small>
            <p dir="auto">{comment.text}</p>
          </li>
        ))}
      </ol>
      {mayWrite && (
        <form onSubmit={send} className={css['commentLine']}>
          <input value={text} onChange={(event) => setText(event.target.value)} aria-label={BOARD.comment} placeholder={BOARD.comment} />
          <Button tone="main" type="submit" disabled={text.trim() === ''}>
            {BOARD.send}
          </Button>
        </form>
      )}
    </Dialog>
  )
}
