/** Bytes of a file as text, in pieces; what is no UTF-8 is an error with its line. */
import { badRow } from './file-row.ts'

/** The text of UTF-8 without its byte order mark. Throws BAD_ROW. */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  const decode = (part?: Uint8Array): string => {
    try {
      return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })
    } catch {
      throw badRow(line + (part === undefined ? 0 : linesBeforeFault(part)), 'is not UTF-8')
    }
  }
  for await (const part of bytes) {
    const text = decode(part)
    line += newlines(text)
    yield text
  }
  yield decode()
}

/** Lines without their newline; nothing else ends a line, so that JSON may hold any other character. Throws BAD_ROW for one of more than `most` characters. */
export async function* splitLines(text: AsyncIterable<string>, most: number): AsyncGenerator<string, void> {
  let rest = ''
  let line = 0
  for await (const part of text) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > most) throw badRow(line + lines.length + 1, 'is too long')
    line += lines.length
    yield* lines
  }
  if (rest !== '') yield rest
}

function newlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Lines that end before the first byte that is no UTF-8; a character that was cut at the begin of the part counts for none. */
function linesBeforeFault(part: Uint8Array): number {
  const text = new TextDecoder().decode(part)
  const fault = text.slice(1).indexOf('\uFFFD')
  return newlines(fault === -1 ? text : text.slice(0, fault + 1))
}
