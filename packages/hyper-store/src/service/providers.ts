/** Named providers: stores that the user controls, dialled for ever, and their API reached with the right that they gave. */
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, isErrorCode, type Provider, Right, ROUTES, StoreInfo } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { openHttpStream } from '../hyper/transports/http-over-noise.ts'
import type { ConnectionBook } from '../hyper/transports/connections.ts'
import { decodeDeviceKey, type Identity } from '../hyper/transports/identity.ts'
import type { Internet } from '../hyper/transports/internet.ts'
import { needsAPerson, ProviderDialer } from '../hyper/transports/provider-dialer.ts'
import type { ProviderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { normalizeCode, pairProofBytes } from './pairing.ts'
import { hex } from '../hyper/hash.ts'

/** How long a provider has to answer when it is named. */
const CHECK_MS = 8_000

/** How long a device may take to be found by its key alone. */
const REACH_MS = 20_000

/** A request to a provider's API. */
export interface ProviderRequest {
  readonly method: string
  readonly path: string
  /** JSON; or bytes as they come, with their type and, where it is known, their length. */
  readonly body: Uint8Array | ByteBody | null
  readonly accept: string | null
  /** Headers beside those that are set here; default none. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}
interface ByteBody {
  readonly type: string
  readonly length: number | null
  readonly bytes: AsyncIterable<Uint8Array>
}
export interface ProviderReply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: ReadableStream<Uint8Array> | null
}

/** The named providers of one store. */
export class Providers {
  readonly #state: State
  readonly #identity: Identity
  readonly #book: ConnectionBook
  readonly #internet: () => Internet | null
  readonly #deviceName: () => string
  readonly #records = new Map<string, ProviderRecord>()
  readonly #dialers = new Map<string, ProviderDialer>()

  constructor(options: {
    state: State
    identity: Identity
    book: ConnectionBook
    internet: () => Internet | null
    deviceName: () => string
  }) {
    this.#state = options.state
    this.#identity = options.identity
    this.#book = options.book
    this.#internet = options.internet
    this.#deviceName = options.deviceName
  }

  async start(): Promise<void> {
    for (const record of await this.#state.providers.list()) {
      this.#records.set(record.name, record)
      this.#dial(record)
    }
  }

  list(): Provider[] {
    return [...this.#records.values()].map((r) => this.#shown(r))
  }
  get(name: string): Provider {
    return this.#shown(this.#record(name))
  }
  nameOfDevice(deviceKey: string): string | null {
    for (const r of this.#records.values()) if (r.deviceKey === deviceKey) return r.name
    return null
  }
  keyOf(name: string): string | null {
    return this.#records.get(name)?.deviceKey ?? null
  }

  /**
   * Names a provider after it answered. `target` is a URL or device key, with `#code` to pair.
   * Throws PROVIDER_UNREACHABLE, NOT_A_STORE, UNAUTHENTICATED, WRONG_CODE, EXPIRED_CODE.
   */
  async set(name: string, target: string): Promise<Provider> {
    if (name === 'local' || !/^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u.test(name))
      throw new AppError('BAD_REQUEST', { reason: `"${name}" can't be the name of a provider` })
    const { url, deviceKey, code } = parseTarget(target)
    const known = [...this.#records.values()].find(
      (r) => (url !== null && r.url === url) || (deviceKey !== null && r.deviceKey === deviceKey),
    )
    let record: ProviderRecord = {
      name,
      url,
      deviceKey: deviceKey ?? known?.deviceKey ?? null,
      role: known?.role ?? null,
      token: known?.token ?? null,
      addedAtMs: Date.now(),
      lastSeenAtMs: null,
    }
    if (deviceKey !== null) await this.#reach(name, deviceKey)
    const info = await this.#askInfo(record).catch((error: unknown) => {
      this.#letGo(deviceKey)
      throw error
    })
    if (info.deviceKey === this.#identity.deviceKey) throw new AppError('BAD_REQUEST', { reason: 'that address is this store itself' })
    if (deviceKey !== null && info.deviceKey !== deviceKey) throw new AppError('NOT_A_STORE', { url: target })
    record = { ...record, deviceKey: info.deviceKey, lastSeenAtMs: Date.now() }
    if (code !== null) {
      const right = await this.#redeem(record, info.deviceKey, code)
      record = { ...record, role: right.role, token: right.token }
    } else if (info.role === null && record.token === null) throw new AppError('UNAUTHENTICATED', { name })
    else record = { ...record, role: info.role ?? record.role }
    await this.#dialers.get(name)?.close()
    this.#dialers.delete(name)
    this.#records.set(name, record)
    await this.#state.providers.put(record)
    this.#dial(record)
    return this.#shown(record)
  }

  async unset(name: string): Promise<void> {
    const { deviceKey } = this.#record(name)
    this.#records.delete(name)
    this.#letGo(deviceKey)
    await this.#state.providers.remove(name)
    await this.#dialers.get(name)?.close({ hangUp: true })
    this.#dialers.delete(name)
  }

  /** Calls a provider's API with the right that it gave. Throws UNKNOWN_PROVIDER, PROVIDER_UNREACHABLE. */
  async call(name: string, request: ProviderRequest): Promise<ProviderReply> {
    return this.#request(this.#record(name), request)
  }

  /** Calls and reads a JSON reply; errors of the provider come as its AppErrors. */
  async callJson<T>(
    name: string,
    method: string,
    path: string,
    options: { body?: unknown; schema: v.GenericSchema<unknown, T> },
  ): Promise<T> {
    return this.#json(this.#record(name), method, path, options)
  }

  /** Dials all that wait again, at once. */
  kick(): void {
    for (const dialer of this.#dialers.values()) dialer.kick()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dialers.values()].map(async (d) => d.close()))
    this.#dialers.clear()
  }

  #record(name: string): ProviderRecord {
    const record = this.#records.get(name)
    if (record === undefined) throw new AppError('UNKNOWN_PROVIDER', { name })
    return record
  }

  #shown(r: ProviderRecord): Provider {
    const state = this.#dialers.get(r.name)?.state
    const live = r.deviceKey !== null && this.#book.current(r.deviceKey) !== null
    const broken = state !== undefined && needsAPerson(state.error)
    return { name: r.name, url: r.url, deviceKey: r.deviceKey, role: r.role, reachable: live && !broken }
  }

  /** Waits until a device is connected by any way; over the internet it is looked for by its key. Throws PROVIDER_UNREACHABLE. */
  async #reach(name: string, deviceKey: string): Promise<void> {
    this.#internet()?.connectToDevice(deviceKey)
    const deadline = Date.now() + REACH_MS
    while (this.#book.current(deviceKey) === null) {
      if (Date.now() > deadline) {
        this.#letGo(deviceKey)
        throw new AppError('PROVIDER_UNREACHABLE', { name, url: deviceKey })
      }
      await sleep(50)
    }
  }

  /** Looks for a device no longer, unless a provider is known by that key. */
  #letGo(deviceKey: string | null): void {
    const wanted = [...this.#records.values()].some((r) => r.url === null && r.deviceKey === deviceKey)
    if (deviceKey !== null && !wanted) this.#internet()?.forgetDevice(deviceKey)
  }

  #dial(record: ProviderRecord): void {
    if (record.url !== null) {
      const options = { url: record.url, book: this.#book, via: 'provider' as const }
      this.#dialers.set(
        record.name,
        new ProviderDialer(record.deviceKey === null ? options : { ...options, expectedDeviceKey: record.deviceKey }),
      )
    } else if (record.deviceKey !== null) this.#internet()?.connectToDevice(record.deviceKey)
  }

  async #askInfo(record: ProviderRecord): Promise<v.InferOutput<typeof StoreInfo>> {
    return this.#json(record, 'GET', ROUTES.getStore.path, { schema: StoreInfo })
  }

  async #redeem(record: ProviderRecord, storeKey: string, code: string): Promise<v.InferOutput<typeof Right>> {
    const normal = normalizeCode(code) ?? code
    const proof = hex(this.#identity.sign(pairProofBytes(normal, storeKey)))
    return this.#json(record, 'POST', ROUTES.redeemPair.path, {
      body: { code: normal, deviceKey: this.#identity.deviceKey, name: this.#deviceName(), proof },
      schema: Right,
    })
  }

  async #json<T>(
    record: ProviderRecord,
    method: string,
    path: string,
    options: { body?: unknown; schema: v.GenericSchema<unknown, T> },
  ): Promise<T> {
    const body = options.body === undefined ? null : Buffer.from(JSON.stringify(options.body))
    const reply = await this.#request(record, { method, path, body, accept: 'application/json', signal: AbortSignal.timeout(CHECK_MS) })
    const unreachable = (cause: unknown) =>
      new AppError('PROVIDER_UNREACHABLE', { name: record.name, url: record.url ?? record.deviceKey ?? '' }, { cause })
    // The connection may end in the middle of a reply.
    const text = reply.body === null ? '' : await readLimited(reply.body).catch((error: unknown) => Promise.reject(unreachable(error)))
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw new AppError('NOT_A_STORE', { url: record.url ?? record.name }, { cause: error })
    }
    if (reply.status >= 400) throw remoteError(value, record)
    const parsed = v.safeParse(options.schema, value)
    if (!parsed.success) throw new AppError('NOT_A_STORE', { url: record.url ?? record.name })
    return parsed.output
  }

  async #request(record: ProviderRecord, request: ProviderRequest): Promise<ProviderReply> {
    const headers: Record<string, string> = { ...request.headers, ...headersOf(request.body) }
    if (request.accept !== null) headers['accept'] = request.accept
    if (record.token !== null) headers['authorization'] = `Bearer ${record.token}`
    const options = { method: request.method, path: request.path, headers, signal: request.signal }
    return new Promise<ProviderReply>((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(
          error instanceof AppError
            ? error
            : new AppError('PROVIDER_UNREACHABLE', { name: record.name, url: record.url ?? record.deviceKey ?? '' }, { cause: error }),
        )
      const answer = (response: http.IncomingMessage) => {
        const replyHeaders: Record<string, string> = {}
        for (const [k, value] of Object.entries(response.headers)) if (typeof value === 'string') replyHeaders[k] = value
        // What was not sent by then is wanted no more.
        response.once('close', () => void (sent.writableEnded || sent.destroy()))
        resolve({ status: response.statusCode ?? 502, headers: replyHeaders, body: Readable.toWeb(response) as ReadableStream<Uint8Array> })
      }
      let sent: http.ClientRequest
      try {
        sent = this.#open(record, options, answer)
      } catch (error) {
        fail(error)
        return
      }
      sent.on('error', fail)
      if (request.body === null) sent.end()
      else if (request.body instanceof Uint8Array) sent.end(request.body)
      else
        sendBytes(request.body.bytes, sent).catch((error: unknown) => {
          fail(error)
          sent.destroy()
        })
    })
  }

  #open(record: ProviderRecord, options: http.RequestOptions, answer: (response: http.IncomingMessage) => void): http.ClientRequest {
    if (record.url !== null) {
      const base = new URL(record.url)
      const place = {
        ...options,
        hostname: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        path: base.pathname.replace(/\/$/, '') + (options.path ?? '/'),
      }
      return base.protocol === 'https:' ? https.request(place, answer) : http.request(place, answer)
    }
    const connection = record.deviceKey === null ? null : this.#book.current(record.deviceKey)
    if (connection === null) throw new AppError('PROVIDER_UNREACHABLE', { name: record.name, url: record.deviceKey ?? '' })
    return http.request({ ...options, host: 'device', createConnection: () => openHttpStream(connection) }, answer)
  }
}

