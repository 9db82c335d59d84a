/** `pair`: a one-time code for another device. */
import * as v from 'valibot'
import type { Client } from '@hyper-store/client'
import { Role } from '@hyper-store/client/contract'
import { browserAddress } from '../browser-address.ts'
import type { Run } from '../command-spec.ts'
import { formatSeconds, parseSeconds } from '../format.ts'
import { qrLines } from '../qr.ts'

/** Prints the line to paste on the other device, alone on stdout; with `--browser` the address for it. */
export const runPair: Run = async (context, { options }) => {
  const { output, signal } = context
  const expiresS = parseSeconds(String(options['expires']), '--expires')
  const client = await context.connect()
  const code = await client.createPair({ role: v.parse(Role, options['role']), expiresS }, { signal })
  if (options['browser'] === true) {
    const store = await reachableAt(client, code.line, signal)
    const address = browserAddress(store, code.code)
    output.show({ ...code, address }, () => [address])
    if (output.talkSink.isTTY === true) for (const line of qrLines(address, output.talkSink.columns ?? 80) ?? []) output.talk(line)
    output.talk(`Open this address in the browser of the other device; it works once, within ${formatSeconds(expiresS)}`)
    if (isLoopback(store))
      output.talk('Only this machine reaches this store now: run it with --expose-to-internet, or allow the network in its settings')
    return 0
  }
  output.show(code, () => [code.line])
  output.talk(`Paste this line on the other device; it works once, within ${formatSeconds(expiresS)}`)
  return 0
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname)
}

/** Where the browser of another machine finds this store best; without such an address the one of the line to paste. */
async function reachableAt(client: Client, line: string, signal: AbortSignal): Promise<string> {
  const settings = await client.getSettings({ signal }).catch(() => null)
  return settings?.addresses[0] ?? /^hyper-store set-provider (\S+)#/.exec(line)?.[1] ?? ''
}
