/** Runs the store in the foreground: rooms in order, one service a home, until a signal or a call stops it. */
import { Console } from 'node:console'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import { AppError, ERRORS, errorCode, type StoreEvent } from '@hyper-store/client/contract'
import { createApp } from '../http/app.ts'
import { listen, type Listening } from '../http/server.ts'
import { rawStream } from '../hyper/transports/upgrade.ts'
import { openState } from '../state/state.ts'
import { lockHome } from './home-lock.ts'
import { makeHome, readOrCreateIdentitySeed, readOrCreateToken, removeServiceFile, writeServiceFile } from './home.ts'
import { createNotifier } from './notify.ts'
import { unsupportedReason } from './platform.ts'
import type { RunServiceOptions } from './run-service-options.ts'
import { Store } from './store.ts'
import { createRunMarks, MOVED_VARIABLE, readMachine, refuseCopiedStore } from './twin.ts'
import { systemClock } from './system-clock.ts'
import { VERSION } from './version.ts'

/** After so long a shutdown that hangs is ended. */
const SHUTDOWN_MS = 20_000

/** Runs until stopped; resolves with the exit code. Throws what kept the service from starting. */
export async function runService(options: RunServiceOptions): Promise<number> {
  const unsupported = unsupportedReason()
  if (unsupported !== null) throw new AppError('UNSUPPORTED_PLATFORM', { ...unsupported })
  // stdout is data: what libraries print there (hypercore tells of conflicts so) is talk.
  globalThis.console = new Console(process.stderr, process.stderr)
  const talk = (line: string) => {
    if (!options.quiet) process.stderr.write(`${line}\n`)
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
    onStop: () => stop(0),
    onTwin: () => {
      talk(new AppError('STORE_COPIED', { home: home.folder }).message)
      stop(ERRORS.STORE_COPIED.exit)
    },
    onProblem: talk,
  })
  const host = options.exposeToInternet ? '::' : options.host
  const beyondLoopback = !isLoopback(host)
  const webDir = fileURLToPath(new URL('../../../web', import.meta.url))
  let listening: Listening | null = null
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = () => stop(0)
  try {
    const app = createApp(store, {
      open: options.open,
      exposed: beyondLoopback,
      allowedHosts: [os.hostname(), `${os.hostname()}.local`, ...(beyondLoopback ? [] : [host])],
      webDir: existsSync(webDir) ? webDir : null,
      localToken: token,
      onDefect: (error) => talk(`defect: ${error instanceof Error ? (options.verbose ? error.stack : error.message) : String(error)}`),
    })
    const onUpgrade = (socket: Parameters<Parameters<typeof listen>[1]['onUpgrade']>[0], head: Buffer) => {
      socket.on('error', () => undefined)
      void store.book.shakeHands(rawStream(socket, head), { initiator: false, via: 'direct', address: null }).catch(() => undefined)
    }
    listening = await listenOrAny(app, { host, port: options.port, anyPort: options.anyPort, onUpgrade })
    const served = listening
    // What happens before the first line was printed is told after it.
    const early: StoreEvent[] = []
    const stopEarly = store.bus.tap((event) => early.push(event))
    await store.connect({
      url: served.url,
      port: served.port,
      beyondLoopback,
      serveStream: (stream, deviceKey) => served.serveStream(stream, deviceKey),
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
    await announceReady(store, { options, url: served.url, home: home.folder, beyondLoopback, talk, early })
    await notifier.ready(`keeping folders at ${served.url}`)
    const code = await stopped
    await notifier.stopping()
    return code
  } finally {
    const hang = setTimeout(() => process.exit(70), SHUTDOWN_MS)
    hang.unref()
    for (const signal of signals) process.off(signal, onSignal)
    await removeServiceFile(home, process.pid).catch(() => undefined)
    await listening?.close()
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
    talk(`  ${pair.line}`)
  }
}

async function listenOrAny(
  app: Parameters<typeof listen>[0],
  wanted: { host: string; port: number; anyPort: boolean; onUpgrade: Parameters<typeof listen>[1]['onUpgrade'] },
): Promise<Listening> {
  const { host, port, onUpgrade } = wanted
  try {
    return await listen(app, { host, port, onUpgrade })
  } catch (error) {
    if (!wanted.anyPort || errorCode(error) !== 'PORT_TAKEN') throw error
    return listen(app, { host, port: 0, onUpgrade })
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
