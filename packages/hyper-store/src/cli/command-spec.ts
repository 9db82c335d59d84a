/** How a command is described: the table in `command-table.ts` is made of these, and help, parsing and the reference from them. */
import type { Context } from './context.ts'

/** Values of a command's options by their camel-case name. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

/** What the user asked of a command. */
export interface Invocation {
  /** Arguments in order; one that was left out is undefined, a variadic one is spread at the end. */
  readonly args: readonly (string | undefined)[]
  readonly options: OptionValues
  /** Values of the repeatable options, by their camel-case name; one that was not given is absent. */
  readonly lists: Readonly<Record<string, readonly string[] | undefined>>
}

/** Carries a command out; resolves with its exit code. Throws AppErrors. */
export type Run = (context: Context, invocation: Invocation) => Promise<number>

/** One option in commander's syntax: `--title <text>`. */
export interface OptionSpec {
  readonly flags: string
  readonly text: string
  readonly choices?: readonly string[]
  readonly fallback?: string
  /** May be given several times; its values are in `Invocation.lists`. */
  readonly repeatable?: boolean
  /** Left out of help and reference: for the program itself. */
  readonly hidden?: boolean
}

/** One argument: `<folder>`, `[provider]`, `[provider...]`. */
export interface ArgumentSpec {
  readonly name: string
  readonly text: string
  readonly choices?: readonly string[]
}

/** One command. */
export interface CommandSpec {
  readonly name: string
  /** One sentence without a full stop. */
  readonly summary: string
  /** What it prints on stdout, for the reference. */
  readonly prints: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  readonly examples: readonly string[]
  readonly subcommands?: readonly CommandSpec[]
  readonly load: () => Promise<Run>
}

/** Commands under one heading. */
export interface CommandGroup {
  readonly heading: string
  readonly commands: readonly CommandSpec[]
}
