/** Questions to the user before something that can't be taken back. */
import { createInterface } from 'node:readline/promises'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from './context.ts'

/**
 * Asks `question` on a terminal and throws CANCELLED unless the answer is yes. Where nobody can answer (pipes, `--json`), and with
 * `yes`, it asks nothing: a script means what it says.
 */
export async function confirm({ output, signal }: Context, question: string, yes: boolean): Promise<void> {
  if (yes || output.json || !process.stdin.isTTY || output.talkSink.isTTY !== true) return
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new AppError('CANCELLED')
  } finally {
    lines.close()
  }
}
