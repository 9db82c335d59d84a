/** An open board for the parts below its screen. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { CardStates, type CardState } from './card-states.ts'
import { BoardConnection, type BoardLink, type ConnectionState, type Presence } from './connection.ts'
import { BoardModel, type Shown } from './model.ts'

/** What cards and tools work with. */
export interface OpenBoard {
  readonly folder: string
  readonly id: string
  readonly connection: BoardLink
  readonly model: BoardModel
  /** Null for a board of the past. */
  readonly states: CardStates | null
  readonly mayWrite: boolean
  /** Name of this person as others see it. */
  readonly author: string
}

export const BoardContext = createContext<OpenBoard | null>(null)

/** The board that is open. */
export function useBoard(): OpenBoard {
  const board = useContext(BoardContext)
  if (board === null) throw new Error('no board is open here')
  return board
}

/** Opens a board as long as the component stands; null until then. */
export function useOpening(folder: string, id: string, may: { readonly mayWrite: boolean; readonly author: string }): OpenBoard | null {
  const [open, setOpen] = useState<Pick<OpenBoard, 'connection' | 'model' | 'states'> | null>(null)
  useEffect(() => {
    const connection = new BoardConnection(folder, id)
    const model = new BoardModel(connection.doc)
    const states = new CardStates(connection)
    setOpen({ connection, model, states })
    return () => {
      states.close()
      model.close()
      connection.close()
      setOpen(null)
    }
  }, [folder, id])
  return open === null ? null : { folder, id, ...open, ...may }
}

/** How the connection stands, live. */
export function useConnection(connection: BoardLink): ConnectionState {
  return useSyncExternalStore(connection.subscribe, () => connection.state)
}

/** One card, live. */
export function useCard(id: string): Shown | undefined {
  const { model } = useBoard()
  return useSyncExternalStore(
    (listener) => model.subscribeCard(id, listener),
    () => model.card(id),
  )
}

/** Where the newest edit of a card is, live; null: everywhere, as far as is known. */
export function useCardState(id: string): CardState | null {
  const { states } = useBoard()
  return useSyncExternalStore(
    (listener) => states?.subscribe(listener) ?? nothing,
    () => states?.of(id) ?? null,
  )
}
const nothing = (): void => undefined

/** Others who look at the board. */
export interface Other extends Presence {
  readonly client: number
}

/** Others who look at the board, live. What they say of themselves is not trusted. */
export function useOthers(): readonly Other[] {
  const { connection } = useBoard()
  const [others, setOthers] = useState<readonly Other[]>([])
  useEffect(() => {
    let frame = 0
    const read = (): void => {
      frame = 0
      const found: Other[] = []
      for (const [client, state] of connection.awareness.getStates()) {
        const other = client === connection.doc.clientID ? null : readPresence(state)
        if (other !== null) found.push({ client, ...other })
      }
      setOthers(found)
    }
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(read)
    }
    connection.awareness.on('change', soon)
    soon()
    return () => {
      connection.awareness.off('change', soon)
      if (frame !== 0) cancelAnimationFrame(frame)
    }
  }, [connection])
  return others
}

/** Presence as it came from outside; null for what is none. */
function readPresence(state: Readonly<Record<string, unknown>>): Presence | null {
  const { name, hue, pointer, selected, drag, view } = state
  if (typeof name !== 'string') return null
  return {
    name: name.slice(0, 100),
    hue: typeof hue === 'number' && Number.isInteger(hue) ? (Math.abs(hue) % 8) + 1 : 1,
    pointer: isPlace(pointer) ? pointer : null,
    view: isView(view) ? view : null,
    selected: Array.isArray(selected) ? selected.filter((id): id is string => typeof id === 'string').slice(0, 1000) : [],
    drag:
      typeof drag === 'object' && drag !== null
        ? Object.fromEntries(Object.entries(drag).filter((entry): entry is [string, [number, number]] => isPlace(entry[1])))
        : null,
  }
}

function isPlace(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number' && Number.isFinite(part))
}

function isView(value: unknown): value is readonly [number, number, number] {
  return Array.isArray(value) && isPlace(value.slice(0, 2)) && typeof value[2] === 'number' && value[2] > 0 && value[2] < 10
}
