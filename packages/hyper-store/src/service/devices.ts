/** The devices that have a right to this store: paired, named, recognized, revoked. */
import { randomBytes } from 'node:crypto'
import {
  AppError,
  type ChangeDevice,
  type Device,
  type PairCode,
  type RedeemCode,
  type Right,
  type Role,
} from '@hyper-store/client/contract'
import type { Caller } from '../core/store-api.ts'
import type { ConnectionBook } from '../hyper/transports/connections.ts'
import { decodeDeviceKey, loadIdentity, verifySignature, type Identity } from '../hyper/transports/identity.ts'
import { tokenHash, type State } from '../state/state.ts'
import { createPairing, pairProofBytes } from './pairing.ts'
import type { Quotas } from './quotas.ts'

/** When a device was last seen is written down at most this often. */
const SEEN_MS = 60_000

/** What devices need from the store around them. */
export interface DevicesOptions {
  readonly state: State
  readonly identity: Identity
  readonly book: ConnectionBook
  /** Name of this store. */
  readonly deviceName: () => string
  /** Where other machines reach this store. */
  readonly publicUrl: () => string
  /** What the devices have it keep. */
  readonly quotas: Pick<Quotas, 'load' | 'usedBytes'>
}

/** Rights given to devices, and the codes by which they get them. */
export class Devices {
  readonly #o: DevicesOptions
  readonly #pairing = createPairing({ now: () => Date.now(), random: (n) => new Uint8Array(randomBytes(n)) })

  constructor(options: DevicesOptions) {
    this.#o = options
  }

  /** All that have a right, connected or not. */
  async list(): Promise<Device[]> {
    return (await this.#o.state.devices.list()).map((d) => ({
      name: d.name,
      key: d.key,
      role: d.role,
      addedAt: new Date(d.addedAtMs).toISOString(),
      lastSeenAt: d.lastSeenAtMs === null ? null : new Date(d.lastSeenAtMs).toISOString(),
      connected: this.#o.book.current(d.key) !== null,
      usedBytes: this.#o.quotas.usedBytes(d.key),
      quotaBytes: d.quotaBytes ?? null,
    }))
  }

  /** `device` is a key or a name. Throws UNKNOWN_DEVICE, AMBIGUOUS. */
  async change(device: string, { name, quotaBytes }: ChangeDevice): Promise<Device> {
    const key = await this.#keyOf(device)
    const change = { ...(name === undefined ? {} : { name }), ...(quotaBytes === undefined ? {} : { quotaBytes }) }
    await this.#o.state.devices.update(key, (row) => ({ ...row, ...change }))
    await this.#o.quotas.load()
    const found = (await this.list()).find((d) => d.key === key)
    if (found === undefined) throw new AppError('UNKNOWN_DEVICE', { name: device })
    return found
  }

  /** Takes the right away and hangs up. `device` is a key or a name. Throws UNKNOWN_DEVICE, AMBIGUOUS. */
  async revoke(device: string): Promise<void> {
    const key = await this.#keyOf(device)
    await this.#o.state.devices.remove(key)
    await this.#o.quotas.load()
    for (const connection of this.#o.book.all()) if (connection.deviceKey === key) connection.close()
  }

  /** Throws BAD_REQUEST when too many codes are open. */
  createPair(request: { role: Role; expiresS: number }): PairCode {
    const made = this.#pairing.create(request)
    return {
      code: made.code,
      line: `hyper-store set-provider ${this.#o.publicUrl()}#${made.code} ${shellName(this.#o.deviceName())}`,
      role: made.role,
      expiresAt: new Date(made.expiresAtMs).toISOString(),
    }
  }

  /** Gives a device its right for a code. `from` is its address. Throws WRONG_CODE, EXPIRED_CODE, TOO_MANY_TRIES, FORBIDDEN. */
  async redeemPair(request: RedeemCode, from: string): Promise<Right> {
    const { identity } = this.#o
    const role = this.#pairing.redeem(request.code, {
      from,
      proven: () =>
        decodeDeviceKey(request.deviceKey) !== null &&
        verifySignature(pairProofBytes(request.code, identity.deviceKey), Buffer.from(request.proof, 'hex'), request.deviceKey),
    })
    return this.#admit({ key: request.deviceKey, name: request.name, role })
  }

  /** Gives a browser a right for a code, under a key that is made for it and kept by nobody: it calls by its token alone. Throws as redeemPair. */
  async redeemForBrowser(code: string, name: string, from: string): Promise<Right> {
    const role = this.#pairing.redeem(code, { from })
    return this.#admit({ key: loadIdentity(randomBytes(32)).deviceKey, name, role })
  }

  /** Who a token belongs to; null when nobody. */
  async callerOfToken(token: string): Promise<Caller | null> {
    const hash = tokenHash(token)
    for (const device of await this.#o.state.devices.list()) {
      if (device.tokenHash === hash) {
        void this.seen(device.key, device.lastSeenAtMs)
        return { role: device.role, deviceKey: device.key, local: false }
      }
    }
    return null
  }

  /** Null when the device has no right. */
  async callerOfDevice(deviceKey: string): Promise<Caller | null> {
    const device = await this.#o.state.devices.get(deviceKey)
    if (device === null) return null
    void this.seen(device.key, device.lastSeenAtMs)
    return { role: device.role, deviceKey, local: false }
  }

  /** Writes down that a device is here; `last` is when it was written down before, in milliseconds, null when not known. */
  async seen(key: string, last: number | null): Promise<void> {
    if (last !== null && Date.now() - last < SEEN_MS) return
    await this.#o.state.devices.update(key, (row) => ({ ...row, lastSeenAtMs: Date.now() }), { sync: false }).catch(() => undefined)
  }

  async #admit({ key, name, role }: { key: string; name: string; role: Role }): Promise<Right> {
    const token = randomBytes(32).toString('base64url')
    // A limit outlives a new code: only the owner takes it away.
    const before = await this.#o.state.devices.get(key)
    await this.#o.state.devices.put({
      ...(before?.quotaBytes === undefined ? {} : { quotaBytes: before.quotaBytes }),
      key,
      name,
      role,
      tokenHash: tokenHash(token),
      addedAtMs: Date.now(),
      lastSeenAtMs: Date.now(),
    })
    await this.#o.quotas.load()
    return { token, role, deviceKey: this.#o.identity.deviceKey, name: this.#o.deviceName() }
  }

  async #keyOf(device: string): Promise<string> {
    const devices = await this.#o.state.devices.list()
    const found = devices.filter((d) => d.key === device || d.name === device)
    if (found.length > 1) throw new AppError('AMBIGUOUS', { ref: device })
    if (found[0] === undefined) throw new AppError('UNKNOWN_DEVICE', { name: device })
    return found[0].key
  }
}

/** A name that needs no quotes on a command line. */
function shellName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", '')}'`
}
