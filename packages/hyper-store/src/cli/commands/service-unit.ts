/** `install-service`, `uninstall-service` and `service`: the store as a service of the system, or in the background. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, ERRORS } from '@hyper-store/client/contract'
import type { OptionValues, Run } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { formatMoment } from '../format.ts'
import { isAlive, readServiceFile } from '../home.ts'
import { required } from '../references.ts'
import { PROGRAM, logPath, startService } from '../start-service.ts'
import { readServiceOptions, storageLocation } from './run-service.ts'

const SYSTEM_HOME = '/var/lib/hyper-store'
const STOP_MS = 60_000
const LOG_LINES = 200

type Scope = 'user' | 'system'

/** Writes, enables and starts the unit; `--print` only shows it. */
export const runInstallService: Run = async (context, { options }) => {
  const { output } = context
  const { applyInstall, planInstall } = await import('../../service/install.ts')
  const place = placeOf(context, scopeOf(options))
  const home = storageLocation(options) ?? (place.scope === 'system' && !context.homeGiven ? null : context.home)
  const plan = planInstall({ ...place, execPath: process.execPath, binPath: PROGRAM, home, args: serviceArguments(options) })
  if (options['print'] === true) {
    output.show(plan, ({ files }) => files.flatMap(({ path, text }) => [...(files.length > 1 ? [`# ${path}`] : []), text.trimEnd()]))
    return 0
  }
  await applyInstall(plan)
  output.show({ ok: true, ...plan }, () => [])
  output.talk(`The service is installed and runs: ${plan.files.map(({ path }) => path).join(', ')}`)
  for (const note of plan.notes) output.talk(note)
  return 0
}

/** Stops and removes the unit; `--print` only shows what would be done. */
export const runUninstallService: Run = async (context, { options }) => {
  const { output } = context
  const { applyUninstall, planUninstall } = await import('../../service/install.ts')
  const plan = planUninstall(placeOf(context, scopeOf(options)))
  if (options['print'] === true) {
    const words = (commands: typeof plan.stop) => commands.map((command) => command.join(' '))
    output.show(plan, ({ stop, removes, commands }) => [...words(stop), ...removes.map((file) => `rm ${file}`), ...words(commands)])
    return 0
  }
  await applyUninstall(plan)
  output.show({ ok: true, ...plan }, () => [])
  for (const note of plan.notes) output.talk(note)
  return 0
}

/** `service status|start|stop|logs` of this home. */
export const runService: Run = async (context, { args: [action] }) => {
  switch (required(action)) {
    case 'start':
      return start(context)
    case 'stop':
      return stop(context)
    case 'logs':
      return logs(context)
    default:
      return status(context)
  }
}

async function status(context: Context): Promise<number> {
  const { home, output } = context
  const running = (await context.connectIfRunning()) !== null
  const file = running ? await readServiceFile(home) : null
  const unit = (await installedUnit(context))?.scope ?? null
  const facts = { running, url: file?.url ?? null, pid: file?.pid ?? null, startedAt: file?.startedAt ?? null, home, unit }
  output.show(facts, () => [
    file === null
      ? `not running (${home})`
      : `running at ${file.url} (process ${file.pid}) since ${formatMoment(file.startedAt)}${unit === null ? '' : `, installed as a ${unit} service`}`,
  ])
  return running ? 0 : ERRORS.SERVICE_UNREACHABLE.exit
}

async function start(context: Context): Promise<number> {
  if ((await context.connectIfRunning()) !== null) {
    context.output.talk('It runs already')
    return 0
  }
  const unit = await installedUnit(context)
  if (unit === null) await startService(context.home, context.signal)
  else await runCommands(unit.start)
  context.output.talk('It runs')
  return 0
}

