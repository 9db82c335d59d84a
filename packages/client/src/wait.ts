/** Waiting until named devices hold the newest version of a folder. */
import { AppError, ERRORS, errorCode } from './contract/errors.ts'
import type { Item, ItemDevice, ReceiptEvent, StoreEvent } from './contract/schemas.ts'
import { pause } from './events.ts'
import type { EventsOptions } from './events.ts'
import type { Operations } from './operations.ts'
import { errorFromWire } from './transport.ts'

const POLL_MS = 2000
/** How long a store may be away (a restart, an update) before the wait gives up. */
const AWAY_MS = 30_000

/** Options of `client.wait`. */
export interface WaitOptions {
  /**
   * Names or keys of devices, names of providers or of people in a shared folder; `this` and `local` mean the store asked. A person holds
   * what one of their devices holds. None: the store asked and every provider that keeps the folder.
   */
  readonly devices?: readonly string[]
  /** Seconds until TIMED_OUT; 0 looks once, without a rescan; default: no limit. */
  readonly timeoutS?: number
  /** Ends the wait with CANCELLED. */
  readonly signal?: AbortSignal
  /** Told each time the item was seen anew. */
  readonly onItem?: (item: Item) => void
  /** Compare the folder on disk with what is stored first, so that a file saved just before the call counts; default true. */
  readonly rescan?: boolean
}

/** What the wait needs of a client. */
export interface WaitSource extends Operations {
  events(options: EventsOptions): AsyncIterable<StoreEvent>
}

/**
 * Resolves with one receipt per device, in the order named, once each of them holds the newest version.
 * Throws TIMED_OUT (`data.missing` says in words who lacks what, `data.devices` their names), CANCELLED, UNKNOWN_FOLDER,
 * UNKNOWN_PROVIDER, AMBIGUOUS (a name that several devices have), and what stopped the folder on the store asked (STOPPED_FOR_SAFETY, …).
 */
export async function waitForDevices(source: WaitSource, folder: string, options: WaitOptions): Promise<ReceiptEvent[]> {
  if (options.signal?.aborted === true) throw new AppError('CANCELLED')
  const over = new AbortController()
  const cancel = () => over.abort(new AppError('CANCELLED'))
  options.signal?.addEventListener('abort', cancel)
  let item = await source.getFolder(folder, { signal: over.signal })
  const wanted = await resolveNames(source, item, options)
  const { timeoutS } = options
  const onItem = (seen: Item) => {
    item = seen
    options.onItem?.(seen)
  }
  const timer =
    timeoutS === undefined
      ? undefined
      : setTimeout(() => over.abort(timedOut(item, wanted, timeoutS)), Math.min(timeoutS * 1000, 2 ** 31 - 1))
  try {
    return await follow(source, item, { ...options, over: over.signal, wanted, onItem })
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', cancel)
    over.abort()
  }
}

interface Following extends WaitOptions {
  readonly over: AbortSignal
  readonly wanted: readonly Wanted[] | null
  readonly onItem: (item: Item) => void
}

/** Looks at the item after each event and every two seconds until everybody is complete. */
async function follow(source: WaitSource, first: Item, { wanted, onItem, over, rescan, timeoutS }: Following): Promise<ReceiptEvent[]> {
  const bell = createBell()
  const writes = first.path !== null && first.state !== 'paused' && (first.mode === 'send-receive' || first.mode === 'send-only')
  let scanned = !(writes && rescan !== false && timeoutS !== 0)
  let failure: unknown = null
  if (!scanned) {
    void settleDisk(source, first.key, over).then(
      () => ((scanned = true), bell.ring()),
      (error: unknown) => ((failure = error), bell.ring()),
    )
  }
  void listen(source, first.key, { over, onEvent: () => bell.ring() })
  let item = first
  let settled = scanned
  for (let awaySince: number | null = null; ;) {
    if (awaySince === null) {
      onItem(item)
      const receipts = settled ? receiptsOf(item, wanted) : null
      if (receipts !== null) return receipts
      if (failure !== null) throw failure
      throwIfStopped(item)
    }
    await bell.heard(POLL_MS, over)
    if (over.aborted) throw over.reason
    // What the scan found is only in an item that was read after it.
    const before = scanned
    try {
      item = await source.getFolder(first.key, { signal: over })
      awaySince = null
      settled = before
    } catch (error) {
      const code = errorCode(error)
      awaySince ??= Date.now()
      if (code === undefined || code === 'CANCELLED' || !ERRORS[code].retry || Date.now() - awaySince > AWAY_MS) throw error
    }
  }
}

/** A rescan that outlives a cut connection: long imports take longer than an HTTP answer may. */
async function settleDisk(source: WaitSource, key: string, over: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await source.rescanFolder(key, { signal: over })
      return
    } catch (error) {
      const code = errorCode(error)
      // Without the right to scan, the store's own watcher must do.
      if (code === 'FORBIDDEN' || code === 'UNAUTHENTICATED') return
      if (code !== 'SERVICE_UNREACHABLE' && code !== 'PROVIDER_UNREACHABLE') throw error
    }
    await pause(POLL_MS, over)
  }
}

/** Events only hasten the next look; where there are none (no right, an old store) polling does. */
async function listen(source: WaitSource, key: string, { over, onEvent }: { over: AbortSignal; onEvent: () => void }): Promise<void> {
  try {
    for await (const event of source.events({ folder: key, signal: over })) {
      if (event.event === 'receipt' || event.event === 'item' || event.event === 'removed') onEvent()
    }
  } catch {
    // The poll goes on and reports what is truly wrong.
  }
}

