/** The endless surface: pan, zoom, frames, dragging and lines, by xyflow; cards are elements of our own. It and its cards (`card-nodes.ts`, `card-box.tsx`) alone know xyflow. */
import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore as useFlow,
  ViewportPortal,
} from '@xyflow/react'
import type { Edge, NodeChange, ReactFlowProps } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { cardsOf, changeCard, connect, GRID, placeOf, SIZES, snap } from '@hyper-store/client/board'
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import { CardBox } from './card-box.tsx'
import { LatestNodes, type CardNode } from './card-nodes.ts'
import { nameOf } from './cards.tsx'
import { useBoard, useOthers, type OpenBoard } from './open-board.ts'
import { usePresence } from './presence.ts'
import { sidesBetween } from './sides.ts'
import css from './board.module.css'

/** Below this zoom cards are plain boxes with their name; of a board with few cards all is drawn longer. */
const FAR = 0.4
const FAR_OF_FEW = 0.2
const FEW = 150
/** Who writes sees the text at least this large. */
const READABLE = 0.7
/** After so long all cards are drawn for a picture, with what they show. */
const DRAWN_MS = 600
/** Cards of one drag that others see move; all of them are where they belong when it ends. */
const MOST_SEEN = 100
/** What the tools around can do with the surface. */
export interface SurfaceTools {
  /** A place of the window as a place of the board. */
  place(point: { x: number; y: number }): [number, number]
  /** The middle of what is seen. */
  middle(): [number, number]
  zoomIn(): void
  zoomOut(): void
  fit(): void
  edit(id: string): void
  /** Goes to a card. */
  show(id: string): void
  /** All of the board as a PNG; null when it can't be drawn. */
  picture(): Promise<Blob | null>
}

/** Which line is chosen, and what is done with one. */
export interface LineChoice {
  /** Null for none. */
  readonly chosen: string | null
  readonly choose: (line: string | null) => void
  /** Asks for words on it. */
  readonly write: (line: string) => void
}

interface SurfaceProps {
  readonly selected: readonly string[]
  readonly onSelect: (ids: readonly string[]) => void
  readonly onTools: (tools: SurfaceTools) => void
  /** Where lines can be chosen. */
  readonly lines?: LineChoice
  readonly onMenu: (at: { x: number; y: number }, on: { card?: string; line?: string }) => void
  readonly onWrite: (pos: [number, number]) => void
  readonly onComments: (card: string) => void
  /** Somebody whose view is followed. */
  readonly followed?: number | null
  /** This person moved the view. */
  readonly onOwnWay?: () => void
}

// One object for ever each: xyflow asks every card when one of these is another.
const SNAP: [number, number] = [GRID, GRID]
/** The buttons of a mouse that move the view: the middle and the right one. */
const PAN_BUTTONS = [1, 2]
const FIT = { maxZoom: 1, padding: 0.15 } as const
const PRO = { hideAttribution: true } as const
const NODE_TYPES = { card: memo(CardBox) }

