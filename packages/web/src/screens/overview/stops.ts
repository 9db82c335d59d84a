/** What a stop for safety is about, read from its sentence: what a person is asked then differs. */

/** `missing` and `unreadable`: nothing can be confirmed; the others wait for a word. */
export type StopCause = 'missing' | 'unreadable' | 'replaced' | 'gone-here' | 'gone-elsewhere' | 'other'

/** A stop, as it is shown. */
export interface Stop {
  readonly cause: StopCause
  /** Files that went, and of how many; null when the sentence tells no numbers. */
  readonly gone: number | null
  readonly of: number | null
  /** What happened, without what the command line would do about it. */
  readonly reason: string
}

const CAUSES: readonly (readonly [StopCause, RegExp])[] = [
  ['missing', /^The folder on disk is missing/],
  ['unreadable', /^The folder on disk cannot be read/],
  ['replaced', /^Another folder or disk stands/],
  ['gone-here', /^All (\d+) files of the folder are gone/],
  ['gone-here', /^(\d+) of (\d+) files are gone/],
  ['gone-elsewhere', /^Another device deleted (\d+) of (\d+) files/],
]

/** Reads the sentence of STOPPED_FOR_SAFETY. */
export function stopOf(message: string): Stop {
  const reason = (message.split('; nothing was deleted')[0] ?? message).trim()
  for (const [cause, pattern] of CAUSES) {
    const found = pattern.exec(reason)
    if (found === null) continue
    const gone = found[1] === undefined ? null : Number(found[1])
    return { cause, gone, of: found[2] === undefined ? gone : Number(found[2]), reason }
  }
  return { cause: 'other', gone: null, of: null, reason }
}
