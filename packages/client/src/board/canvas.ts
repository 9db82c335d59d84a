/** Boards as JSON Canvas (jsoncanvas.org, version 1.0), both ways. */
import * as v from 'valibot'
import type * as Y from 'yjs'
import type { Board, BoardColour, Card, NewCard } from '../contract/boards.ts'
import { addCards, connect, type BoardAuthor } from './document.ts'

/** Most nodes of a canvas that are taken. */
const MOST_NODES = 5000

const number = v.pipe(v.number(), v.finite())
const Node = v.object({
  id: v.string(),
  type: v.string(),
  x: number,
  y: number,
  width: number,
  height: number,
  color: v.optional(v.string()),
  text: v.optional(v.string()),
  file: v.optional(v.string()),
  url: v.optional(v.string()),
  label: v.optional(v.string()),
})
const Edge = v.object({ id: v.string(), fromNode: v.string(), toNode: v.string(), label: v.optional(v.string()) })
const Canvas = v.object({ nodes: v.optional(v.array(v.unknown()), []), edges: v.optional(v.array(v.unknown()), []) })
type Node = v.InferOutput<typeof Node>

/** The six preset colours of JSON Canvas, as ours. */
const COLOURS: ReadonlyMap<string, BoardColour> = new Map([
  ['1', 'coral'],
  ['2', 'amber'],
  ['3', 'lemon'],
  ['4', 'mint'],
  ['5', 'sky'],
  ['6', 'lilac'],
])

/** The board as text of JSON Canvas. What that format has no node for becomes text. */
export function boardToCanvas(board: Board): string {
  const presets = new Map([...COLOURS].map(([preset, colour]) => [colour, preset]))
  const nodes = board.items.map((card) => {
    // Whole pixels: that format knows no others.
    const [x, y] = whole(card.pos)
    const [width, height] = whole(card.size)
    const preset = card.colour === undefined ? undefined : presets.get(card.colour)
    return { id: card.id, x, y, width, height, ...(preset === undefined ? {} : { color: preset }), ...contentOf(card) }
  })
  const edges = board.connectors.map(({ id, from, to, label }) => ({
    id,
    fromNode: from,
    toNode: to,
    ...(label === undefined ? {} : { label }),
  }))
  return `${JSON.stringify({ nodes, edges }, null, 2)}\n`
}

function whole([one, other]: readonly [number, number]): [number, number] {
  return [Math.round(one), Math.round(other)]
}

function contentOf(card: Card): Readonly<Record<string, string>> {
  if (card.file !== undefined) return { type: 'file', file: card.file.path }
  if (card.type === 'link') return { type: 'link', url: card.url ?? '' }
  if (card.type === 'thread')
    return { type: 'text', text: [card.title ?? '', ...(card.messages ?? []).map(({ by, text }) => `${by}: ${text}`)].join('\n\n') }
  return { type: 'text', text: card.text ?? card.title ?? card.name ?? card.path ?? card.table ?? '' }
}

/** Puts the nodes and edges of a JSON Canvas on a board as cards and connectors; gives how many cards. Throws RangeError, in words, for text that is none. */
export function canvasToBoard(doc: Y.Doc, canvas: string, author: BoardAuthor): number {
  const { nodes, edges } = parsed(canvas)
  const ids = new Map<string, string>()
  let cards = 0
  doc.transact(() => {
    const read = nodes.slice(0, MOST_NODES).map((one) => v.safeParse(Node, one))
    const known = read.flatMap((node) => (node.success ? [node.output] : []))
    const made = addCards(
      doc,
      known.map((node) => cardOf(node)),
      author,
    )
    cards = made.length
    for (const [i, { id }] of known.entries()) ids.set(id, made[i] as string)
    for (const one of edges.slice(0, MOST_NODES)) {
      const edge = v.safeParse(Edge, one)
      if (!edge.success) continue
      const from = ids.get(edge.output.fromNode)
      const to = ids.get(edge.output.toNode)
      if (from !== undefined && to !== undefined) connect(doc, from, to, edge.output.label)
    }
  })
  return cards
}

function parsed(canvas: string): v.InferOutput<typeof Canvas> {
  let value: unknown
  try {
    value = JSON.parse(canvas)
  } catch (error) {
    throw new RangeError('the canvas is no JSON', { cause: error })
  }
  const found = v.safeParse(Canvas, value)
  if (!found.success || Array.isArray(value)) throw new RangeError('the file is no JSON Canvas')
  return found.output
}

function cardOf(node: Node): NewCard {
  const colour = COLOURS.get(node.color ?? '')
  const place = {
    pos: [node.x, node.y] as [number, number],
    size: [node.width, node.height] as [number, number],
    ...(colour === undefined ? {} : { colour }),
  }
  if (node.type === 'file' && node.file !== undefined)
    return { type: 'file', ...place, file: { path: node.file.slice(0, 1000), size: null, mime: mimeOf(node.file) } }
  if (node.type === 'link' && node.url !== undefined) return { type: 'link', ...place, url: node.url.slice(0, 1000) }
  return { type: 'text', ...place, text: (node.text ?? node.label ?? '').slice(0, 100_000) }
}

/** What pictures, sounds and films are called by; a card of any other file shows its name. */
const MIMES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['mp3', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['pdf', 'application/pdf'],
])
/** Type of a file by the end of its name. */
export function mimeOf(path: string): string {
  return MIMES.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'application/octet-stream'
}
