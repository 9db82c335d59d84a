/** Speaks to systemd (`Type=notify`) through its own small program, since Node has no Unix datagram sockets. */
import { createSerial } from '../lib/serial.ts'
import { runProgram } from './run-program.ts'

/** What a service tells its supervisor. Without one every call does nothing. */
export interface Notifier {
  /** The service is up: other units may start. Begins the watchdog when one was asked for. */
  ready(status: string): Promise<void>
  /** One line for `systemctl status`. */
  status(text: string): Promise<void>
  stopping(): Promise<void>
  /** Ends the watchdog's timer and waits for what is being sent. */
  close(): Promise<void>
}

/** Where the supervisor listens and how often it wants a sign of life; out of the environment. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined
  readonly WATCHDOG_USEC?: string | undefined
  readonly WATCHDOG_PID?: string | undefined
}

/** Milliseconds between signs of life: half of what the supervisor waits for; null when it wants none from this process. */
export function watchdogIntervalMs(env: NotifyEnvironment, pid: number): number | null {
  const micros = Number(env.WATCHDOG_USEC)
  if (!Number.isFinite(micros) || micros <= 0) return null
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== '' && Number(env.WATCHDOG_PID) !== pid) return null
  return Math.max(100, Math.floor(micros / 2000))
}

/** Makes a notifier. `onProblem` hears the first failure, once. */
export function createNotifier(env: NotifyEnvironment, onProblem: (message: string) => void): Notifier {
  const socket = env.NOTIFY_SOCKET
  if (socket === undefined || socket === '') {
    const nothing = async () => undefined
    return { ready: nothing, status: nothing, stopping: nothing, close: nothing }
  }
  let told = false
  let timer: NodeJS.Timeout | null = null
  // One after the other, so that no older status overtakes a newer one.
  const sendNow = async (args: readonly string[]) => {
    const { problem } = await runProgram('systemd-notify', args, { timeoutMs: 10_000, env: { NOTIFY_SOCKET: socket } })
    if (problem === null || told) return
    told = true
    onProblem(`systemd could not be told about this service (systemd-notify: ${problem})`)
  }
  const queue = createSerial()
  const send = (...args: string[]) => queue.run(() => sendNow(args))
  return {
    ready(status) {
      const interval = watchdogIntervalMs(env, process.pid)
      if (interval !== null && timer === null) {
        // The timer runs in the loop that does the work: when that hangs, the sign of life stays out.
        timer = setInterval(() => void send('WATCHDOG=1'), interval)
        timer.unref()
      }
      return send('--ready', `--status=${status}`)
    },
    status: (text) => send(`--status=${text}`),
    stopping: () => send('STOPPING=1', '--status=Stopping'),
    async close() {
      if (timer !== null) clearInterval(timer)
      timer = null
      await queue.run(async () => undefined)
    },
  }
}
