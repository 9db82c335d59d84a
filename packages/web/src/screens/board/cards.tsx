/** The faces of cards. What is in a card came from others: it is shown as text, pictures come from the folder alone. */
import { cardsOf, changeCard } from '@hyper-store/client/board'
import type { Card } from '@hyper-store/client'
import { ExternalLink, FileIcon, Send, TriangleAlert, UserRound } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { Link } from 'wouter'
import * as Y from 'yjs'
import { folderPlace } from '../../app/places.ts'
import { contentUrl } from '../../live/use-store.tsx'
import { BOARD } from '../../words/board.ts'
import { byteWords, timeWords, visibleName } from '../../words/format.ts'
import { viewerKind } from '../preview/viewer-kind.ts'
import { BoardFace, FolderFace, PdfFace, TableFace } from './live-faces.tsx'
import { useBoard } from './open-board.ts'
import { RichText } from './rich-text.tsx'
import css from './board.module.css'

const NoteEditor = lazy(async () => ({ default: (await import('./editor.tsx')).NoteEditor }))

/** What a card shows. */
export function Face({
  card,
  isEditing,
  onDone,
}: {
  readonly card: Card
  readonly isEditing: boolean
  readonly onDone: () => void
}): ReactNode {
  switch (card.type) {
    case 'text':
      return <Note id={card.id} isEmpty={(card.text ?? '') === ''} isEditing={isEditing} onDone={onDone} />
    case 'thread':
      return <Thread card={card} />
    case 'link':
      return <LinkFace card={card} />
    case 'file':
      return <FileFace card={card} />
    case 'folder':
      return <FolderFace path={card.path ?? ''} />
    case 'table':
      return <TableFace card={card} />
    case 'board':
      return <BoardFace card={card} />
    case 'contact':
      return (
        <div className={css['lead']}>
          <UserRound size={28} aria-hidden />
          <strong dir="auto">{visibleName(card.name ?? '')}</strong>
        </div>
      )
  }
}

/** A card that can't be shown. */
export function GreyFace({ reason }: { readonly reason: string }): ReactNode {
  return (
    <div className={css['grey']}>
      <TriangleAlert size={18} aria-hidden />
      <strong>{BOARD.grey}</strong>
      <span>{reason}</span>
    </div>
  )
}

/** What a card is called, for those who hear it and for the plain box far away. */
export function nameOf(card: Card): string {
  const first = card.text?.split('\n').find((line) => line.trim() !== '')
  const name = card.title ?? first ?? card.name ?? card.file?.path.split('/').at(-1) ?? card.path ?? card.url ?? ''
  return visibleName(name === '' ? BOARD.kinds[card.type] : name.slice(0, 80))
}

function Note({ id, isEmpty, isEditing, onDone }: { id: string; isEmpty: boolean; isEditing: boolean; onDone: () => void }): ReactNode {
  const { model } = useBoard()
  const map = cardsOf(model.doc).get(id)
  const body: unknown = map instanceof Y.Map ? map.get('body') : undefined
  if (!(body instanceof Y.XmlFragment)) return null
  if (isEditing)
    return (
      <Suspense fallback={<div className={css['note']} />}>
        <NoteEditor body={body} onDone={onDone} />
      </Suspense>
    )
  return <NoteText>{isEmpty ? <p className={css['faint']}>{BOARD.emptyNote}</p> : <RichText body={body} />}</NoteText>
}

/** A note that is longer than its card is scrolled, by keys too. */
function NoteText({ children }: { readonly children: ReactNode }): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const { scrollHeight = 0, clientHeight = 0 } = box.current ?? {}
    setLong(scrollHeight > clientHeight)
  })
  return (
    <div ref={box} className={`${css['note'] ?? ''} ${isLong ? 'nowheel' : ''}`} {...(isLong && { tabIndex: 0 })}>
      {children}
    </div>
  )
}

function Thread({ card }: { readonly card: Card }): ReactNode {
  const { connection, mayWrite, author } = useBoard()
  const [text, setText] = useState('')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (text.trim() === '') return
    connection.edit((doc) => changeCard(doc, card.id, { say: text.trim() }, { name: author, at: Date.now() }))
    setText('')
  }
  const messages = card.messages ?? []
  return (
    <div className={css['thread']}>
      <strong dir="auto">{visibleName(card.title ?? BOARD.kinds.thread)}</strong>
      <ol className="nowheel">
        {messages.length === 0 && <li className={css['faint']}>{BOARD.emptyThread}</li>}
        {messages.map((message, i) => (
          <li key={message.id}>
            {messages[i - 1]?.by !== message.by && (
              <small dir="auto">
                {visibleName(message.by)}, {timeWords(message.at)}
              </small>
            )}
            <p dir="auto">{message.text}</p>
          </li>
        ))}
      </ol>
      {mayWrite && (
        <form onSubmit={send} className="nodrag">
          <input value={text} onChange={(event) => setText(event.target.value)} aria-label={BOARD.say} placeholder={BOARD.say} />
          <button type="submit" aria-label={BOARD.send}>
            <Send size={16} aria-hidden />
          </button>
        </form>
      )}
    </div>
  )
}

/** An address that may be opened: nothing but the web. */
function webAddress(url: string): URL | null {
  if (!URL.canParse(url)) return null
  const parsed = new URL(url)
  return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed : null
}

function LinkFace({ card }: { readonly card: Card }): ReactNode {
  const url = webAddress(card.url ?? '')
  return (
    <div className={css['link']}>
      <strong dir="auto">{visibleName(card.title ?? url?.hostname ?? card.url ?? '')}</strong>
      {card.description !== undefined && <p dir="auto">{card.description}</p>}
      {url === null ? (
        <span className={css['faint']} dir="auto">
          {card.url}
        </span>
      ) : (
        <a href={url.href} target="_blank" rel="noopener noreferrer" className="nodrag">
          <ExternalLink size={14} aria-hidden />
          {url.hostname}
        </a>
      )}
    </div>
  )
}

function FileFace({ card }: { readonly card: Card }): ReactNode {
  const { folder } = useBoard()
  const [isBroken, setBroken] = useState(false)
  const onBroken = useCallback(() => setBroken(true), [])
  const { path = '', size = null } = card.file ?? {}
  useEffect(() => setBroken(false), [path])
  const name = path.split('/').at(-1) ?? path
  const src = contentUrl('local', folder, { path })
  // An SVG is a document of its own, which pictures of others shall not be.
  const kind = isBroken || name.toLowerCase().endsWith('.svg') ? 'other' : viewerKind(name)
  return (
    <figure className={css['file']}>
      {kind === 'picture' ? (
        <img src={src} alt={visibleName(name)} draggable={false} loading="lazy" onError={onBroken} />
      ) : kind === 'sound' ? (
        <audio src={src} controls preload="none" className="nodrag" onError={onBroken} />
      ) : kind === 'video' ? (
        <video src={src} controls preload="metadata" className="nodrag" onError={onBroken} />
      ) : kind === 'pdf' ? (
        <PdfFace path={path} onBroken={onBroken} />
      ) : (
        <FileIcon size={36} aria-hidden />
      )}
      <figcaption>
        <Link href={folderPlace(folder, { part: 'view', path })} className="nodrag">
          <span dir="auto">{visibleName(name)}</span>
        </Link>
        {size !== null && <small>{byteWords(size)}</small>}
      </figcaption>
    </figure>
  )
}
