/** `set-provider`, `get-provider`, `list-providers`, `unset-provider`: stores that the user controls, by name. */
import { createInterface } from 'node:readline/promises'
import type { Client, Provider } from '@hyper-store/client'
import { errorCode } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { plain } from '../output.ts'
import type { Output } from '../output.ts'
import { required } from '../references.ts'

const UNNAMED = 'default'

/** Names a provider after the store checked it; on a terminal a code is asked for when one is wanted. */
export const runSetProvider: Run = async (context, { args: [target, name = UNNAMED] }) => {
  const client = await context.connect()
  const provider = await setProvider(context, client, { target: required(target), name })
  context.output.show(provider, () => [])
  if (!context.output.json) context.output.table([row(provider, context.output).slice(0, 3)])
  return 0
}

async function setProvider(context: Context, client: Client, given: { target: string; name: string }): Promise<Provider> {
  const { signal } = context
  try {
    return await client.setProvider(given.name, { target: given.target }, { signal })
  } catch (error) {
    const mayAsk = process.stdin.isTTY && process.stderr.isTTY && !context.output.json && !given.target.includes('#')
    if (errorCode(error) !== 'UNAUTHENTICATED' || !mayAsk) throw error
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      const code = await lines.question(`Code (hyper-store pair on ${given.name} prints one): `, { signal })
      return await client.setProvider(given.name, { target: `${given.target}#${code.trim()}` }, { signal })
    } finally {
      lines.close()
    }
  }
}

/** Prints the address of a provider, or its device key when it has none. */
export const runGetProvider: Run = async (context, { args: [name = UNNAMED] }) => {
  const client = await context.connect()
  const provider = name === 'local' ? await localProvider(client, context) : await client.getProvider(name, context)
  context.output.show(provider, () => [provider.url ?? provider.deviceKey ?? ''])
  return 0
}

/** Prints every provider; the store of this machine is `local`. */
export const runListProviders: Run = async (context) => {
  const { output } = context
  const client = await context.connect()
  const named = await client.listProviders(context)
  const all = named.some((one) => one.name === 'local') ? named : [await localProvider(client, context), ...named]
  if (output.json) for (const provider of all) output.show(provider, () => [])
  else output.table(all.map((provider) => row(provider, output)))
  return 0
}

/** Forgets a provider. */
export const runUnsetProvider: Run = async (context, { args: [name = UNNAMED] }) => {
  const done = await (await context.connect()).unsetProvider(name, context)
  context.output.show(done, () => [])
  context.output.talk(`${name} is forgotten here; what it keeps stays there`)
  return 0
}

async function localProvider(client: Client, { signal }: Context): Promise<Provider> {
  const { url, deviceKey, role } = await client.getStore({ signal })
  return { name: 'local', url: url ?? null, deviceKey, role, reachable: true }
}

function row({ name, url, deviceKey, role, reachable }: Provider, output: Output): string[] {
  const answer = reachable ? output.paint('good', 'reachable') : output.paint('warn', 'not reachable')
  return [plain(name), url ?? deviceKey ?? '', role ?? 'no right yet', answer]
}
