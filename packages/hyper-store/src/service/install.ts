/** Installs the store as a service of the system or of one user: first a plan of files and commands, then its steps. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { jobText, LAUNCHD_LABEL } from './install-launchd.ts'
import { SYSTEM_USER, sysusersText, UNIT_NAME, unitText } from './install-systemd.ts'
import { ledFolder } from './led.ts'
import { runProgram } from './run-program.ts'

/** Whose service: `user` runs in a session and reaches that user's folders; `system` runs from the start, as a user of its own. */
export type Scope = 'user' | 'system'

/** Where services are described on a machine. */
export interface InstallPlace {
  readonly scope: Scope
  readonly platform: NodeJS.Platform
  /** Home folder of the user who installs; default: of this process. */
  readonly userFolder?: string | undefined
  /** Number of that user, for launchd; default: of this process. */
  readonly uid?: number | undefined
  /** XDG_CONFIG_HOME, when it is set. */
  readonly configFolder?: string | undefined
}

/** What shall run. */
export interface InstallRequest extends InstallPlace {
  /** Options of run-service. */
  readonly args: readonly string[]
  /** Absolute path of Node. */
  readonly execPath: string
  /** Absolute path of the program's start file. */
  readonly binPath: string
  /** Home of the store. Null is the usual one of a system service, /var/lib/hyper-store. */
  readonly home: string | null
  /** Folders outside the home that a system service on Linux may write: what it shares or clones into. */
  readonly writable?: readonly string[] | undefined
}

