/** Small questions of a board: a name, an address; and what is in its trash. */
import type { Card } from '@hyper-store/client'
import { useEffect, useState, type ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { TextField } from '../../kit/form.tsx'
import { BOARD } from '../../words/board.ts'
import { nameOf } from './cards.tsx'
import { useBoard } from './open-board.ts'
import css from './board.module.css'

/** Asks for one line of text; `mayBeEmpty`: nothing is an answer too. */
export function Ask(props: {
  title: string
  label: string
  first: string
  mayBeEmpty?: boolean
  onAnswer: (text: string) => void
  onClose: () => void
}): ReactNode {
  const [text, setText] = useState(props.first)
  const isAnswer = props.mayBeEmpty === true || text.trim() !== ''
  return (
    <Dialog open title={props.title} onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!isAnswer) return
          props.onAnswer(text.trim().slice(0, 1000))
          props.onClose()
        }}
      >
        <TextField label={props.label} value={text} onChange={(event) => setText(event.target.value)} autoFocus />
        <p className={css['foot']}>
          <Button tone="main" type="submit" disabled={!isAnswer}>
            {props.title}
          </Button>
        </p>
      </form>
    </Dialog>
  )
}

/** What was deleted and can be brought back. */
export function Trash({ onClose, onBack }: { readonly onClose: () => void; readonly onBack: (id: string) => void }): ReactNode {
  const { model, id, mayWrite } = useBoard()
  const [cards, setCards] = useState<readonly Card[]>(() => model.board(id).trash)
  useEffect(() => model.subscribe(() => setCards(model.board(id).trash)), [model, id])
  return (
    <Dialog open title={BOARD.trash} onClose={onClose}>
      {cards.length === 0 && <p>{BOARD.trashEmpty}</p>}
      <ul className={css['trash']}>
        {cards.map((card) => (
          <li key={card.id}>
            <span dir="auto">
              {BOARD.kinds[card.type]}: {nameOf(card)}
            </span>
            {mayWrite && (
              <Button small onClick={() => onBack(card.id)}>
                {BOARD.bringBack}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
