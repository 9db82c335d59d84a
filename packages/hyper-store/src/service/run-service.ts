/** Runs the store in the foreground: rooms in order, one service a home, until a signal or a call stops it. */
import { Console } from 'node:console'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import { AppError, ERRORS, type LogLine, type StoreEvent } from '@hyper-store/client/contract'
import { createApp } from '../http/app.ts'
import type { ListenOptions } from '../http/server.ts'
import { rawStream } from '../hyper/transports/upgrade.ts'
import { openState } from '../state/state.ts'
import { lockHome } from './home-lock.ts'
import { sessionMemory } from './session-file.ts'
import { reachOf } from './settings.ts'
import { makeHome, readOrCreateIdentitySeed, readOrCreateToken, removeServiceFile, writeServiceFile } from './home.ts'
import { createNotifier } from './notify.ts'
import { unsupportedReason } from './platform.ts'
import { isLoopback, Port } from './port.ts'
import type { RunServiceOptions } from './run-service-options.ts'
import { Store } from './store.ts'
import { createRunMarks, MOVED_VARIABLE, readMachine, refuseCopiedStore } from './twin.ts'
import { systemClock } from './system-clock.ts'
import { VERSION } from './version.ts'

/** Environment variable with another folder of the page's files, for those who work on the page. */
const WEB_VARIABLE = 'HYPER_STORE_WEB'
/** After so long a shutdown that hangs is ended. */
const SHUTDOWN_MS = 20_000

/** Runs until stopped; resolves with the exit code. Throws what kept the service from starting. */
export async function runService(options: RunServiceOptions): Promise<number> {
  const unsupported = unsupportedReason()
  if (unsupported !== null) throw new AppError('UNSUPPORTED_PLATFORM', { ...unsupported })
  // stdout is data: what libraries print there (hypercore tells of conflicts so) is talk.
  globalThis.console = new Console(process.stderr, process.stderr)
  const print = (line: string) => {
    if (!options.quiet) process.stderr.write(`${line}\n`)
  }
  // What is said before there is a store to remember it.
  const early: [LogLine['level'], string][] = []
  let remember = (level: LogLine['level'], line: string): void => void early.push([level, line])
  const talk = (line: string, level: LogLine['level'] = 'info') => {
    print(line)
    remember(level, line)
  }
  const home = await makeHome(options.home)
  await using _lock = await lockHome(home)
  const machine = await readMachine()
  const { moved } = await refuseCopiedStore(home, { machine, moved: process.env[MOVED_VARIABLE] === '1' })
  const marks = createRunMarks(home, machine)
  const lastEnd = await marks.wasUnclean()
  await marks.markStarted()
  await using state = await openState(home.stateFolder)
  const seed = await readOrCreateIdentitySeed(home)
  const token = await readOrCreateToken(home)
  const notifier = createNotifier(process.env, talk)

  let stop: (code: number) => void = () => undefined
  const stopped = new Promise<number>((resolve) => {
    stop = resolve
  })
  const port = new Port(options, await reachOf(state))
  const store = await Store.open({
    home,
    state,
    seed,
    name: options.name,
    lanOnly: options.lanOnly,
    noLan: options.noLan,
    bootstrap: options.bootstrap,
    open: options.open,
    moved,
    recovering: moved || lastEnd === 'machine-stopped',
    clock: systemClock,
    hooks: options.hooks,
    reach: { isFixed: port.isFixed, now: () => port.reach, change: (to) => port.change(to) },
    onStop: () => stop(0),
    onTwin: () => {
      talk(new AppError('STORE_COPIED', { home: home.folder }).message, 'error')
      stop(ERRORS.STORE_COPIED.exit)
    },
    onProblem: (line) => talk(line, 'warning'),
  })
  remember = (level, line) => store.activity.say(level, line)
  for (const [level, line] of early) remember(level, line)
  const { host } = port
  const beyondLoopback = !isLoopback(host)
  const webDir = process.env[WEB_VARIABLE] ?? fileURLToPath(new URL('../../../web', import.meta.url))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = () => stop(0)
  try {
    const app = createApp(store, {
      open: options.open,
      // Asked with each request: who reaches the port may be changed while it runs.
      get exposed() {
        return port.reach === 'network'
      },
      allowedHosts: [os.hostname(), `${os.hostname()}.local`, ...(beyondLoopback ? [] : [host])],
      webDir: existsSync(webDir) ? webDir : null,
      localToken: token,
      sessionMemory: sessionMemory(home.sessionsFile),
      onDefect: (error) =>
        talk(`defect: ${error instanceof Error ? (options.verbose ? error.stack : error.message) : String(error)}`, 'error'),
    })
    const onUpgrade = (socket: Parameters<ListenOptions['onUpgrade']>[0], head: Buffer) => {
      socket.on('error', () => undefined)
      void store.book.shakeHands(rawStream(socket, head), { initiator: false, via: 'direct', address: null }).catch(() => undefined)
    }
    const served = await port.open({
      app,
      onUpgrade,
      onMoved: (now) => store.moved(now),
      onProblem: (sentence) => talk(sentence, 'error'),
    })
    // What happens before the first line was printed is told after it.
    const earlyEvents: StoreEvent[] = []
    const stopEarly = store.bus.tap((event) => earlyEvents.push(event))
    await store.connect({
      url: served.url,
      port: served.port,
      beyondLoopback,
      serveStream: port.serveStream,
    })
    for (const signal of signals) process.on(signal, onSignal)
    await writeServiceFile(home, {
      url: served.url,
      pid: process.pid,
      deviceKey: store.identity.deviceKey,
      name: store.name,
      version: VERSION,
      startedAt: new Date().toISOString(),
    })
    if (options.open) talk('Open to everyone on this network: whoever reaches this store may add and read folders.')
    stopEarly()
    await announceReady(store, { options, url: served.url, home: home.folder, beyondLoopback, talk, print, early: earlyEvents })
    await notifier.ready(`keeping folders at ${served.url}`)
    const code = await stopped
    await notifier.stopping()
    return code
  } finally {
    const hang = setTimeout(() => process.exit(70), SHUTDOWN_MS)
    hang.unref()
    for (const signal of signals) process.off(signal, onSignal)
    await removeServiceFile(home, process.pid).catch(() => undefined)
    await store.sayGoodbye().catch(() => undefined)
    await port.close()
    await store.close()
    await notifier.close()
    await state.close()
    await marks.markStopped()
    clearTimeout(hang)
  }
}

