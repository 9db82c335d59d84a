/** `completion`: the script that makes a shell ask this program what may come next; see `completions.ts` for the answers. */
import { script } from '@bomb.sh/tab'
import type { Run } from '../command-spec.ts'
import { required } from '../references.ts'

/** Prints the script of a shell. */
export const runCompletion: Run = async (_context, { args: [shell] }) => {
  script(required(shell), 'hyper-store', 'hyper-store')
  return 0
}
