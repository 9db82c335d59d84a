/** The stage of the demonstration: three stores in a temporary folder, and how what they do is shown. All is gone when it is disposed, or on Ctrl-C. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestStore } from '../fixtures/stores.ts'
import { createStores, PROGRAM } from '../fixtures/stores.ts'

/** One device of the demonstration. */
export interface Actor {
  readonly store: TestStore
  readonly dir: string
  /** Shows a command of hyper-store and runs it with the terminal as its own. Throws when it fails. */
  type(...args: string[]): Promise<void>
  /** Shows a line of shell and runs it. */
  shell(line: string): Promise<void>
  turnOn(): Promise<void>
  turnOff(): Promise<void>
}

/** Everything that the play needs. */
export interface Stage extends AsyncDisposable {
  readonly a: Actor
  readonly raspberry: Actor
  readonly b: Actor
  /** True after Ctrl-C. */
  readonly interrupted: boolean
  say(text: string): void
  chapter(title: string, note?: string): void
  verdict(good: boolean, text: string): void
  until(what: string, holds: () => Promise<boolean>): Promise<void>
}

const SERVICE = ['--port', '0', '--lan-only', '--no-lan']
const PATIENCE_MS = 30_000

/** Sets it up; nothing runs yet. */
export async function createStage(): Promise<Stage> {
  const stores = await createStores('hyper-store-demo-')
  const commands = new Set<ChildProcess>()
  const colours = process.stdout.isTTY && !process.env['NO_COLOR']
  const paint = (code: number, text: string) => (colours ? `\u001B[${code}m${text}\u001B[0m` : text)
  const say = (text: string) => void process.stdout.write(`${text}\n`)
  let interrupted = false
  let chapters = 0

  const end = async () => {
    for (const child of commands) child.kill('SIGKILL')
    await stores[Symbol.asyncDispose]()
  }

  const makeActor = async (name: string): Promise<Actor> => {
    const store = await stores.add(name)
    const prompt = paint(36, name)
    const run = async (shown: string, program: string, args: readonly string[]) => {
      say(`${prompt} ${paint(2, '$')} ${paint(1, shown)}`)
      const env = { ...process.env, HYPER_STORE_HOME: store.home }
      const child = spawn(program, args, { cwd: store.dir, env, stdio: 'inherit' })
      commands.add(child)
      const [code] = (await once(child, 'close')) as [number | null]
      commands.delete(child)
      if (code !== 0) throw new Error(`"${shown}" ended with ${code}`)
    }
    return {
      store,
      dir: store.dir,
      type: (...args) => run(['hyper-store', ...args].join(' '), process.execPath, [PROGRAM, ...args]),
      shell: (line) => run(line, 'sh', ['-e', '-c', line]),
      turnOn: async () => {
        await store.serve([...SERVICE, '--name', name])
        say(`${prompt} ${paint(2, 'is on')}`)
      },
      turnOff: async () => {
        await store.stop()
        say(`${prompt} ${paint(2, 'is off')}`)
      },
    }
  }

  const onSignal = (signal: NodeJS.Signals) => {
    interrupted = true
    void end().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

  return {
    a: await makeActor('A'),
    raspberry: await makeActor('raspberry'),
    b: await makeActor('B'),
    get interrupted() {
      return interrupted
    },
    say,
    chapter(title, note) {
      chapters++
      say(`\n${paint(1, `${chapters}. ${title}`)}${note === undefined ? '' : paint(2, `  (${note})`)}`)
    },
    verdict(good, text) {
      say(`\n${good ? paint(32, '✔') : paint(31, '✖')} ${paint(1, text)}`)
    },
    async until(what, holds) {
      for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(50)) {
        if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
      }
    },
    [Symbol.asyncDispose]: end,
  }
}