function headersOf(body: ProviderRequest['body']): Record<string, string> {
  if (body === null) return {}
  const [type, length] = body instanceof Uint8Array ? ['application/json', body.byteLength] : [body.type, body.length]
  return { 'content-type': type, ...(length === null ? {} : { 'content-length': String(length) }) }
}

/**
 * Sends bytes at the pace of who takes them. What comes after the answer is thrown away, since a connection with unread bytes would be
 * cut before the caller has the answer. Throws what reading throws.
 */
async function sendBytes(bytes: AsyncIterable<Uint8Array>, sent: http.ClientRequest): Promise<void> {
  let isOver = false
  let goOn = (): void => undefined
  const over = (): void => {
    isOver = true
    goOn()
  }
  sent.once('response', over).once('close', over)
  sent.on('drain', () => goOn())
  try {
    for await (const piece of bytes) if (!isOver && !sent.write(piece)) await new Promise<void>((resolve) => (goOn = resolve))
  } catch (error) {
    if (!isOver) throw error
  }
  if (!isOver) sent.end()
}

/** Splits `<url or device key>[#code]`. Throws BAD_REQUEST. */
function parseTarget(target: string): { url: string | null; deviceKey: string | null; code: string | null } {
  const hash = target.indexOf('#')
  const place = hash < 0 ? target : target.slice(0, hash)
  const code = hash < 0 || hash === target.length - 1 ? null : target.slice(hash + 1)
  if (decodeDeviceKey(place) !== null) return { url: null, deviceKey: place, code }
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? place : `http://${place}`)
    if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') throw new TypeError('not http')
    return { url: url.origin + (url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')), deviceKey: null, code }
  } catch {
    throw new AppError('BAD_REQUEST', { reason: `"${place}" is neither an http:// address nor a device key` })
  }
}

/** The text of a reply. Throws RangeError for one of more than 16 MiB. */
export async function readLimited(body: ReadableStream<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    if (bytes > 16 * 1024 * 1024) throw new RangeError('the reply is too long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function remoteError(value: unknown, record: ProviderRecord): AppError {
  const error = (value as { error?: { code?: unknown; data?: unknown } } | null)?.error
  const parsed = v.safeParse(v.object({ code: v.string(), data: v.optional(v.record(v.string(), v.unknown())) }), error)
  if (parsed.success && isErrorCode(parsed.output.code)) return new AppError(parsed.output.code, parsed.output.data ?? {})
  return new AppError('NOT_A_STORE', { url: record.url ?? record.name })
}
