/** Remembers what happened lately: events, transfer over time, and what the service said. It ends with the service. */
import type { Activity, ActivityEvent, Log, LogLine, StoreEvent, TransferSample } from '@hyper-store/client/contract'
import type { ActivityApi } from '../core/store-api.ts'
import type { EventBus } from './event-bus.ts'

/** What is remembered. */
export interface ActivitiesOptions {
  readonly bus: EventBus
  /** Bytes over all connections since the start, both ways. */
  readonly traffic: () => Traffic
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Bytes that came and went. */
export interface Traffic {
  readonly received: number
  readonly sent: number
}

const EVENTS = 500
/** Of them so many changes of files at most: a thousand at once push nothing else out. */
const CHANGES = 400
const LINES = 1000
const LINE_CHARS = 2000
const SAMPLE_MS = 10_000
const HOUR_SAMPLES = 360
/** One sample of the day is the mean of so many of the hour's. */
const PER_DAY_SAMPLE = 30
const DAY_SAMPLES = 288

/** The memory of a running store. */
export class Activities implements ActivityApi {
  readonly #o: ActivitiesOptions
  readonly #events: ActivityEvent[] = []
  readonly #lines: LogLine[] = []
  readonly #hour: TransferSample[] = []
  readonly #day: TransferSample[] = []
  readonly #stopListening: () => void
  readonly #timer: NodeJS.Timeout
  #spans: { atMs: number; traffic: Traffic }[]
  #lineNumber = 0
  #changes = 0

  constructor(options: ActivitiesOptions) {
    this.#o = options
    this.#spans = [{ atMs: options.now(), traffic: options.traffic() }]
    this.#stopListening = options.bus.tap((event) => this.#take(event))
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS)
    this.#timer.unref()
  }

  async activity(): Promise<Activity> {
    return { events: this.#events.toReversed(), hour: [...this.#hour], day: [...this.#day], ...this.#o.traffic() }
  }

  async log({ after, limit }: { after: number | null; limit: number }): Promise<Log> {
    const lines = after === null ? this.#lines : this.#lines.filter(({ number }) => number > after)
    return { lines: lines.slice(-limit) }
  }

  /** Remembers a line; callers keep secrets out of it. */
  say(level: LogLine['level'], text: string): void {
    this.#lines.push({ number: ++this.#lineNumber, at: this.#moment(), level, text: text.slice(0, LINE_CHARS) })
    if (this.#lines.length > LINES) this.#lines.shift()
  }

  /** Takes the transfer since the last sample; the timer does it each 10 seconds. */
  sample(): void {
    const now = { atMs: this.#o.now(), traffic: this.#o.traffic() }
    const last = this.#spans.at(-1)
    if (last === undefined || now.atMs <= last.atMs) return
    put(this.#hour, rateOf(last, now), HOUR_SAMPLES)
    this.#spans.push(now)
    const first = this.#spans[0]
    if (first === undefined || this.#spans.length <= PER_DAY_SAMPLE) return
    put(this.#day, rateOf(first, now), DAY_SAMPLES)
    this.#spans = [now]
  }

  close(): void {
    clearInterval(this.#timer)
    this.#stopListening()
  }

  #take(event: StoreEvent): void {
    if (event.event === 'item' || event.event === 'ready' || event.event === 'pair') return
    this.#events.push(event)
    if (event.event === 'change') this.#changes++
    const gone = this.#changes > CHANGES ? this.#events.findIndex((one) => one.event === 'change') : 0
    if (this.#changes <= CHANGES && this.#events.length <= EVENTS) return
    if (this.#events.splice(gone, 1)[0]?.event === 'change') this.#changes--
  }

  #moment(): string {
    return new Date(this.#o.now()).toISOString()
  }
}

function rateOf(from: { atMs: number; traffic: Traffic }, to: { atMs: number; traffic: Traffic }): TransferSample {
  const seconds = (to.atMs - from.atMs) / 1000
  return {
    at: new Date(to.atMs).toISOString(),
    received: Math.max(0, to.traffic.received - from.traffic.received) / seconds,
    sent: Math.max(0, to.traffic.sent - from.traffic.sent) / seconds,
  }
}

function put(samples: TransferSample[], sample: TransferSample, most: number): void {
  samples.push(sample)
  if (samples.length > most) samples.shift()
}
