/** Reads rows from one JSON text: an object of values by key, or an array of rows. Held in memory is one row at a time. */
import { ROW_CHARS, badRow, checkedRow, rowOf } from './file-row.ts'
import type { FileRow } from './file-row.ts'

/** Rows in the order of the file. Throws BAD_ROW. */
export async function* readJson(text: AsyncIterable<string>): AsyncGenerator<FileRow, void> {
  let row = 0
  for await (const { member, line, inObject } of membersOf(text)) {
    row += 1
    const which = `row ${row}`
    let found: unknown
    try {
      found = JSON.parse(inObject ? `{${member}}` : member)
    } catch {
      throw badRow(line, 'is not JSON', which)
    }
    if (!inObject) yield rowOf(found, line, which)
    else for (const [key, value] of Object.entries(found as object)) yield checkedRow({ line, key, type: 'json', value }, which)
  }
}

interface Member {
  /** An element of the array, or `"key": value` of the object. */
  readonly member: string
  /** Line where it begins. */
  readonly line: number
  readonly inObject: boolean
}

/** Splits the outermost array or object into its members; what is inside of them is left to who parses them. */
async function* membersOf(text: AsyncIterable<string>): AsyncGenerator<Member, void> {
  let opened: '[' | '{' | null = null
  let closed = false
  let depth = 0
  let inString = false
  let escaped = false
  let line = 1
  let held = ''
  /** Line where the member begins that is being read; 0 before its first character. */
  let began = 0
  let commas = 0
  for await (const part of text) {
    let from = 0
    for (let at = 0; at < part.length; at += 1) {
      const char = part.charAt(at)
      if (char === '\n') line += 1
      if (inString) {
        if (escaped) escaped = false
        else if (char === '\\') escaped = true
        else if (char === '"') inString = false
        continue
      }
      if (char === ' ' || char === '\n' || char === '\r' || char === '\t') continue
      if (closed) throw badRow(line, 'goes on after its end', 'the JSON')
      if (opened === null) {
        if (char !== '[' && char !== '{') throw badRow(line, 'is neither an array nor an object', 'the JSON')
        opened = char
        from = at + 1
        continue
      }
      const ends = depth === 0 && (char === ']' || char === '}')
      if (!ends && !(depth === 0 && char === ',')) {
        if (began === 0) began = line
        if (char === '"') inString = true
        else if (char === '[' || char === '{') depth += 1
        else if (char === ']' || char === '}') depth -= 1
        continue
      }
      if (ends && char !== (opened === '[' ? ']' : '}')) throw badRow(line, 'ends with the wrong bracket', 'the JSON')
      // Nothing at all between the brackets is an empty table; nothing beside a comma is a mistake.
      if (began === 0 && !(ends && commas === 0)) throw badRow(line, 'has a comma too many', 'the JSON')
      if (began !== 0) yield { member: held + part.slice(from, at), line: began, inObject: opened === '{' }
      held = ''
      from = at + 1
      began = 0
      if (ends) closed = true
      else commas += 1
    }
    if (opened === null || closed) continue
    held += part.slice(from)
    if (held.length > ROW_CHARS) throw badRow(began === 0 ? line : began, 'is too long', 'a row')
  }
  if (!closed) throw badRow(line, 'ends before it is whole', 'the JSON')
}
