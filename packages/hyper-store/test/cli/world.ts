/** Runs the program as a user does: its own process, its own home in a temporary folder, loopback only. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const PROGRAM = fileURLToPath(new URL('../../../bin/hyper-store.js', import.meta.url))

/** How a run ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A service in the foreground of the test. */
export interface RunningService {
  readonly url: string
  readonly pid: number
  readonly deviceKey: string
  /** The ready line. */
  readonly ready: Record<string, unknown>
  stop(): Promise<void>
}

/** A folder for homes and shared folders; ends what was started in it and removes all when disposed. */
export interface World extends AsyncDisposable {
  readonly dir: string
  /** Runs the program to its end, with `home` as its home and `input` on its stdin. */
  run(home: string, args: readonly string[], env?: NodeJS.ProcessEnv, input?: string | Uint8Array): Promise<Ended>
  /** The same, and parses each line of stdout. */
  json(home: string, args: readonly string[]): Promise<Record<string, unknown>[]>
  /** Starts a service and resolves when it is ready. */
  serve(home: string, args?: readonly string[]): Promise<RunningService>
  /** Starts the program and leaves it running. */
  start(home: string, args: readonly string[]): ChildProcess
  /** A new folder with files by name. */
  folder(name: string): Promise<string>
}

/** Makes a world. */
export async function createWorld(): Promise<World> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-cli-'))
  const children = new Set<ChildProcess>()
  const homes = new Set<string>()
  const spawnProgram = (home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin: 'ignore' | 'pipe' = 'ignore') => {
    homes.add(path.join(dir, home))
    const own = { ...process.env, HYPER_STORE_HOME: path.join(dir, home), HYPER_STORE_SERVICE_OPTIONS: '--lan-only --no-lan', ...env }
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: dir, env: own, stdio: [stdin, 'pipe', 'pipe'] })
    children.add(child)
    child.once('close', () => children.delete(child))
    return child
  }
  const run: World['run'] = (home, args, env, input) => {
    const child = spawnProgram(home, args, env, input === undefined ? 'ignore' : 'pipe')
    // A program that ends before it has read all is seen by its exit code.
    child.stdin?.on('error', () => undefined).end(input)
    const out = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name]?.setEncoding('utf8').on('data', (text: string) => (out[name] += text))
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...out })))
  }
  return {
    dir,
    run,
    start: (home, args) => spawnProgram(home, args),
    async json(home, args) {
      const { code, stdout, stderr } = await run(home, [...args, '--json'])
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    async serve(home, args = []) {
      const child = spawnProgram(home, ['run-service', '--json', '--port', '0', '--lan-only', '--no-lan', ...args])
      const ready = await readyLine(child)
      const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
      return {
        url: String(ready['url']),
        pid: Number(ready['pid']),
        deviceKey: String(ready['deviceKey']),
        ready,
        async stop() {
          child.kill('SIGTERM')
          await gone
        },
      }
    },
    async folder(name) {
      const folder = path.join(dir, name)
      await mkdir(folder, { recursive: true })
      return folder
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
      for (const home of homes) await endBackground(home)
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function readyLine(child: ChildProcess): Promise<Record<string, unknown>> {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  if (child.stdout === null) throw new Error('no stdout')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const event = JSON.parse(line) as Record<string, unknown>
    // The pipe must go on being read, or the service would block on it.
    child.stdout.resume()
    if (event['event'] === 'ready') return event
  }
  throw new Error(`the service ended before it was ready: ${stderr}`)
}

/** Ends a service that a command started in the background. */
async function endBackground(home: string): Promise<void> {
  try {
    const { pid } = JSON.parse(await readFile(path.join(home, 'service.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
  } catch {
    // None runs.
  }
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Below those that systems give to outgoing connections: one of another test may not take it while a store restarts.
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** The error of a `--json` run. */
export function errorOf({ stderr }: Ended): { code: string; message: string; data: Record<string, unknown> } {
  const line = stderr.split('\n').find((text) => text.startsWith('{"error"')) ?? '{}'
  return (JSON.parse(line) as { error: { code: string; message: string; data: Record<string, unknown> } }).error
}
