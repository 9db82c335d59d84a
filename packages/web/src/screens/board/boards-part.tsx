/** The boards of a folder: a list, and one that is open. */
import { LayoutDashboard, Plus } from 'lucide-react'
import { lazy, Suspense, useContext, useState, type ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Link, useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { TextField } from '../../kit/form.tsx'
import { Empty, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { TargetContext, useAnswer, useDeed } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import './colours.css'
import css from './board-list.module.css'

const BoardScreen = lazy(async () => ({ default: (await import('./board-screen.tsx')).BoardScreen }))

/** The list; with `board` (`<id>`, or `<id>/<card>`), that one. */
export function BoardsPart({
  item,
  board,
  mayWrite,
}: {
  readonly item: Item
  readonly board: string
  readonly mayWrite: boolean
}): ReactNode {
  const target = useContext(TargetContext)
  const [id = '', card = ''] = board.split('/')
  if (id === '') return <List item={item} mayWrite={mayWrite} />
  if (target !== 'local') return <Empty title={BOARD.remote}>{BOARD.remoteText}</Empty>
  return (
    <Suspense fallback={<Skeleton height="24rem" />}>
      <BoardScreen key={id} folder={item.key} board={id} mayWrite={mayWrite} card={card} />
    </Suspense>
  )
}

function List({ item, mayWrite }: { readonly item: Item; readonly mayWrite: boolean }): ReactNode {
  const [isMaking, setMaking] = useState(false)
  const { data, error } = useAnswer({ link: item.link, name: ['boards'], fresh: true }, (client) => client.listBoards(item.key))
  const place = (id: string): string => folderPlace(item.key, { part: 'boards', path: id })
  const make = mayWrite && (
    <Button tone="main" onClick={() => setMaking(true)}>
      <Plus size={16} aria-hidden />
      {BOARD.create}
    </Button>
  )
  return (
    <>
      {error !== null && <Empty title={problemWords(error)} />}
      {data === undefined && error === null && <Skeleton height="8rem" />}
      {data?.boards.length === 0 && (
        <Empty icon={<LayoutDashboard size={26} />} title={BOARD.empty} actions={make}>
          {BOARD.emptyText}
        </Empty>
      )}
      {data !== undefined && data.boards.length > 0 && (
        <>
          <div className={css['head']}>
            <p>{BOARD.text}</p>
            {make}
          </div>
          <ul className={css['boards']} aria-label={BOARD.list}>
            {data.boards.map((board) => (
              <li key={board.id}>
                <Link href={place(board.id)} data-colour={board.colour}>
                  <strong dir="auto">{visibleName(board.title)}</strong>
                  <small>{BOARD.cards(board.cards)}</small>
                  {board.archived && <Chip>{BOARD.archived}</Chip>}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {isMaking && <MakeDialog item={item} place={place} onClose={() => setMaking(false)} />}
    </>
  )
}

function MakeDialog({ item, place, onClose }: { item: Item; place: (id: string) => string; onClose: () => void }): ReactNode {
  const [title, setTitle] = useState('')
  const [, navigate] = useLocation()
  const make = useDeed({ link: item.link }, async (client, name: string) => {
    const { id } = await client.createBoard(item.key, { title: name })
    onClose()
    navigate(place(id))
  })
  return (
    <Dialog open title={BOARD.create} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (title.trim() !== '') make.mutate(title.trim())
        }}
      >
        <TextField label={BOARD.name} value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} autoFocus />
        <p className={css['foot']}>
          <Button tone="main" type="submit" disabled={title.trim() === '' || make.isPending}>
            {BOARD.make}
          </Button>
        </p>
      </form>
    </Dialog>
  )
}
