/** Shapes of boards: what the API takes and gives. The document behind them is in `@hyper-store/client/board`. */
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const time = v.pipe(v.number(), v.integer(), v.minValue(0))
const text = v.pipe(v.string(), v.maxLength(100_000))
const short = v.pipe(v.string(), v.maxLength(1000))
const place = v.tuple([v.pipe(v.number(), v.finite()), v.pipe(v.number(), v.finite())])

/** Id of a board: 16 hex characters. */
export const BoardId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))
export type BoardId = v.InferOutput<typeof BoardId>

/** The 18 colours of a board's ground and of cards; the page has a value of each for every theme. */
export const BOARD_COLOURS = [
  'snow',
  'oldlace',
  'cream',
  'sky',
  'powder',
  'mint',
  'herb',
  'fir',
  'lemon',
  'amber',
  'peach',
  'coral',
  'rose',
  'lilac',
  'plum',
  'slate',
  'ash',
  'ink',
] as const
export const BoardColour = v.picklist(BOARD_COLOURS)
export type BoardColour = v.InferOutput<typeof BoardColour>

/** Kinds of cards. `file` shows itself by its type: picture, sound, film, PDF, anything else. */
export const CARD_TYPES = ['text', 'thread', 'link', 'file', 'folder', 'table', 'board', 'contact'] as const
export const CardType = v.picklist(CARD_TYPES)
export type CardType = v.InferOutput<typeof CardType>

/** A board in a list. */
export const BoardSummary = v.object({
  id: BoardId,
  title: v.string(),
  colour: BoardColour,
  /** Cards that are not in the trash. */
  cards: count,
  /** Time of the newest change, milliseconds since 1970; null when nobody wrote yet. */
  changedAt: v.nullable(time),
  /** True for one that was put away. */
  archived: v.boolean(),
})
export type BoardSummary = v.InferOutput<typeof BoardSummary>
export const BoardList = v.object({ boards: v.array(BoardSummary) })

/** Where a file lies: in the folder of the board. Its bytes are never in the board. */
export const CardFile = v.object({ path: short, size: v.nullable(count), mime: v.pipe(v.string(), v.maxLength(200)) })
export type CardFile = v.InferOutput<typeof CardFile>

/** One line of a thread, or one comment. */
export const Message = v.object({ id: v.string(), by: v.string(), at: time, text })
export type Message = v.InferOutput<typeof Message>

/** A card as users see it. Fields that its type does not use are left out. */
export const Card = v.object({
  id: v.string(),
  type: CardType,
  /** Left upper corner on the board, in pixels. */
  pos: place,
  size: place,
  /** Order of drawing: later text is above (fractional index). */
  z: v.string(),
  colour: v.optional(BoardColour),
  /** Who made it, and when. */
  by: v.string(),
  at: time,
  /** When it was put into the trash. */
  deletedAt: v.optional(time),
  locked: v.optional(v.boolean()),
  /** Title of a thread, link or file. */
  title: v.optional(v.string()),
  /** Of a text card: its text without formats. */
  text: v.optional(v.string()),
  url: v.optional(v.string()),
  description: v.optional(v.string()),
  file: v.optional(CardFile),
  /** Path of a folder card in the folder. */
  path: v.optional(v.string()),
  /** Link of a table card. */
  table: v.optional(v.string()),
  /** Id of the board that a board card leads to. */
  board: v.optional(BoardId),
  /** Name of a contact card. */
  name: v.optional(v.string()),
  messages: v.optional(v.array(Message)),
  comments: v.optional(v.array(Message)),
})
export type Card = v.InferOutput<typeof Card>

/** A card that can't be shown: why, in one sentence. */
export const GreyCard = v.object({ id: v.string(), reason: v.string(), pos: place })
export type GreyCard = v.InferOutput<typeof GreyCard>

/** A line from one card to another. */
export const Connector = v.object({ id: v.string(), from: v.string(), to: v.string(), label: v.optional(v.string()) })
export type Connector = v.InferOutput<typeof Connector>

/** All of a board. */
export const Board = v.object({
  ...BoardSummary.entries,
  /** By `z`; those in the trash are left out. */
  items: v.array(Card),
  grey: v.array(GreyCard),
  connectors: v.array(Connector),
  trash: v.array(Card),
})
export type Board = v.InferOutput<typeof Board>

