/** `open`: the page of this store in the browser of this machine. */
import { spawn } from 'node:child_process'
import { AppError } from '@hyper-store/client/contract'
import { browserAddress } from '../browser-address.ts'
import type { Run } from '../command-spec.ts'
import type { Context } from '../context.ts'

/** A page that is opened at once needs its code no longer. */
const EXPIRES_S = 60

/** Opens the page logged in; prints its address where there is no browser to open. */
export const runOpen: Run = async (context, { options }) => {
  const { output, signal } = context
  const client = await context.connect()
  const { url } = await client.getStore({ signal })
  if (url === undefined) throw new AppError('DEFECT', { reason: 'the store told no address' })
  const { code } = await client.createPair({ role: 'owner', expiresS: EXPIRES_S }, { signal })
  const address = browserAddress(url, code)
  const isShown = await showAddress(context, address, options['print'] === true)
  if (!isShown) output.talk(`Open this address in a browser of this machine within ${EXPIRES_S} s; it works once`)
  return 0
}

/** Opens an address in the browser of this machine; prints it where there is none, or only that is wanted, and gives false. */
export async function showAddress({ env, output }: Context, address: string, printOnly: boolean): Promise<boolean> {
  const isShown = !printOnly && !output.json && hasDisplay(env) && (await openInBrowser(address, env))
  if (isShown) output.talk('The page opens in your browser')
  else output.show({ address }, () => [address])
  return isShown
}

/** Over a connection from another machine a browser would open where nobody sits. */
function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32') return true
  if (process.platform === 'darwin') return env['SSH_CONNECTION'] === undefined
  return [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '')
}

/** False when that could not be begun. */
async function openInBrowser(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [command, ...args] =
    process.platform === 'win32'
      ? (['rundll32', 'url.dll,FileProtocolHandler', address] as const)
      : ([process.platform === 'darwin' ? 'open' : 'xdg-open', address] as const)
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: 'ignore', detached: true, windowsHide: true })
    child.once('error', () => resolve(false))
    // The browser may be the child itself, and stay.
    const timer = setTimeout(() => resolve(true), 2000)
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(code === 0)
    })
    child.unref()
  })
}
