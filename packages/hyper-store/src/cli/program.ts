/** Builds the commander program from the table of commands. */
import { Argument, Command, Option } from 'commander'
import type { CommandSpec, Invocation, OptionSpec } from './command-spec.ts'
import { COMMANDS, GLOBAL_OPTIONS } from './command-table.ts'

/** Called with the command that the user chose. */
type Dispatch = (spec: CommandSpec, invocation: Invocation, globals: Record<string, unknown>) => Promise<void>

/** Where commander writes help and version, and what is chosen. */
export interface ProgramOptions {
  readonly version: string
  readonly write: (text: string) => void
  readonly dispatch: Dispatch
}

/** The program. Its `parseAsync` throws CommanderError for help, version and usage mistakes. */
export function createProgram({ version, write, dispatch }: ProgramOptions): Command {
  const program = new Command('hyper-store')
    .description('A Dropbox that you own: folders stay in step between your devices, and a box of yours keeps them.')
    .usage('<command> [arguments] [options]')
    // Not --version, which `restore` takes: main reads it when it is the first argument.
    .version(version, '-V', 'print the version; also --version as the first argument')
    .helpOption('-h, --help', 'print help, of a command too')
    .exitOverride()
    // Usage mistakes are one sentence, which main prints.
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'Print help of a command')
    .addHelpText('after', '\nExamples:\n  $ hyper-store add ./photos raspberry\n  $ hyper-store wait ./photos raspberry')
  for (const option of GLOBAL_OPTIONS) program.addOption(makeOption(option))
  const finish: Dispatch = (spec, invocation) => dispatch(spec, invocation, program.opts())
  for (const { heading, commands } of COMMANDS) {
    program.commandsGroup(`${heading}:`)
    for (const spec of commands) addCommand(program, spec, finish)
  }
  return program
}

function addCommand(parent: Command, spec: CommandSpec, dispatch: Dispatch): void {
  const command = parent.command(spec.name).description(`${spec.summary}.`).summary(spec.summary)
  for (const { name, text, choices } of spec.arguments ?? []) {
    const argument = new Argument(name, text)
    command.addArgument(choices === undefined ? argument : argument.choices(choices))
  }
  for (const option of spec.options ?? []) command.addOption(makeOption(option))
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  $ ${example}`).join('\n')}`)
  command.action(async () => {
    const args = command.processedArgs.flat() as (string | undefined)[]
    const given = Object.entries(command.opts<Record<string, string | boolean | string[]>>())
    const lists = Object.fromEntries(given.filter((entry): entry is [string, string[]] => Array.isArray(entry[1])))
    const options = Object.fromEntries(given.filter((entry): entry is [string, string | boolean] => !Array.isArray(entry[1])))
    await dispatch(spec, { args, options, lists }, {})
  })
  for (const sub of spec.subcommands ?? []) addCommand(command, sub, dispatch)
}

function makeOption({ flags, text, choices, fallback, repeatable, hidden }: OptionSpec): Option {
  const option = new Option(flags, text)
  // Not variadic, which would swallow the arguments that follow.
  if (repeatable === true) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
  if (choices !== undefined) option.choices(choices)
  if (fallback !== undefined) option.default(fallback)
  return hidden === true ? option.hideHelp() : option
}