/** The surface of the open board. */
export function Surface(props: SurfaceProps): ReactNode {
  return (
    <ReactFlowProvider fitView initialFitViewOptions={FIT}>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow(props: SurfaceProps): ReactNode {
  const { selected, onSelect, lines, onTools, onMenu, onWrite, onComments, followed = null, onOwnWay } = props
  const board = useBoard()
  const { connection, model, mayWrite, author } = board
  const flow = useReactFlow()
  const others = useOthers()
  const [editing, setEditing] = useState<string | null>(null)
  /** For a picture all cards are drawn, not only those that are seen. */
  const [isWhole, setWhole] = useState(false)
  const version = useVersion(board)
  /** Where cards are that are being moved or resized here, until that is written. */
  const [moving, setMoving] = useState<ReadonlyMap<string, { pos?: [number, number]; size?: [number, number] }>>(new Map())
  // xyflow may call with an older closure: what counts is what was last.
  const latest = useRef(moving)
  const present = usePresence(board)

  const onDone = useCallback(() => setEditing(null), [])
  const tools = useMemo(
    (): SurfaceTools => ({
      place: (point) => {
        const { x, y } = flow.screenToFlowPosition(point)
        return [x, y]
      },
      middle: () => {
        const box = document.querySelector('[data-board]')?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight)
        const { x, y } = flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
        return [x, y]
      },
      zoomIn: () => void flow.zoomIn(),
      zoomOut: () => void flow.zoomOut(),
      fit: () => void flow.fitView(FIT),
      edit: (id) => {
        setEditing(id)
        const card = model.card(id)
        if (card === undefined || 'reason' in card || flow.getZoom() >= READABLE) return
        void flow.setCenter(card.pos[0] + card.size[0] / 2, card.pos[1] + card.size[1] / 2, { zoom: 1 })
      },
      show: (id) => {
        const card = model.card(id)
        if (card === undefined || 'reason' in card) return
        void flow.setCenter(card.pos[0] + card.size[0] / 2, card.pos[1] + card.size[1] / 2, { zoom: 1 })
      },
      picture: async () => {
        setWhole(true)
        try {
          const viewport = document.querySelector<HTMLElement>('[data-board] .react-flow__viewport')
          const { pictureOf } = await import('./picture.ts')
          await new Promise((resolve) => setTimeout(resolve, DRAWN_MS))
          const ground = getComputedStyle(viewport?.closest('section') ?? document.body).getPropertyValue('--ground')
          return viewport === null ? null : await pictureOf(viewport, flow.getNodesBounds(flow.getNodes()), ground)
        } finally {
          setWhole(false)
        }
      },
    }),
    [flow, model],
  )
  useEffect(() => {
    onTools(tools)
  }, [tools, onTools])

  // Asked once for all cards: each one that asked would be asked with every frame.
  const far = model.ids.length > FEW ? FAR : FAR_OF_FEW
  const isFar = useFlow(({ transform }) => transform[2] < far) && !isWhole
  const isConnecting = useFlow(({ connection: line }) => line.inProgress)
  // Cards are not seen where they do not stay: the view is fitted to them first, once they are measured.
  const isQueued = useFlow(({ fitViewQueued }) => fitViewQueued)
  const [wasFitted, setFitted] = useState(false)
  useEffect(() => {
    if (!isQueued) setFitted(true)
  }, [isQueued])
  const isFitted = wasFitted || model.ids.length === 0
  const [latestNodes] = useState(() => new LatestNodes())
  const nodes = useMemo((): CardNode[] => {
    void version
    const chosen = new Set(selected)
    const dragged = new Map(others.flatMap((other) => Object.entries(other.drag ?? {}).map(([id, pos]) => [id, { pos, other }] as const)))
    const marked = new Map(others.flatMap((other) => (other.selected ?? []).map((id) => [id, other] as const)))
    return model.ids
      .map((id) => ({ id, card: model.card(id) }))
      .sort((a, b) => (zOf(a.card) < zOf(b.card) ? -1 : 1))
      .map(({ id, card }, order): CardNode => {
        const shown = card !== undefined && !('reason' in card) ? card : null
        const here = moving.get(id)
        const [x, y] = here?.pos ?? dragged.get(id)?.pos ?? shown?.pos ?? placeOf(cardsOf(model.doc).get(id))
        const [width, height] = here?.size ?? shown?.size ?? SIZES.text.first
        const by = marked.get(id) ?? dragged.get(id)?.other ?? null
        return latestNodes.keep({
          id,
          type: 'card',
          // A locked card too has a menu of its own, not that of the ground below it.
          className: 'nopan',
          position: { x, y },
          width,
          height,
          zIndex: order,
          selected: chosen.has(id) && !isWhole,
          draggable: mayWrite && shown?.locked !== true && editing !== id,
          data: {
            isEditing: editing === id,
            onDone,
            onComments,
            isFar,
            isAlone: chosen.size === 1 && chosen.has(id),
            isConnecting,
            by,
          },
          ariaLabel: shown === null ? BOARD.grey : `${BOARD.kinds[shown.type]}: ${nameOf(shown)}`,
        })
      })
  }, [latestNodes, version, model, selected, others, moving, mayWrite, editing, onDone, onComments, isWhole, isFar, isConnecting])

  const edges = useMemo((): Edge[] => {
    void version
    const boxes = new Map(nodes.map(({ id, position, width = 0, height = 0 }) => [id, { ...position, width, height }]))
    return model.connectors.flatMap(({ id, from, to, label }) => {
      const [a, b] = [boxes.get(from), boxes.get(to)]
      if (a === undefined || b === undefined) return []
      const [sourceHandle, targetHandle] = sidesBetween(a, b)
      const said = label === undefined ? {} : { label }
      return [{ id, source: from, target: to, sourceHandle, targetHandle, selected: id === lines?.chosen && !isWhole, ...said }]
    })
  }, [version, model, nodes, lines?.chosen, isWhole])

  const onNodesChange = (changes: readonly NodeChange<CardNode>[]): void => {
    let chosen: Set<string> | null = null
    const moved = new Map(latest.current)
    let isMoved = false
    const written: { id: string; pos?: [number, number]; size?: [number, number] }[] = []
    for (const change of changes) {
      if (change.type === 'select') {
        chosen ??= new Set(selected)
        if (change.selected) chosen.add(change.id)
        else chosen.delete(change.id)
      } else if (change.type === 'position' && change.position !== undefined) {
        isMoved = true
        const pos: [number, number] = [change.position.x, change.position.y]
        if (change.dragging === true) moved.set(change.id, { ...moved.get(change.id), pos })
        else {
          moved.delete(change.id)
          written.push({ id: change.id, pos: snap(pos) })
        }
      } else if (change.type === 'dimensions' && change.dimensions !== undefined && change.resizing !== undefined) {
        isMoved = true
        const size: [number, number] = [change.dimensions.width, change.dimensions.height]
        if (change.resizing) moved.set(change.id, { ...moved.get(change.id), size })
        else {
          moved.delete(change.id)
          written.push({ id: change.id, size: snap(size) })
        }
      }
    }
    if (chosen !== null) onSelect([...chosen])
    if (!isMoved) return
    latest.current = moved
    setMoving(moved)
    const drag = [...moved].flatMap(([id, { pos }]) => (pos === undefined ? [] : [[id, pos] as const]))
    present({ drag: drag.length === 0 ? null : Object.fromEntries(drag.slice(0, MOST_SEEN)) })
    if (written.length > 0 && mayWrite)
      connection.edit((doc) => {
        for (const { id, ...change } of written) changeCard(doc, id, change, { name: author, at: Date.now() })
      })
  }
  useEffect(() => {
    present({ selected: selected.slice(0, MOST_SEEN) })
  }, [selected, present])
  const view = others.find(({ client }) => client === followed)?.view ?? null
  useEffect(() => {
    if (view !== null) void flow.setCenter(view[0], view[1], { zoom: view[2] })
  }, [view, flow])

  const handlers = useSteadyHandlers({
    onNodesChange,
    onConnect({ source, target }) {
      if (mayWrite && source !== target) connection.edit((doc) => connect(doc, source, target))
    },
    onEdgesChange(changes) {
      for (const change of changes) {
        if (change.type !== 'select') continue
        if (change.selected) lines?.choose(change.id)
        else if (change.id === lines?.chosen) lines.choose(null)
      }
    },
    onEdgeDoubleClick(_event, { id }) {
      if (mayWrite) lines?.write(id)
    },
    onEdgeContextMenu(event, { id }) {
      event.preventDefault()
      lines?.choose(id)
      onMenu({ x: event.clientX, y: event.clientY }, { line: id })
    },
    onNodeDoubleClick(_event, { id }) {
      const card = model.card(id)
      if (mayWrite && card !== undefined && !('reason' in card) && card.type === 'text' && card.locked !== true) setEditing(id)
    },
    onPaneClick: () => setEditing(null),
    onPaneContextMenu(event) {
      event.preventDefault()
      onMenu({ x: event.clientX, y: event.clientY }, {})
    },
    onNodeContextMenu(event, { id }) {
      event.preventDefault()
      if (!selected.includes(id)) onSelect([id])
      onMenu({ x: event.clientX, y: event.clientY }, { card: id })
    },
    onMove(event, { x, y, zoom }) {
      // Moved by this person, not by following somebody.
      if (event !== null) onOwnWay?.()
      const box = document.querySelector('[data-board]')?.getBoundingClientRect()
      if (box !== undefined) present({ view: [(box.width / 2 - x) / zoom, (box.height / 2 - y) / zoom, zoom] })
    },
  })

  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      {...handlers}
      onDoubleClick={(event) => {
        if (mayWrite && event.target instanceof Element && event.target.classList.contains('react-flow__pane'))
          onWrite(tools.place({ x: event.clientX, y: event.clientY }))
      }}
      onPointerMove={(event) => present({ pointer: tools.place({ x: event.clientX, y: event.clientY }) })}
      onPointerLeave={() => present({ pointer: null })}
      connectionMode={ConnectionMode.Loose}
      nodesConnectable={mayWrite}
      snapToGrid
      snapGrid={SNAP}
      selectionOnDrag
      panOnDrag={PAN_BUTTONS}
      panOnScroll
      panActivationKeyCode="Space"
      deleteKeyCode={null}
      zoomOnDoubleClick={false}
      minZoom={0.08}
      maxZoom={3}
      onlyRenderVisibleElements={!isWhole}
      elevateNodesOnSelect={false}
      proOptions={PRO}
      aria-label={BOARD.surface}
      className={isFitted ? '' : (css['unfitted'] ?? '')}
      data-board={isFitted ? 'fitted' : ''}
    >
      <Background variant={BackgroundVariant.Dots} gap={GRID} size={1.2} color="var(--board-dot)" />
      <MiniMap
        pannable
        zoomable
        className={css['map'] ?? ''}
        style={{ width: 150, height: 100 }}
        nodeColor="var(--line-2)"
        maskColor="var(--veil)"
      />
      <ViewportPortal>
        {others.map((other) =>
          other.pointer == null ? null : (
            <div
              key={other.client}
              className={css['pointer']}
              data-hue={other.hue}
              style={{ transform: `translate(${other.pointer[0]}px, ${other.pointer[1]}px)` }}
              aria-hidden
            >
              <span>{visibleName(other.name)}</span>
            </div>
          ),
        )}
      </ViewportPortal>
    </ReactFlow>
  )
}

