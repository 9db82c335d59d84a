/** `pair`: a one-time code for another device. */
import * as v from 'valibot'
import { Role } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { formatSeconds, parseSeconds } from '../format.ts'

/** Prints the line to paste on the other device, alone on stdout. */
export const runPair: Run = async (context, { options }) => {
  const { output, signal } = context
  const expiresS = parseSeconds(String(options['expires']), '--expires')
  const client = await context.connect()
  const code = await client.createPair({ role: v.parse(Role, options['role']), expiresS }, { signal })
  output.show(code, () => [code.line])
  output.talk(`Paste this line on the other device; it works once, within ${formatSeconds(expiresS)}`)
  return 0
}
