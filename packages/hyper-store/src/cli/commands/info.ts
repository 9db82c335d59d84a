/** `info`: what a link is; without one, everything that is kept. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { createOutput } from '../output.ts'
import { factLines, keptFacts, keptRow, thingFacts } from '../thing-lines.ts'
import { findThing } from '../thing-ref.ts'

const LOOK_MS = 1000
const UP = (lines: number) => `\u001B[${lines}A\u001B[0J`

/** Prints once, or with `--live` again whenever something changed, until it is interrupted. */
export const runInfo: Run = async (context, { args: [text], options }) => {
  const { output, signal } = context
  const long = options['long'] === true
  const look = () => (text === undefined ? lookAtAll(context, long) : lookAt(context, text, long))
  const first = await look()
  for (const line of first) output.line(line)
  if (options['live'] !== true) return 0
  output.talk('Ctrl-C ends it')
  for (let shown = first; !signal.aborted;) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    const now = await look()
    if (now.join('\n') === shown.join('\n')) continue
    // Redrawn in place on a terminal, and told anew elsewhere.
    if (output.terminal && !output.json) process.stdout.write(UP(shown.length))
    for (const line of now) output.line(line)
    shown = now
  }
  return 0
}

async function lookAt(context: Context, text: string, long: boolean): Promise<string[]> {
  const { output } = context
  const { thing } = await findThing(context, text)
  return output.json ? [JSON.stringify(thing)] : factLines(thingFacts(thing, long), output)
}

async function lookAtAll(context: Context, long: boolean): Promise<string[]> {
  const { output, signal } = context
  const items = await (await context.connect()).listFolders({ signal })
  const facts = items.map(keptFacts)
  if (items.length === 0) output.talk('Nothing is kept here yet; hyper-store add <folder|link> changes that')
  if (output.json) return facts.map((one) => JSON.stringify(one))
  const lines: string[] = []
  // Aligned as tables are, but kept, so that they can be compared and redrawn.
  const collect = { isTTY: output.terminal, write: (line: string) => void lines.push(line.replace(/\n$/, '')) }
  createOutput({ json: false, quiet: false, verbose: false, stdout: collect }).table(facts.map((one) => keptRow(one, long, output)))
  return lines
}
