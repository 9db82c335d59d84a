/** The program: reads the arguments, runs the command, and turns how it ended into an exit code. */
import { readFileSync } from 'node:fs'
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import { CommanderError } from 'commander'
import type { CommandSpec, Invocation } from './command-spec.ts'
import { createContext } from './context.ts'
import { resolveHome } from './home.ts'
import { resolveName } from './names.ts'
import { createOutput } from './output.ts'
import type { Output } from './output.ts'
import { createProgram } from './program.ts'

/** Runs one command line (without node and the program's own name). Resolves with the exit code and never throws. */
export async function main(argv: string[]): Promise<number> {
  // What completion scripts call at each press of a key: no command, and in no help.
  if (argv[0] === 'complete' && argv[1] === '--') {
    const { complete } = await import('./complete.ts')
    await complete(argv.slice(2))
    return 0
  }
  // What prints a usage mistake must be known before the arguments were understood.
  const has = (flag: string) => argv.includes(flag)
  let output = createOutput({ json: has('--json') || has('--background'), quiet: has('--quiet'), verbose: has('--verbose') })
  let home = ''
  let code = 0
  const interrupt = new AbortController()
  // A reader that has seen enough (`| head`) is no mistake of anybody.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const program = createProgram({
    version: programVersion(),
    write: (text) => void process.stdout.write(text),
    async dispatch(spec, invocation, globals) {
      home = resolveHome(globals['home'] as string | undefined, process.env)
      const homeGiven = globals['home'] !== undefined || Boolean(process.env['HYPER_STORE_HOME'])
      const flags = { json: globals['json'] === true, quiet: globals['quiet'] === true, verbose: globals['verbose'] === true }
      // A service in the background tells the command that started it why it failed, through its log.
      output = createOutput({ ...flags, json: flags.json || invocation.options['background'] === true })
      if (spec.name !== 'run-service') onInterrupt(interrupt)
      const start = globals['start'] !== false
      const context = createContext({ home, homeGiven, output, signal: interrupt.signal, env: process.env, start })
      const run = await spec.load()
      code = await run(context, { ...invocation, args: await resolvedArgs(spec, invocation.args) })
    },
  })
  try {
    if (argv.length === 0) {
      process.stderr.write(program.helpInformation())
      return ERRORS.USAGE.exit
    }
    await program.parseAsync(argv[0] === '--version' ? ['-V'] : argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      return report(output, usage(error))
    }
    return report(
      output,
      interrupt.signal.aborted && errorCode(error) === undefined ? new AppError('CANCELLED', {}, { cause: error }) : error,
      home,
    )
  }
}

/** Names in links become keys before a command sees them; what is no reference to a thing (a value, a phrase) stays as it is. */
async function resolvedArgs(spec: CommandSpec, args: Invocation['args']): Promise<Invocation['args']> {
  const names = (spec.arguments ?? []).map(({ name }) => name)
  const isReference = (i: number) => /link|folder|path|source|table|thing/.test(names[i] ?? names.at(-1) ?? '')
  return Promise.all(args.map(async (arg, i) => (arg === undefined || !isReference(i) ? arg : resolveName(arg, process.env))))
}

/** The first Ctrl-C ends the command in order, the second at once. */
function onInterrupt(interrupt: AbortController): void {
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function usage(error: CommanderError): AppError {
  const [first = '', ...rest] = error.message
    .replace(/^error: /, '')
    .split('\n')
    .map((line) => line.replace(/\.$/, ''))
  const hint = rest.join(' ').replace(/[()?]/g, '').trim()
  const help = error.code === 'commander.unknownCommand' ? 'hyper-store --help lists the commands' : 'see --help'
  return new AppError('USAGE', { reason: `${first}; ${hint === '' ? help : hint.charAt(0).toLowerCase() + hint.slice(1)}` })
}

function report(output: Output, error: unknown, home = ''): number {
  const stack = error instanceof Error ? stackOf(error) : String(error)
  const code = errorCode(error)
  let told: AppError
  if (code === undefined) told = new AppError('DEFECT', { reason: error instanceof Error ? error.message : String(error) })
  // The user thinks in homes, the client in addresses.
  else if (code === 'SERVICE_UNREACHABLE') told = new AppError(code, { ...(error as AppError).data, home })
  else told = error as AppError
  output.error(told, stack)
  return ERRORS[told.code].exit
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own
}

function programVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
