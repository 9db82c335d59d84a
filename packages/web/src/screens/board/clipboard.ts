/** Copy, cut and paste of cards, and paste of what comes from elsewhere. */
import type { Card, NewCard } from '@hyper-store/client'
import { useEffect, useRef } from 'react'
import { isWriting } from '../../kit/keys.ts'
import { nameOf } from './cards.tsx'
import { parseAddress } from './address.ts'
import { useBoard } from './open-board.ts'
import { copyOf } from './use-deeds.ts'

const STEP = 20
const CLIP = 'application/x-hyper-store-cards+json'

/** Copy, cut and paste of cards; paste of text, links, pictures and files. */
export function useClipboard(deeds: {
  readonly selected: readonly string[]
  readonly isOn: boolean
  put: (card: NewCard, pos?: [number, number]) => string
  upload: (files: readonly File[]) => Promise<void>
  remove: (ids: readonly string[]) => void
}): void {
  const { model, folder } = useBoard()
  const latest = useRef(deeds)
  useEffect(() => {
    latest.current = deeds
  })
  useEffect(() => {
    const onCopy = (event: ClipboardEvent): void => {
      const { selected, isOn, remove } = latest.current
      if (isWriting() || selected.length === 0 || event.clipboardData === null) return
      const cards = selected.map((id) => model.card(id)).filter((card): card is Card => card !== undefined && !('reason' in card))
      event.clipboardData.setData(CLIP, JSON.stringify(cards))
      event.clipboardData.setData('text/plain', cards.map((card) => card.text ?? card.url ?? nameOf(card)).join('\n\n'))
      event.preventDefault()
      if (event.type === 'cut' && isOn) remove(selected)
    }
    const onPaste = (event: ClipboardEvent): void => {
      const { isOn, put, upload } = latest.current
      if (!isOn || isWriting() || event.clipboardData === null) return
      const { clipboardData } = event
      const cards = clipboardData.getData(CLIP)
      const text = clipboardData.getData('text/plain').trim()
      event.preventDefault()
      if (cards !== '')
        for (const card of copied(cards)) put(card, card.pos === undefined ? undefined : [card.pos[0] + STEP, card.pos[1] + STEP])
      else if (clipboardData.files.length > 0) void upload([...clipboardData.files])
      else if (parseAddress(text)?.board != null && parseAddress(text)?.folder === folder)
        put({ type: 'board', board: parseAddress(text)?.board ?? '' })
      else if (/^https?:\/\/\S+$/.test(text)) put({ type: 'link', url: text })
      else if (text !== '') put({ type: 'text', text })
    }
    addEventListener('copy', onCopy)
    addEventListener('cut', onCopy)
    addEventListener('paste', onPaste)
    return () => {
      removeEventListener('copy', onCopy)
      removeEventListener('cut', onCopy)
      removeEventListener('paste', onPaste)
    }
  }, [model, folder])
}

/** Cards out of a clipboard, as new ones. */
function copied(text: string): NewCard[] {
  try {
    return (JSON.parse(text) as readonly Card[]).map((card) => copyOf(card))
  } catch {
    return []
  }
}