/** First line, then events: JSON lines for programs, sentences for people. An exposed store hands out a pairing line. */
async function announceReady(
  store: Store,
  about: {
    options: RunServiceOptions
    url: string
    home: string
    beyondLoopback: boolean
    talk: (line: string) => void
    /** Says what is remembered nowhere: a code is a secret. */
    print: (line: string) => void
    early: readonly StoreEvent[]
  },
): Promise<void> {
  const { options, url, home, talk } = about
  const at = new Date().toISOString()
  // What a service prints ends up in a journal: never with the key that opens a private folder.
  const say = (event: StoreEvent) =>
    process.stdout.write(
      `${JSON.stringify(event, (name, value: unknown) => (name === 'link' && typeof value === 'string' ? value.split('#', 1)[0] : value))}\n`,
    )
  const ready: StoreEvent = { event: 'ready', at, url, deviceKey: store.identity.deviceKey, name: store.name, pid: process.pid, home }
  if (options.json) {
    say(ready)
    for (const event of about.early) say(event)
    store.bus.tap(say)
  } else if (!options.background) {
    talk(`hyper-store ${VERSION} "${store.name}" is ready at ${url}`)
    talk(`home ${home}, device ${store.identity.deviceKey}`)
  }
  if (!about.beyondLoopback || options.background) return
  const pair = await store.createPair({ role: 'owner', expiresS: 600 })
  if (options.json) say({ event: 'pair', at, line: pair.line, expiresAt: pair.expiresAt })
  else {
    talk('To control this store from another machine, paste there within ten minutes:')
    about.print(`  ${pair.line}`)
  }
}
