/** Answers a completion script: asks the store of this home, if one runs and answers at once, and prints what may come next. */
import { completionLines } from './completions.ts'
import type { KnownNames } from './completions.ts'
import { findService, resolveHome } from './home.ts'

/** Somebody waits with a finger on the key. */
const PATIENCE_MS = 400

/** Prints completions of `words`, the last of which is being typed. Never fails. */
export async function complete(words: readonly string[]): Promise<void> {
  const known = await knownNames(AbortSignal.timeout(PATIENCE_MS)).catch((): KnownNames => ({ folders: [], providers: [] }))
  for (const line of completionLines(words, known)) process.stdout.write(`${line}\n`)
}

async function knownNames(signal: AbortSignal): Promise<KnownNames> {
  const client = await findService(resolveHome(undefined, process.env), signal)
  if (client === null) return { folders: [], providers: [] }
  const [items, providers] = await Promise.all([client.listFolders({ signal }), client.listProviders({ signal })])
  return {
    folders: items.map(({ path, title, kind }) => ({ name: path ?? title, text: kind })),
    providers: providers.map(({ name }) => name),
  }
}
