/** What may come next on a command line, as the scripts of `completion` ask it: commands, options, and names that the store knows. */
import { RootCommand, ShellCompDirective } from '@bomb.sh/tab'
import type { Command, Complete } from '@bomb.sh/tab'
import type { CommandSpec, OptionSpec } from './command-spec.ts'
import { COMMANDS, GLOBAL_OPTIONS } from './command-table.ts'

/** Names that a store knows. */
export interface KnownNames {
  readonly folders: readonly { readonly name: string; readonly text: string }[]
  readonly providers: readonly string[]
}

type Said = readonly (readonly [value: string, text: string])[]

/**
 * The lines that a completion script wants for the words typed so far: `value<TAB>text`, and a last line `:directive`. Where nothing of
 * ours fits a word that may be a path, the shell completes files.
 */
export function completionLines(words: readonly string[], known: KnownNames): string[] {
  const root = new RootCommand()
  for (const option of GLOBAL_OPTIONS) addOption(root, option)
  for (const { commands } of COMMANDS) for (const spec of commands) addCommand(root, spec, { path: '', known })
  const lines = linesOf(() => root.parse([...words]))
  if (lines.length > 1 || words.at(-1)?.startsWith('-') === true) return lines
  return [`:${ShellCompDirective.ShellCompDirectiveDefault}`]
}

function addCommand(root: RootCommand, spec: CommandSpec, at: { path: string; known: KnownNames }): void {
  const path = `${at.path}${spec.name}`
  const command = root.command(path, spec.summary)
  for (const option of spec.options ?? []) if (option.hidden !== true) addOption(command, option)
  for (const { name, choices } of spec.arguments ?? []) {
    const said = choices === undefined ? namesFor(name, at.known) : choices.map((choice) => [choice, ''] as const)
    command.argument(name, sayAll(said), name.includes('...'))
  }
  for (const sub of spec.subcommands ?? []) addCommand(root, sub, { ...at, path: `${path} ` })
}

function addOption(command: Command, { flags, text, choices }: OptionSpec): void {
  const long = /--([\w-]+)/.exec(flags)?.[1]
  if (long === undefined) return
  const takesValue = /[<[]/.test(flags)
  if (takesValue) command.option(long, text, sayAll((choices ?? []).map((choice) => [choice, ''] as const)))
  else command.option(long, text)
}

function namesFor(argument: string, { folders, providers }: KnownNames): Said {
  if (/provider/.test(argument)) return providers.map((name) => [name, 'provider'] as const)
  if (/folder|link|path|thing|ref|^.[ab].$/.test(argument)) return folders.map(({ name, text }) => [name, text] as const)
  return []
}

function sayAll(said: Said): (complete: Complete) => void {
  return (complete) => {
    for (const [value, text] of said) complete(value, text)
  }
}

/** The package prints its answers: they are caught before they get out, as the last line is to be another one at times. */
function linesOf(say: () => void): string[] {
  const { stdout } = process
  const write = stdout.write.bind(stdout)
  let text = ''
  stdout.write = (piece: string | Uint8Array) => {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString()
    return true
  }
  try {
    say()
  } finally {
    stdout.write = write
  }
  return text.split('\n').filter((line) => line !== '')
}
