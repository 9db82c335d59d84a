/** Asks for a passphrase: from the environment for scripts, else on the terminal without showing it. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from './context.ts'

const VARIABLE = 'HYPER_STORE_PASSPHRASE'

/** The passphrase of HYPER_STORE_PASSPHRASE, else typed on the terminal, `twice` for one that is new. Throws USAGE, CANCELLED. */
export async function readPassphrase(context: Context, { twice }: { twice: boolean }): Promise<string> {
  const given = context.env[VARIABLE]
  if (given !== undefined && given !== '') return given
  if (!process.stdin.isTTY || !process.stderr.isTTY || context.output.json)
    throw new AppError('USAGE', { reason: `A passphrase is needed; run this on a terminal, or set ${VARIABLE}` })
  const passphrase = await ask(context, twice ? 'New passphrase for the backup: ' : 'Passphrase of the backup: ')
  if (twice && (await ask(context, 'The same again: ')) !== passphrase)
    throw new AppError('USAGE', { reason: 'The two passphrases are not the same; try again' })
  return passphrase
}

async function ask({ signal }: Context, question: string): Promise<string> {
  const interrupt = new AbortController()
  // What is typed is echoed to this instead of the screen.
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: hidden, terminal: true, historySize: 0 })
  lines.once('SIGINT', () => interrupt.abort())
  lines.once('close', () => interrupt.abort())
  process.stderr.write(question)
  try {
    return await lines.question('', { signal: AbortSignal.any([signal, interrupt.signal]) })
  } catch (error) {
    if (interrupt.signal.aborted || signal.aborted) throw new AppError('CANCELLED', {}, { cause: error })
    throw error
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
