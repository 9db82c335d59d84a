/** Runs another program for a bounded time and tells how it went; never throws for what the program does. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** How a program ended. */
export interface ProgramResult {
  /** Exit code; null when it was stopped, or could not be started. */
  readonly code: number | null
  /** First 64 KiB of each. */
  readonly stdout: string
  readonly stderr: string
  /** Null when it ended by itself with code 0, else one phrase for a person. */
  readonly problem: string | null
}

/** Options of a run. */
export interface ProgramOptions {
  readonly timeoutMs: number
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Run `command` by the system's shell; `args` must be empty then. */
  readonly shell?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

const OUTPUT_LIMIT = 64 * 1024

/** Runs `command` and waits for its end, for the time limit, or for the signal; what is left of it then is killed. */
export async function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  if (options.signal?.aborted === true) return { code: null, stdout: '', stderr: '', problem: 'cancelled' }
  return new Promise((resolve) => {
    const ownGroup = process.platform !== 'win32'
    const child = spawn(command, args, {
      env: mergedEnv(options.env),
      shell: options.shell === true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what a shell started goes with it.
      detached: ownGroup,
      windowsHide: true,
    })
    const output = { stdout: '', stderr: '' }
    let stopped: string | null = null
    const stop = (why: string) => {
      stopped ??= why
      killGroup(child, ownGroup)
      // A grandchild that left the group may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(() => stop(`it took longer than ${options.timeoutMs / 1000} s`), options.timeoutMs)
    const onAbort = () => stop('cancelled')
    options.signal?.addEventListener('abort', onAbort, { once: true })
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8')
      child[name].on('data', (text: string) => {
        if (output[name].length < OUTPUT_LIMIT) output[name] = (output[name] + text).slice(0, OUTPUT_LIMIT)
      })
    }
    const finish = (code: number | null, problem: string | null) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      resolve({ code, ...output, problem: stopped ?? problem })
    }
    child.once('error', (error) => finish(null, (error as { code?: unknown }).code === 'ENOENT' ? 'it is not installed' : error.message))
    child.once('close', (code, signal) => {
      const why = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`
      finish(code, code === 0 ? null : why)
    })
  })
}

function killGroup(child: ChildProcess, ownGroup: boolean): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    if (ownGroup) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It ended in between.
  }
}

function mergedEnv(extra: ProgramOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const [name, value] of Object.entries(extra ?? {})) {
    if (value === undefined) delete env[name]
    else env[name] = value
  }
  return env
}