/** Files to write, then commands to run, then sentences for the user. */
export interface InstallPlan {
  readonly files: readonly { readonly path: string; readonly text: string; readonly mode: number }[]
  readonly commands: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

/** Commands that stop the service (they may fail: it may not be there), files to remove, then commands to run. */
export interface UninstallPlan {
  readonly stop: readonly (readonly string[])[]
  readonly removes: readonly string[]
  readonly commands: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

/** What can be asked of an installed service. */
export type ServiceVerb = 'status' | 'start' | 'stop' | 'logs'

const SYSTEM_HOME = '/var/lib/hyper-store'
const SYSUSERS_FILE = '/etc/sysusers.d/hyper-store.conf'

/** Says what an installation would do; does nothing. @throws UNSUPPORTED_PLATFORM; USAGE for arguments that a service can't have */
export function planInstall(request: InstallRequest): InstallPlan {
  for (const path of [request.execPath, request.binPath, request.home ?? '/', ...(request.writable ?? [])]) {
    if (!isAbsolute(path)) throw new AppError('USAGE', { reason: `"${path}" is not an absolute path` })
  }
  const command = [request.execPath, request.binPath, 'run-service', ...request.args]
  if (request.platform === 'linux') return planSystemd(request, command)
  if (request.platform === 'darwin') return planLaunchd(request, command)
  throw unsupported(request.platform)
}

/** Says what removing the service would do; the store's data stays. @throws UNSUPPORTED_PLATFORM */
export function planUninstall(place: InstallPlace): UninstallPlan {
  const notes = ['The store keeps its identity and data; remove its home by hand if nothing shall be left']
  if (place.platform === 'linux') {
    const system = place.scope === 'system'
    return {
      stop: [[...systemctl(place.scope), 'disable', '--now', UNIT_NAME]],
      removes: [unitPath(place), ...(system ? [SYSUSERS_FILE] : [])],
      commands: [[...systemctl(place.scope), 'daemon-reload']],
      notes: system ? [...notes, `The user ${SYSTEM_USER} stays, since the data belongs to it`] : notes,
    }
  }
  if (place.platform === 'darwin') {
    return { stop: [['launchctl', 'bootout', `${launchDomain(place)}/${LAUNCHD_LABEL}`]], removes: [jobPath(place)], commands: [], notes }
  }
  throw unsupported(place.platform)
}

/** Carries a plan out, in its order. @throws FORBIDDEN when a right is missing; COMMAND_FAILED */
export async function applyInstall(plan: InstallPlan): Promise<void> {
  for (const file of plan.files) {
    await withRights(file.path, async () => {
      await mkdir(dirname(file.path), { recursive: true })
      await writeFile(file.path, file.text, { mode: file.mode })
    })
  }
  for (const command of plan.commands) await runOrThrow(command)
}

/** Carries the removal out; a service that is not there is removed as well. @throws FORBIDDEN; COMMAND_FAILED */
export async function applyUninstall(plan: UninstallPlan): Promise<void> {
  for (const command of plan.stop) await run(command)
  for (const path of plan.removes) await withRights(path, () => rm(path, { force: true }))
  for (const command of plan.commands) await runOrThrow(command)
}

/** The commands behind `hyper-store service <verb>`; their output is for the user. @throws UNSUPPORTED_PLATFORM */
export function serviceCommands(place: InstallPlace & { readonly home: string }, verb: ServiceVerb): string[][] {
  if (place.platform === 'linux') {
    if (verb === 'logs') {
      return [['journalctl', place.scope === 'user' ? `--user-unit=${UNIT_NAME}` : `--unit=${UNIT_NAME}`, '--lines=200', '--no-pager']]
    }
    return [[...systemctl(place.scope), ...(verb === 'status' ? ['--no-pager', 'status'] : [verb]), UNIT_NAME]]
  }
  if (place.platform === 'darwin') {
    const domain = launchDomain(place)
    const commands: Record<ServiceVerb, string[]> = {
      status: ['launchctl', 'print', `${domain}/${LAUNCHD_LABEL}`],
      start: ['launchctl', 'bootstrap', domain, jobPath(place)],
      stop: ['launchctl', 'bootout', `${domain}/${LAUNCHD_LABEL}`],
      logs: ['tail', '-n', '200', join(place.home, 'service.log')],
    }
    return [commands[verb]]
  }
  throw unsupported(place.platform)
}

function planSystemd(request: InstallRequest, command: string[]): InstallPlan {
  const system = request.scope === 'system'
  const led = optionValue(request.args, '--led')
  // systemd makes and owns the usual home itself.
  const home = system && request.home === SYSTEM_HOME ? null : request.home
  const port = Number(optionValue(request.args, '--port') ?? 3472)
  const text = unitText({
    scope: request.scope,
    command,
    home,
    writable: request.writable ?? [],
    led: led === null ? null : ledFolder(led),
    lowPort: port > 0 && port < 1024,
  })
  return {
    files: [
      ...(system ? [{ path: SYSUSERS_FILE, text: sysusersText(), mode: 0o644 }] : []),
      { path: unitPath(request), text, mode: 0o644 },
    ],
    commands: [
      ...(system ? [['systemd-sysusers', SYSUSERS_FILE]] : []),
      ...(system && home !== null ? [['install', '-d', '-m', '700', '-o', SYSTEM_USER, '-g', SYSTEM_USER, home]] : []),
      [...systemctl(request.scope), 'daemon-reload'],
      [...systemctl(request.scope), 'enable', UNIT_NAME],
      // Restart and not start: a second installation brings new options into effect.
      [...systemctl(request.scope), 'restart', UNIT_NAME],
    ],
    notes: system ? systemNotes(request) : userNotes(request),
  }
}

function systemNotes(request: InstallRequest): string[] {
  const home = request.home ?? SYSTEM_HOME
  const notes = [`Commands to this store: sudo -u ${SYSTEM_USER} env HYPER_STORE_HOME=${home} hyper-store …`]
  if ([request.execPath, request.binPath].some(isInUserFolder)) {
    notes.push(
      `${request.binPath} and Node must be readable by the user ${SYSTEM_USER}; better install both for all users (sudo npm install -g hyper-store)`,
    )
  }
  for (const folder of request.writable ?? []) {
    notes.push(`${folder} must exist, and the user ${SYSTEM_USER} must be able to write it`)
  }
  return notes
}

function userNotes(request: InstallRequest): string[] {
  const notes = ['It runs while you are logged in; to run it from the start of the machine: loginctl enable-linger']
  if (/\/(\.nvm|\.fnm|\.volta|\.asdf)\//.test(request.execPath)) {
    notes.push(`It uses ${request.execPath}; run install-service again after you update Node`)
  }
  return notes
}

function planLaunchd(request: InstallRequest, command: string[]): InstallPlan {
  const home =
    request.home ?? (request.scope === 'system' ? SYSTEM_HOME : join(userFolder(request), 'Library/Application Support/hyper-store'))
  return {
    files: [{ path: jobPath(request), text: jobText({ command, home, logFile: join(home, 'service.log') }), mode: 0o644 }],
    commands: [['launchctl', 'bootstrap', launchDomain(request), jobPath(request)]],
    notes: [],
  }
}

function unitPath(place: InstallPlace): string {
  if (place.scope === 'system') return join('/etc/systemd/system', UNIT_NAME)
  return join(place.configFolder ?? join(userFolder(place), '.config'), 'systemd/user', UNIT_NAME)
}

function jobPath(place: InstallPlace): string {
  const file = `${LAUNCHD_LABEL}.plist`
  return place.scope === 'system' ? join('/Library/LaunchDaemons', file) : join(userFolder(place), 'Library/LaunchAgents', file)
}

function launchDomain(place: InstallPlace): string {
  return place.scope === 'system' ? 'system' : `gui/${place.uid ?? process.getuid?.() ?? 0}`
}

function systemctl(scope: Scope): string[] {
  return scope === 'user' ? ['systemctl', '--user'] : ['systemctl']
}

function userFolder(place: InstallPlace): string {
  return place.userFolder ?? homedir()
}

function isInUserFolder(path: string): boolean {
  return /^\/(home|root|Users)\//.test(path)
}

/** Value of `--name value` or `--name=value`; null when it is not given. */
function optionValue(args: readonly string[], name: string): string | null {
  for (const [position, word] of args.entries()) {
    if (word === name) return args[position + 1] ?? null
    if (word.startsWith(`${name}=`)) return word.slice(name.length + 1)
  }
  return null
}

async function run(command: readonly string[]): Promise<string | null> {
  const [program = '', ...args] = command
  const { problem, stderr } = await runProgram(program, args, { timeoutMs: 6 * 60_000 })
  return problem === null ? null : [problem, stderr.trim().slice(0, 500)].filter((text) => text !== '').join(': ')
}

async function runOrThrow(command: readonly string[]): Promise<void> {
  const reason = await run(command)
  if (reason !== null) throw new AppError('COMMAND_FAILED', { command: command.join(' '), reason })
}

async function withRights(path: string, step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    throw new AppError('FORBIDDEN', { reason: `${path} may not be written; run the command with sudo, or use --user` }, { cause: error })
  }
}

function unsupported(platform: string): AppError {
  return new AppError('UNSUPPORTED_PLATFORM', {
    reason: `Services are installed with systemd on Linux and launchd on macOS, not on ${platform}`,
    cure: 'Start hyper-store run-service with the means of this system',
  })
}