interface Bell {
  ring(): void
  /** Resolves when rung (also before), after `ms`, or when the signal aborts; at most ten times a second. */
  heard(ms: number, signal: AbortSignal): Promise<void>
}

function createBell(): Bell {
  let rung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      rung = true
      wake?.()
    },
    async heard(ms, signal) {
      await pause(100, signal)
      if (!rung) {
        const woken = new AbortController()
        wake = () => woken.abort()
        await pause(ms, AbortSignal.any([signal, woken.signal]))
        wake = null
      }
      rung = false
    },
  }
}

/** Who is waited for. `key` is null for a person, and until a device of that name was seen. */
interface Wanted {
  readonly name: string
  readonly key: string | null
  /** True for a person, with whichever of their devices is the first to hold all. */
  readonly person: boolean
}

/** Null means "this device and every provider", which may grow while waiting. */
async function resolveNames(source: WaitSource, item: Item, { devices, signal }: WaitOptions): Promise<Wanted[] | null> {
  if (devices === undefined || devices.length === 0) return null
  const wanted: Wanted[] = []
  for (const name of devices) {
    wanted.push(namedIn(item, name) ?? { name, key: await keyOfProvider(source, name, signal), person: false })
  }
  return wanted
}

/**
 * The device or person of the item that a name means; null when there is none. A device goes before the person who has it, since people
 * are called after their first device. Throws AMBIGUOUS.
 */
function namedIn(item: Item, name: string): Wanted | null {
  const one = (device: ItemDevice): Wanted => ({ name: device.name, key: device.key, person: false })
  const own = name === 'this' || name === 'local' ? item.devices.find((device) => device.role === 'this') : undefined
  const exact = own ?? item.devices.find((device) => device.key === name)
  if (exact !== undefined) return one(exact)
  const named = item.devices.filter((device) => device.name === name)
  const theirs = item.devices.filter((device) => device.person === name)
  const [first] = named
  if (first === undefined) return theirs.length === 0 ? null : { name, key: null, person: true }
  const others = [...named.slice(1), ...theirs.filter((device) => device.person !== first.person)]
  if (others.length > 0) throw new AppError('AMBIGUOUS', { ref: name, keys: [...new Set([...named, ...theirs].map(({ key }) => key))] })
  return one(first)
}

async function keyOfProvider(source: WaitSource, name: string, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    const provider = await source.getProvider(name, signal === undefined ? {} : { signal })
    return provider.deviceKey
  } catch (error) {
    const code = errorCode(error)
    if (code === 'FORBIDDEN' || code === 'UNAUTHENTICATED') return null
    throw error
  }
}

function findDevice(item: Item, wanted: Wanted): ItemDevice | undefined {
  if (wanted.person) return ahead(item.devices.filter((device) => device.person === wanted.name))
  if (wanted.key !== null) return item.devices.find((device) => device.key === wanted.key)
  const matches = item.devices.filter((device) => device.key === wanted.name || device.name === wanted.name)
  return matches.find((device) => device.role === 'provider') ?? matches[0]
}

/** The device of a person that is furthest. */
function ahead(devices: readonly ItemDevice[]): ItemDevice | undefined {
  const share = (device: ItemDevice) => (device.complete ? 2 : device.at === null ? -1 : device.progress)
  return devices.toSorted((a, b) => share(b) - share(a))[0]
}

function targets(item: Item, wanted: readonly Wanted[] | null): { name: string; device: ItemDevice | undefined }[] {
  if (wanted === null) {
    return item.devices.filter((device) => device.role !== 'device').map((device) => ({ name: device.name, device }))
  }
  return wanted.map((one) => ({ name: one.name, device: findDevice(item, one) }))
}

function receiptsOf(item: Item, wanted: readonly Wanted[] | null): ReceiptEvent[] | null {
  const receipts: ReceiptEvent[] = []
  for (const { device } of targets(item, wanted)) {
    if (device === undefined || !device.complete) return null
    receipts.push({
      event: 'receipt',
      at: device.at ?? new Date().toISOString(),
      link: item.link,
      device: { name: device.name, key: device.key },
      version: device.version,
      complete: true,
      files: item.files,
      bytes: item.bytes,
    })
  }
  return receipts.length === 0 ? null : receipts
}

function timedOut(item: Item, wanted: readonly Wanted[] | null, seconds: number): AppError {
  const late = targets(item, wanted).filter(({ device }) => device?.complete !== true)
  const missing = late.map(({ name, device }) => {
    if (device === undefined || device.at === null) return `${name} has told nothing yet`
    const share = `${Math.floor(device.progress * 100)} % of version ${item.version}`
    return device.live ? `${name} holds ${share}` : `${name} held ${share} when last heard, and is not connected now`
  })
  const words = missing.length > 0 ? missing.join('; ') : `${item.title} is still being read from the disk`
  return new AppError('TIMED_OUT', {
    seconds,
    missing: words,
    devices: late.map(({ name }) => name),
    link: item.link,
    version: item.version,
  })
}

/** A folder that waits for a person will not become complete by waiting. */
function throwIfStopped(item: Item): void {
  if (item.state !== 'error' || item.problem === null) return
  const error = errorFromWire(item.problem, 500)
  if (!ERRORS[error.code].retry) throw error
}