async function stop(context: Context): Promise<number> {
  const { home, output, signal } = context
  const file = await readServiceFile(home)
  const unit = await installedUnit(context)
  const client = await context.connectIfRunning()
  // A unit that is told by the API to stop would be started again by the system.
  if (unit !== null) await runCommands(unit.stop)
  else if (client !== null) await client.stopService({ signal })
  else {
    output.talk('No service runs on this home')
    return 0
  }
  if (file !== null) await untilGone(file.pid, signal)
  output.talk('It is stopped')
  return 0
}

async function untilGone(pid: number, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + STOP_MS; isAlive(pid); await sleep(50, undefined, { signal })) {
    if (Date.now() > deadline) throw new AppError('TIMED_OUT', { seconds: STOP_MS / 1000, missing: `process ${pid} still runs` })
  }
}

async function logs(context: Context): Promise<number> {
  const unit = await installedUnit(context)
  if (unit !== null) {
    await runCommands(unit.logs)
    return 0
  }
  const file = logPath(context.home)
  const text = await readFile(file, 'utf8').catch(() => '')
  for (const line of text.trimEnd().split('\n').slice(-LOG_LINES)) if (line !== '') context.output.line(line)
  if (text === '') context.output.talk(`There is no log yet at ${file}`)
  return 0
}

interface InstalledUnit {
  readonly scope: Scope
  readonly start: string[][]
  readonly stop: string[][]
  readonly logs: string[][]
}

/** The unit that runs this home, when one is installed. */
async function installedUnit(context: Context): Promise<InstalledUnit | null> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return null
  const { planUninstall, serviceCommands } = await import('../../service/install.ts')
  for (const scope of ['user', 'system'] as const) {
    const place = placeOf(context, scope)
    const [file = ''] = planUninstall(place).removes
    const text = await readFile(file, 'utf8').catch(() => null)
    // A unit names its home, or lets the system choose.
    const chosen = scope === 'system' && context.home === SYSTEM_HOME && text?.includes('%S/hyper-store') === true
    if (text === null || !(chosen || text.includes(context.home))) continue
    const [start, stop, logs] = (['start', 'stop', 'logs'] as const).map((verb) => serviceCommands({ ...place, home: context.home }, verb))
    return { scope, start: start ?? [], stop: stop ?? [], logs: logs ?? [] }
  }
  return null
}

async function runCommands(commands: readonly (readonly string[])[]): Promise<void> {
  for (const [command = '', ...words] of commands) {
    const child = spawn(command, words, { stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new AppError('COMMAND_FAILED', { command: [command, ...words].join(' '), reason: `it ended with ${code}` })
  }
}

function placeOf({ env }: Context, scope: Scope): { scope: Scope; platform: NodeJS.Platform; configFolder?: string } {
  const config = env['XDG_CONFIG_HOME']
  return { scope, platform: process.platform, ...(config ? { configFolder: config } : {}) }
}

function scopeOf(options: OptionValues): Scope {
  if (options['user'] === true && options['system'] === true) throw new AppError('USAGE', { reason: 'Choose one of --user and --system' })
  return options['system'] === true ? 'system' : 'user'
}

/** The options of run-service as words, so that the unit runs what the user asked for; defaults are left to the program. */
function serviceArguments(options: OptionValues): string[] {
  const { port, host, exposeToInternet, open, name, lanOnly, noLan, bootstrap, hooks } = readServiceOptions(options)
  const words: string[] = []
  if (port !== 3472) words.push('--port', String(port))
  if (host !== '127.0.0.1') words.push('--host', host)
  if (exposeToInternet) words.push('--expose-to-internet')
  if (open) words.push('--open')
  if (name !== null) words.push('--name', name)
  if (lanOnly) words.push('--lan-only')
  if (noLan) words.push('--no-lan')
  if (bootstrap.length > 0) words.push('--bootstrap', bootstrap.join(','))
  if (hooks.exec !== undefined) words.push('--on-complete', hooks.exec)
  if (hooks.webhook !== undefined) words.push('--webhook', hooks.webhook)
  if (hooks.notify === true) words.push('--notify')
  if (hooks.led !== undefined) words.push('--led', hooks.led)
  return words
}
