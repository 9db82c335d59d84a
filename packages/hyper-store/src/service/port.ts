/** The port of a running store: on which addresses it is open, opened anew when other machines may or may no more reach it. */
import { errorCode, type Reach } from '@hyper-store/client/contract'
import { listen, type Listening, type ListenOptions } from '../http/server.ts'
import { createSerial } from '../lib/serial.ts'

/** Address that only this machine reaches. */
const LOOPBACK = '127.0.0.1'
const EVERYWHERE = '::'
/** Who changes the reach gets its answer within this time. */
const ANSWER_MS = 100

/** How the port was asked for where the service was started. */
export interface PortOptions {
  readonly host: string
  readonly exposeToInternet: boolean
  /** 0 takes a free one. */
  readonly port: number
  /** Take a free port when `port` is taken. */
  readonly anyPort: boolean
}

/** What `open` serves. */
export interface Served {
  readonly app: Parameters<typeof listen>[0]
  readonly onUpgrade: ListenOptions['onUpgrade']
  /** The port is open on other addresses now. */
  readonly onMoved: (now: { url: string; port: number; beyondLoopback: boolean }) => void
  readonly onProblem: (sentence: string) => void
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** Opens the port, and opens it elsewhere while the store runs. Invariant: after `close` nothing listens any more. */
export class Port {
  readonly #o: PortOptions
  readonly #moving = createSerial()
  #reach: Reach
  #served: Served | null = null
  #listening: Listening | null = null
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** `known`: who reached it when the service ran last; counts where the command line says nothing. */
  constructor(options: PortOptions, known: Reach) {
    this.#o = options
    const given: Reach = !options.exposeToInternet && isLoopback(options.host) ? 'this-machine' : 'network'
    this.#reach = this.isFixed ? given : known
  }

  /** True when the command line said who reaches it. */
  get isFixed(): boolean {
    return this.#o.exposeToInternet || this.#o.host !== LOOPBACK
  }
  get reach(): Reach {
    return this.#reach
  }
  /** Address to listen on now. */
  get host(): string {
    if (this.isFixed) return this.#o.exposeToInternet ? EVERYWHERE : this.#o.host
    return this.#reach === 'network' ? EVERYWHERE : LOOPBACK
  }

  /** Listens for the first time. Throws what `listen` throws. */
  async open(served: Served): Promise<Listening> {
    this.#served = served
    const { port, anyPort } = this.#o
    try {
      this.#listening = await this.#listen(this.host, port)
    } catch (error) {
      if (!anyPort || errorCode(error) !== 'PORT_TAKEN') throw error
      this.#listening = await this.#listen(this.host, 0)
    }
    return this.#listening
  }

  /** Serves HTTP over the stream of a device. */
  serveStream: Listening['serveStream'] = (stream, deviceKey) => this.#listening?.serveStream(stream, deviceKey)

  /** Opens it for others or for this machine alone, a moment later: the answer to who asked goes out first. */
  change(reach: Reach): void {
    this.#reach = reach
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#moving.run(async () => this.#move()), ANSWER_MS)
  }

  /** Closes it for good. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#moving.run(async () => this.#listening?.close())
  }

  async #move(): Promise<void> {
    const before = this.#listening
    if (this.#isClosed || before === null || this.#served === null) return
    const { port } = before
    // The port is free at once; what runs over the old connections may end meanwhile.
    const ended = before.close()
    try {
      this.#listening = await this.#listen(this.host, port)
    } catch (error) {
      await ended
      this.#served.onProblem(error instanceof Error ? error.message : String(error))
      this.#reach = 'this-machine'
      this.#listening = await this.#listen(LOOPBACK, port).catch(() => null)
    }
    // Who connects again at once must find the new state.
    if (this.#listening !== null) this.#served.onMoved({ url: this.#listening.url, port, beyondLoopback: this.#reach === 'network' })
    await ended
  }

  async #listen(host: string, port: number): Promise<Listening> {
    if (this.#served === null) throw new Error('open() comes first')
    return await listen(this.#served.app, { host, port, onUpgrade: this.#served.onUpgrade })
  }
}