export const CreateBoard = v.strictObject({
  title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  colour: v.optional(BoardColour),
})
export type CreateBoard = v.InferOutput<typeof CreateBoard>
export const ChangeBoard = v.strictObject({
  title: v.optional(CreateBoard.entries.title),
  colour: v.optional(BoardColour),
  archived: v.optional(v.boolean()),
})
export type ChangeBoard = v.InferOutput<typeof ChangeBoard>

/** A new card: its type and what that type needs; place and size are chosen when left out. */
export const NewCard = v.strictObject({
  type: CardType,
  pos: v.optional(place),
  size: v.optional(place),
  colour: v.optional(BoardColour),
  title: v.optional(short),
  text: v.optional(text),
  url: v.optional(short),
  file: v.optional(CardFile),
  path: v.optional(short),
  table: v.optional(short),
  board: v.optional(BoardId),
  name: v.optional(short),
})
export type NewCard = v.InferOutput<typeof NewCard>
/** What may be changed of a card; `text` replaces all of a text card's text, `say` adds a line to a thread, `deleted` moves to the trash and back. */
export const ChangeCard = v.strictObject({
  pos: v.optional(place),
  size: v.optional(place),
  colour: v.optional(v.nullable(BoardColour)),
  locked: v.optional(v.boolean()),
  title: v.optional(short),
  text: v.optional(text),
  url: v.optional(short),
  description: v.optional(short),
  say: v.optional(text),
  deleted: v.optional(v.boolean()),
})
export type ChangeCard = v.InferOutput<typeof ChangeCard>

/** What one device holds of the edits of a board. */
export const BoardHolder = v.object({
  /** Key of the device. */
  device: v.string(),
  name: v.string(),
  /** Edits (blocks of logs) that are known here and that it is not known to hold. 0: it has all. */
  behind: count,
  online: v.boolean(),
  /** When it said so, milliseconds since 1970; null for what it says now. */
  at: v.nullable(time),
})
export type BoardHolder = v.InferOutput<typeof BoardHolder>
/** Who holds what of a folder's boards, this device left out. */
export const BoardSaved = v.object({
  /** Logs that were cut at a block that does not parse: whose, and why. */
  quarantined: v.array(v.object({ device: v.string(), name: v.string(), reason: v.string() })),
  holders: v.array(BoardHolder),
})
export type BoardSaved = v.InferOutput<typeof BoardSaved>

/** Some time in which a board was changed without a longer pause; times are by the clocks of the writers. */
export const BoardMoment = v.object({
  since: time,
  at: time,
  /** Blocks that were written then. */
  edits: count,
  /** Names of the devices that wrote. */
  by: v.array(v.string()),
})
export type BoardMoment = v.InferOutput<typeof BoardMoment>
/** Newest first, at most 500. */
export const BoardHistory = v.object({ moments: v.array(BoardMoment) })
/** `at`: milliseconds since 1970. */
export const PastBoardQuery = v.strictObject({ at: v.pipe(v.string(), v.regex(/^\d{1,15}$/)) })
/** A board as it was; `state` is the whole document as a Yjs update, in base64. */
export const PastBoard = v.object({ board: Board, state: v.pipe(v.string(), v.base64()) })
export type PastBoard = v.InferOutput<typeof PastBoard>
/** Bring a board back to what it was at a moment. */
export const RestoreBoard = v.strictObject({ at: time })

/** An address of the web. */
export const AskPreview = v.strictObject({ url: short })
/** What a page says of itself, as text: title, a sentence or two, and the site. '' for what it does not say. */
export const LinkPreview = v.object({ url: v.string(), title: v.string(), description: v.string(), site: v.string() })
export type LinkPreview = v.InferOutput<typeof LinkPreview>

export const ExportQuery = v.strictObject({ format: v.optional(v.picklist(['json', 'canvas', 'html']), 'json') })
export const ExportedBoard = v.object({ fileName: v.string(), mime: v.string(), text: v.string() })
/** The text of a JSON Canvas; a body has 1 MiB at most. */
export const ImportBoard = v.strictObject({ canvas: v.string() })
/** Forms in which a board can be taken out. */
export type BoardFormat = 'json' | 'canvas' | 'html'
