/** Runs a shell command for something that happened. */
import { spawn } from 'node:child_process'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from './context.ts'

/** Longest text in the environment; systems refuse a program with more than 128 KiB in one variable. */
const ENV_BYTES = 64 * 1024

/** What a command is told. */
export interface Told {
  /** Variables of its environment; what is too long for one, or has a NUL, is left out. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Given on stdin as one line of JSON. */
  readonly event: unknown
}

/** Runs a command to its end. A failure is told on stderr and gives false: the next event may fare better. */
export async function runFor(context: Context, command: string, { env, event }: Told): Promise<boolean> {
  const { output } = context
  const fitting = Object.entries(env).filter(
    ([, text]) => text !== undefined && Buffer.byteLength(text) <= ENV_BYTES && !text.includes('\0'),
  )
  const reason = await new Promise<string | null>((resolve) => {
    // With --json, stdout is promised to be JSON lines: the command's own words go where talk goes.
    const stdio = ['pipe', output.json ? process.stderr : 'inherit', 'inherit'] as const
    const child = spawn(command, { shell: true, env: { ...context.env, ...Object.fromEntries(fitting) }, stdio: [...stdio] })
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, killed) => resolve(code === 0 ? null : `it ended with ${code ?? killed}`))
    // A command that does not read what it is told is no mistake.
    child.stdin?.on('error', () => {})
    child.stdin?.end(`${JSON.stringify(event)}\n`)
  })
  if (reason !== null) output.error(new AppError('COMMAND_FAILED', { command, reason }))
  return reason === null
}