type Handlers = Required<
  Pick<
    ReactFlowProps<CardNode>,
    | 'onNodesChange'
    | 'onConnect'
    | 'onEdgesChange'
    | 'onEdgeDoubleClick'
    | 'onEdgeContextMenu'
    | 'onNodeDoubleClick'
    | 'onPaneClick'
    | 'onPaneContextMenu'
    | 'onNodeContextMenu'
    | 'onMove'
  >
>

/** The same functions for ever, which do what the newest ones do: xyflow draws every card anew when it is given another one. */
function useSteadyHandlers(handlers: Handlers): Handlers {
  const latest = useRef(handlers)
  useLayoutEffect(() => {
    latest.current = handlers
  })
  return useMemo(
    (): Handlers => ({
      onNodesChange: (changes) => latest.current.onNodesChange(changes),
      onConnect: (connection) => latest.current.onConnect(connection),
      onEdgesChange: (changes) => latest.current.onEdgesChange(changes),
      onEdgeDoubleClick: (event, edge) => latest.current.onEdgeDoubleClick(event, edge),
      onEdgeContextMenu: (event, edge) => latest.current.onEdgeContextMenu(event, edge),
      onNodeDoubleClick: (event, node) => latest.current.onNodeDoubleClick(event, node),
      onPaneClick: (event) => latest.current.onPaneClick(event),
      onPaneContextMenu: (event) => latest.current.onPaneContextMenu(event),
      onNodeContextMenu: (event, node) => latest.current.onNodeContextMenu(event, node),
      onMove: (event, view) => latest.current.onMove(event, view),
    }),
    [],
  )
}

function zOf(card: ReturnType<OpenBoard['model']['card']>): string {
  return card === undefined || 'reason' in card ? '' : card.z
}

/** A number that changes with the board. Changes of one moment are one. */
function useVersion({ model }: OpenBoard): number {
  const [counter] = useState(() => {
    let count = 0
    return {
      get: () => count,
      subscribe: (listener: () => void) =>
        model.subscribe(() => {
          count++
          listener()
        }),
    }
  })
  return useSyncExternalStore(counter.subscribe, counter.get)
}
