/** What happens when a sync is complete: a command, a webhook, a notice on the desktop. */
import * as v from 'valibot'
import { runProgram } from './run-program.ts'

/** The setting `hooks`. Who may set it may run commands as the service: owners only. */
export const HookSettings = v.strictObject({
  /** A command line for the system's shell; the event is in its environment. */
  exec: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4096))),
  /** An http or https address that gets the event as JSON. */
  webhook: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(2048),
      v.url(),
      v.check((url) => /^https?:/i.test(url), 'a webhook begins with http:// or https://'),
    ),
  ),
  /** Show a notice on the desktop. */
  notify: v.optional(v.boolean()),
  /** Name or folder of an LED (led.ts). */
  led: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4096))),
})
export type HookSettings = v.InferOutput<typeof HookSettings>

/** A device holds all of a version. */
export interface Completion {
  readonly link: string
  readonly title: string
  readonly version: number
  /** The device that became complete now. */
  readonly device: string
  /** Names of all devices that hold this version. */
  readonly devices: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

/** How one hook went. */
export interface HookResult {
  readonly hook: 'exec' | 'webhook' | 'notify'
  /** Null when it worked. */
  readonly problem: string | null
}

/** Limits of a run, so that tests need not wait. */
export interface HookOptions {
  readonly signal?: AbortSignal | undefined
  /** Default five minutes. */
  readonly execTimeoutMs?: number | undefined
  /** Default ten seconds, each try. */
  readonly webhookTimeoutMs?: number | undefined
  /** Waits between the three tries; default 1 s and 5 s. */
  readonly retryAfterMs?: readonly [number, number] | undefined
}

/** Runs all hooks that are set, side by side, and tells how each went; never throws. */
export async function runHooks(settings: HookSettings, event: Completion, options: HookOptions = {}): Promise<HookResult[]> {
  const runs: Promise<HookResult>[] = []
  if (settings.exec !== undefined) {
    runs.push(execHook(settings.exec, event, options).then((problem) => ({ hook: 'exec', problem })))
  }
  if (settings.webhook !== undefined) {
    runs.push(webhookHook(settings.webhook, event, options).then((problem) => ({ hook: 'webhook', problem })))
  }
  if (settings.notify === true) runs.push(noticeHook(event, options).then((problem) => ({ hook: 'notify', problem })))
  return Promise.all(runs)
}

/** The environment of the command: strings only, never part of a command line. */
export function hookEnvironment(event: Completion): Record<string, string> {
  const variables = {
    EVENT: 'complete',
    LINK: event.link,
    TITLE: event.title,
    VERSION: String(event.version),
    DEVICE: event.device,
    DEVICES: event.devices.join(','),
  }
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [`HYPER_STORE_${name}`, oneLine(value)]))
}

/** The arguments of the program that shows a notice; null where there is none. Exported for its tests. */
export function noticeCommand(platform: string, title: string, text: string): [string, string[]] | null {
  if (platform === 'linux') {
    // Notices may hold markup; names of folders are text.
    const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    return ['notify-send', ['--app-name=hyper-store', '--', title, plain]]
  }
  if (platform === 'darwin') {
    const script = ['on run argv', 'display notification (item 1 of argv) with title (item 2 of argv)', 'end run']
    return ['osascript', [...script.flatMap((line) => ['-e', line]), text, title]]
  }
  return null
}

async function execHook(command: string, event: Completion, options: HookOptions): Promise<string | null> {
  const result = await runProgram(command, [], {
    shell: true,
    timeoutMs: options.execTimeoutMs ?? 5 * 60_000,
    signal: options.signal,
    // The command must not speak to systemd in the service's name.
    env: { ...hookEnvironment(event), NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined },
  })
  if (result.problem === null) return null
  const said = result.stderr.trim().split('\n').at(-1) ?? ''
  return said === '' ? result.problem : `${result.problem}: ${said.slice(0, 200)}`
}

async function webhookHook(url: string, event: Completion, options: HookOptions): Promise<string | null> {
  const waits = options.retryAfterMs ?? [1000, 5000]
  let problem = 'it was not called'
  for (let attempt = 0; attempt <= waits.length; attempt++) {
    if (attempt > 0) await pause(waits[attempt - 1] ?? 0, options.signal)
    if (options.signal?.aborted === true) return 'cancelled'
    const tried = await postOnce(url, event, options)
    if (tried === null) return null
    problem = tried.problem
    if (!tried.again) break
  }
  return problem
}

/** Null when the address took it. Refusals (4xx but 408 and 429) stay refusals: no second try. */
async function postOnce(url: string, event: Completion, options: HookOptions): Promise<{ problem: string; again: boolean } | null> {
  const limit = AbortSignal.timeout(options.webhookTimeoutMs ?? 10_000)
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal])
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'hyper-store' },
      body: JSON.stringify({ event: 'complete', ...event }),
      signal,
    })
    await answer.body?.cancel()
    if (answer.ok) return null
    const again = answer.status >= 500 || answer.status === 408 || answer.status === 429
    return { problem: `it answered ${answer.status}`, again }
  } catch (error) {
    if (limit.aborted) return { problem: 'it did not answer in time', again: true }
    const cause = (error as { cause?: { message?: unknown } }).cause?.message
    return { problem: typeof cause === 'string' && cause !== '' ? cause : (error as Error).message, again: true }
  }
}

async function noticeHook(event: Completion, options: HookOptions): Promise<string | null> {
  const command = noticeCommand(process.platform, oneLine(event.title), oneLine(`Complete on ${event.devices.join(', ')}`))
  if (command === null) return 'this system has no program for notices'
  const result = await runProgram(command[0], command[1], { timeoutMs: 10_000, signal: options.signal })
  return result.problem === null ? null : `${command[0]}: ${result.problem}`
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    if (signal?.aborted === true) done()
  })
}

/** Names come from other devices: no NUL (which no environment takes) and no line breaks. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 4096)
}
