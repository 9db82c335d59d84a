/** `stat`: all facts of a file, folder, row or of the whole thing. */
import type { Run } from '../command-spec.ts'
import { required } from '../references.ts'
import { entryFacts, factLines, thingFacts, valueBytes } from '../thing-lines.ts'
import { findThing } from '../thing-ref.ts'
import { rowAt } from './cat.ts'
import { countOf } from './history.ts'
import { AppError } from '@hyper-store/client/contract'
import { plain } from '../output.ts'

/** Prints a fact a line. */
export const runStat: Run = async (context, { args: [text], options }) => {
  const { output } = context
  const found = await findThing(context, required(text), countOf(options['version'], '--version') ?? null)
  const { thing, entry, path } = found
  if (entry !== null) output.show(entry, () => factLines(entryFacts(entry), output))
  else if (path === '') output.show(thing, () => factLines(thingFacts(thing, true), output))
  else if (thing.kind !== 'table') throw new AppError('NOT_FOUND', { what: `"${path}" in what is no folder` })
  else {
    const row = await rowAt(context, found)
    const facts: [string, string][] = [
      ['key', plain(row.key)],
      ['kind', 'row'],
      ['type', row.type],
      ['size', String(valueBytes(row).byteLength)],
      ['version', String(row.version)],
      ['changed', row.at ?? '-'],
      ...(row.device === undefined ? [] : [['device', plain(row.device)] as [string, string]]),
    ]
    output.show(row, () => factLines(facts, output))
  }
  return 0
}
