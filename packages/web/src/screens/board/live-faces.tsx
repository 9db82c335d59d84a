/** Faces of cards that show something living elsewhere: a folder, a table, another board, a document. */
import type { Card } from '@hyper-store/client'
import { ChevronLeft, ChevronRight, FileIcon, FolderClosed, LayoutDashboard, Table2 } from 'lucide-react'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace, tablePlace } from '../../app/places.ts'
import { IconButton } from '../../kit/button.tsx'
import { contentUrl, useAnswer, useItem } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import { useBoard } from './open-board.ts'
import css from './board.module.css'

const PdfPage = lazy(async () => ({ default: (await import('../preview/pdf-page.tsx')).PdfPage }))

/** Lines that fit into a card. */
const MOST_LINES = 12
/** Height by width of a page before it is known. */
const A4 = 297 / 210

/** What is in a folder now. */
export function FolderFace({ path }: { readonly path: string }): ReactNode {
  const { folder } = useBoard()
  const link = useItem(folder)?.link ?? ''
  const { data, error } = useAnswer(
    { link, name: ['board-folder', folder, path] },
    async (client) => await client.listEntries(folder, { path, limit: String(MOST_LINES) }),
  )
  const name = path.split('/').at(-1) ?? path
  return (
    <div className={css['live']}>
      <Link href={folderPlace(folder, { path })} className="nodrag">
        <FolderClosed size={18} aria-hidden />
        <strong dir="auto">{visibleName(name)}</strong>
      </Link>
      {error !== null && <p className={css['faint']}>{BOARD.notThere}</p>}
      {data?.entries.length === 0 && <p className={css['faint']}>{BOARD.emptyFolder}</p>}
      <ul className="nowheel">
        {data?.entries.map(({ path: at, kind }) => (
          <li key={at}>
            {kind === 'folder' ? <FolderClosed size={14} aria-hidden /> : <FileIcon size={14} aria-hidden />}
            <span dir="auto">{visibleName(at.split('/').at(-1) ?? at)}</span>
          </li>
        ))}
        {data?.more === true && <li className={css['faint']}>{BOARD.moreOfThem}</li>}
      </ul>
    </div>
  )
}

/** The first rows of a table now. */
export function TableFace({ card }: { readonly card: Card }): ReactNode {
  const table = card.table ?? ''
  const { data, error } = useAnswer(
    { link: table, name: ['board-table', table] },
    async (client) => await client.getRows(table, { limit: String(MOST_LINES) }),
  )
  return (
    <div className={css['live']}>
      <Link href={tablePlace(table.replace('hyper://', ''))} className="nodrag">
        <Table2 size={18} aria-hidden />
        <strong dir="auto">{visibleName(card.title ?? BOARD.kinds.table)}</strong>
      </Link>
      {error !== null && <p className={css['faint']}>{BOARD.notThere}</p>}
      <ul className="nowheel">
        {data?.rows.map((row) => (
          <li key={row.key}>
            <b dir="auto">{visibleName(row.key)}</b>
            <span dir="auto">{visibleName(typeof row.value === 'string' ? row.value : JSON.stringify(row.value))}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Another board of the folder: a tile with its colour and how much is on it. */
export function BoardFace({ card }: { readonly card: Card }): ReactNode {
  const { folder } = useBoard()
  const link = useItem(folder)?.link ?? ''
  const { data } = useAnswer({ link, name: ['boards'] }, async (client) => await client.listBoards(folder))
  const board = data?.boards.find(({ id }) => id === card.board)
  return (
    <div className={css['lead']} data-colour={board?.colour}>
      <LayoutDashboard size={28} aria-hidden />
      <Link href={folderPlace(folder, { part: 'boards', path: card.board ?? '' })} className="nodrag">
        <strong dir="auto">{visibleName(board?.title ?? card.title ?? BOARD.kinds.board)}</strong>
      </Link>
      {board !== undefined && <small>{BOARD.cards(board.cards)}</small>}
    </div>
  )
}

/** A page of a PDF document, the first at the beginning; `onBroken` (the same each time) when it can't be read. */
export function PdfFace({ path, onBroken }: { readonly path: string; readonly onBroken: () => void }): ReactNode {
  const { folder } = useBoard()
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null)
  const [page, setPage] = useState(1)
  useEffect(() => {
    let isOver = false
    let end = (): void => undefined
    void import('../preview/pdf-document.ts').then(({ openPdf }) => {
      if (isOver) return
      const task = openPdf(contentUrl('local', folder, { path }))
      end = () => void task.destroy()
      task.promise.then(
        (document) => {
          if (!isOver) setPdf(document)
        },
        () => {
          if (!isOver) onBroken()
        },
      )
    }, onBroken)
    return () => {
      isOver = true
      setPdf(null)
      end()
    }
  }, [folder, path, onBroken])
  if (pdf === null) return <FileIcon size={36} aria-hidden />
  return (
    <div className={css['pdf']}>
      <div className="nowheel">
        <Suspense>
          <PdfPage pdf={pdf} number={page} shape={A4} zoom={1} key={page} />
        </Suspense>
      </div>
      {pdf.numPages > 1 && (
        <p className="nodrag">
          <IconButton label={BOARD.pageBack} disabled={page === 1} onClick={() => setPage(page - 1)}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
          <span>{BOARD.pageOf(page, pdf.numPages)}</span>
          <IconButton label={BOARD.pageOn} disabled={page === pdf.numPages} onClick={() => setPage(page + 1)}>
            <ChevronRight size={16} aria-hidden />
          </IconButton>
        </p>
      )}
    </div>
  )
}
