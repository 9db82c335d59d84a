/** Shapes of the search over all that a store keeps. */
import * as v from 'valibot'
import { BoardId, CardType } from './boards.ts'

/** `limit`: of each kind, at most 50; default 10. */
export const SearchQuery = v.strictObject({
  query: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,3}$/))),
})

/** A board whose title has the text. */
export const FoundBoard = v.object({ folder: v.string(), folderTitle: v.string(), id: BoardId, title: v.string(), archived: v.boolean() })
export type FoundBoard = v.InferOutput<typeof FoundBoard>
/** A card with the text in one of its texts; `text`: the part around it. */
export const FoundCard = v.object({
  folder: v.string(),
  board: BoardId,
  boardTitle: v.string(),
  id: v.string(),
  type: CardType,
  text: v.string(),
})
export type FoundCard = v.InferOutput<typeof FoundCard>
/** A file or folder whose name has the text. */
export const FoundFile = v.object({ folder: v.string(), folderTitle: v.string(), path: v.string(), kind: v.string() })
export type FoundFile = v.InferOutput<typeof FoundFile>
/** A member of a folder. */
export const FoundPerson = v.object({ folder: v.string(), folderTitle: v.string(), id: v.string(), name: v.string(), you: v.boolean() })
export type FoundPerson = v.InferOutput<typeof FoundPerson>

/** What was found, by kind. */
export const Found = v.object({
  boards: v.array(FoundBoard),
  cards: v.array(FoundCard),
  files: v.array(FoundFile),
  people: v.array(FoundPerson),
})
export type Found = v.InferOutput<typeof Found>
