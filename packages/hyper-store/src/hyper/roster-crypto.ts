/** The cryptography of rosters: gates, sealed bodies and names, boxes for devices, invite key pairs, and commands made and opened. */
import hypercoreCrypto from 'hypercore-crypto'
import sodium from 'sodium-universal'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { encodeZ32 } from '../core/links.ts'
import {
  MAX_COMMAND_BYTES,
  type CommandBody,
  type CommandId,
  type EpochKeys,
  type KeyBox,
  type OpenedCommand,
  type RequestBody,
  type RosterName,
  type SignedCommand,
} from '../core/roster/commands.ts'
import { hashBytes, hex } from './hash.ts'
import { isRootProof } from './root-proof.ts'
import { parseBody, parseSigned } from './roster-shapes.ts'
import { decodeDeviceKey, type Identity, verifySignature } from './transports/identity.ts'

const NONCE_BYTES = 24
const MAC_BYTES = 16
const SEAL_BYTES = 48
const SEED_BYTES = 16
/** Keys in one box at most: all of 150 epochs fit into a command. */
const MAX_BOX_KEYS = 150
/** Signatures that were found good are remembered, so many at most: opening a roster again costs no signature check. */
const REMEMBERED = 20_000

const text = (words: string): Uint8Array => Buffer.from(words, 'utf8')
const bytesOf = (value: string): Uint8Array => Buffer.from(value, 'hex')

/** Hex gate of epoch 1: whoever knows the folder's key has it. Throws a RangeError for a text that is no key. */
export function gateOfRoot(folder: string): string {
  const key = decodeDeviceKey(folder)
  if (key === null) throw new RangeError('a folder key has 52 characters of z-base-32')
  return hex(hashBytes(text('hyper-store roster gate\n'), key))
}

/** Hex gate of a later epoch of a private folder, from its content key (hex). */
export function gateOfKey(key: string): string {
  return hex(hashBytes(text('hyper-store epoch gate\n'), bytesOf(key)))
}

/** Fresh keys of an epoch after the first: with a content key in private folders, a gate alone in open ones. */
export function newEpochKeys(epoch: number, options: { private: boolean }): EpochKeys {
  const random = hex(hypercoreCrypto.randomBytes(32))
  return options.private ? { epoch, key: random, gate: gateOfKey(random) } : { epoch, key: null, gate: random }
}

/** Tells an epoch from another of the same number: hex of 16 bytes. For epochs after the first; the first has the mark null. */
export function epochMark(gate: string): string {
  return hex(hashBytes(text('hyper-store epoch mark\n'), bytesOf(gate)).subarray(0, 16))
}

/** The keys of one epoch out of all that a device has; null when it lacks them. */
export function keysOfEpoch(all: readonly EpochKeys[], which: { readonly epoch: number; readonly mark: string | null }): EpochKeys | null {
  return (
    all.find((keys) => keys.epoch === which.epoch && (which.mark === null ? which.epoch === 1 : epochMark(keys.gate) === which.mark)) ??
    null
  )
}

/** Bytes sealed for a device (base64): only its identity opens them. Throws a RangeError for a text that is no device key. */
export function sealFor(device: string, bytes: Uint8Array): string {
  const publicKey = decodeDeviceKey(device)
  const box = Buffer.alloc(32)
  if (publicKey === null || !toCurve(() => sodium.crypto_sign_ed25519_pk_to_curve25519(box, publicKey))) {
    throw new RangeError('a device key is a point of ed25519 in 52 characters of z-base-32')
  }
  const sealed = Buffer.alloc(bytes.byteLength + SEAL_BYTES)
  sodium.crypto_box_seal(sealed, bytes, box)
  return sealed.toString('base64')
}

/** Opens what `sealFor` sealed for this identity; null when it was for another or is damaged. */
export function openSealed(identity: Identity, sealed: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.byteLength < SEAL_BYTES) return null
  const publicKey = Buffer.alloc(32)
  const secretKey = Buffer.alloc(32)
  sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey, identity.keyPair.publicKey)
  sodium.crypto_sign_ed25519_sk_to_curve25519(secretKey, identity.keyPair.secretKey)
  const opened = Buffer.alloc(bytes.byteLength - SEAL_BYTES)
  const good = sodium.crypto_box_seal_open(opened, bytes, publicKey, secretKey)
  sodium.sodium_memzero(secretKey)
  return good ? opened : null
}

/** Keys in a box (base64) for a device, the newest first; of more than 150 the oldest stay out. Give blind keepers keys whose `key` is null. */
export function sealKeyBox(device: string, keys: KeyBox): string {
  const newest = [...keys].sort((a, b) => b.epoch - a.epoch).slice(0, MAX_BOX_KEYS)
  return sealFor(device, Buffer.concat(newest.map((one) => encodeKeys(one))))
}

/** Opens a box of keys; null when it is not for this identity or malformed. */
export function openKeyBox(identity: Identity, box: string): KeyBox | null {
  const bytes = openSealed(identity, box)
  if (bytes === null) return null
  const keys: EpochKeys[] = []
  for (let at = 0; at < bytes.byteLength;) {
    const flags = bytes[at + 2] ?? 0
    const length = 3 + ((flags & 1) === 0 ? 0 : 32) + ((flags & 2) === 0 ? 0 : 32)
    const part = Buffer.from(bytes.subarray(at, at + length))
    if (part.byteLength !== length || (flags & 3) === 0 || flags > 3 || keys.length >= MAX_BOX_KEYS) return null
    const key = (flags & 1) === 0 ? null : hex(part.subarray(3, 35))
    const gate = (flags & 2) === 0 ? gateOfKey(key ?? '') : hex(part.subarray(length - 32))
    const epoch = part.readUInt16BE(0)
    if (epoch === 0) return null
    keys.push({ epoch, key, gate })
    at += length
  }
  return keys.length === 0 ? null : keys
}

// Two bytes of epoch, one of flags (1: content key, 2: gate), the keys. A gate that follows from the content key is left out.
function encodeKeys({ epoch, key, gate }: EpochKeys): Uint8Array {
  const derived = key !== null && gateOfKey(key) === gate
  const head = Buffer.alloc(3)
  head.writeUInt16BE(epoch, 0)
  head[2] = (key === null ? 0 : 1) | (derived ? 0 : 2)
  return Buffer.concat([head, key === null ? Buffer.alloc(0) : bytesOf(key), derived ? Buffer.alloc(0) : bytesOf(gate)])
}

/** A name as members see it: sealed with the epoch's content key, plain in open folders (keys without one). */
export function sealName(name: string, keys: EpochKeys): RosterName {
  if (keys.key === null) return { plain: name }
  const mark = keys.epoch === 1 ? null : epochMark(keys.gate)
  return { epoch: keys.epoch, mark, sealed: seal(text(name), nameKey(bytesOf(keys.key))) }
}

/** The name; null when this device lacks its key, or it is malformed. At most 200 characters. */
export function openName(name: RosterName, all: readonly EpochKeys[]): string | null {
  if ('plain' in name) return name.plain
  const key = keysOfEpoch(all, name)?.key ?? null
  return key === null ? null : openText(name.sealed, nameKey(bytesOf(key)))
}

/** A fresh invite seed, 16 bytes: the secret in an invite's code. */
export function newInviteSeed(): Uint8Array {
  return hypercoreCrypto.randomBytes(SEED_BYTES)
}

/** The key pair of an invite; `id`, the public key in z-base-32, names the invite in the roster. */
export function inviteKeyPair(seed: Uint8Array): { readonly id: string; readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  const pair = hypercoreCrypto.keyPair(hashBytes(text('hyper-store invite\n'), seed))
  return { id: encodeZ32(pair.publicKey), ...pair }
}

/** What a guest sends to join. `drive` and `driveProof` (over `driveMessage`, by `proveRoot`) for a guest that will write, else null. */
export function requestBody(
  seed: Uint8Array,
  guest: {
    readonly folder: string
    readonly device: string
    readonly drive: string | null
    readonly driveProof: string | null
    readonly name: string
    readonly deviceName: string
  },
): RequestBody {
  const pair = inviteKeyPair(seed)
  const key = guestNameKey(seed)
  return {
    op: 'request',
    invite: pair.id,
    drive: guest.drive,
    driveProof: guest.driveProof,
    name: seal(text(guest.name), key),
    deviceName: seal(text(guest.deviceName), key),
    inviteSignature: hex(hypercoreCrypto.sign(inviteMessage(guest.folder, guest.device, guest.drive), pair.secretKey)),
  }
}

/** A name out of a request, with the seed of its invite; null when it is malformed. */
export function openGuestName(seed: Uint8Array, sealed: string): string | null {
  return openText(sealed, guestNameKey(seed))
}

/** What the writer of the root drive signs (`proveRoot`) to begin the roster. */
export function rootMessage(folder: string, author: string): Uint8Array {
  return text(`hyper-store roster root 1\n${folder}\n${author}`)
}

/** What the writer of a drive signs (`proveRoot`) to list it as its own. */
export function driveMessage(folder: string, device: string, drive: string): Uint8Array {
  return text(`hyper-store roster drive 1\n${folder}\n${device}\n${drive}`)
}

function inviteMessage(folder: string, device: string, drive: string | null): Uint8Array {
  return text(`hyper-store roster request 1\n${folder}\n${device}\n${drive ?? ''}`)
}

/**
 * Four words that the one who approves and the guest both see, in either order of the two device keys: of the device that made the invite
 * and of the guest. 44 bits out of the BIP 39 English list.
 */
export function fourWords(keyA: string, keyB: string, request: CommandId): string {
  const digest = Buffer.from(hashBytes(text(`hyper-store words 1\n${[keyA, keyB].sort().join('\n')}\n${request}`)))
  const words: string[] = []
  for (let at = 0; at < 4; at++) words.push(wordlist[digest.readUInt16BE(at * 2) & 2047] ?? '')
  return words.join(' ')
}

/** Makes and signs a command; `gate` (hex) is that of `epoch`. Throws a RangeError above 16 KiB. */
export function makeCommand(
  identity: Identity,
  facts: {
    readonly folder: string
    readonly prev: readonly CommandId[]
    readonly epoch: number
    readonly gate: string
    readonly at: number
    readonly body: CommandBody
  },
): { readonly id: CommandId; readonly command: SignedCommand } {
  const { folder, epoch, gate } = facts
  const unsigned = {
    v: 1 as const,
    folder,
    author: identity.deviceKey,
    prev: [...facts.prev].sort(),
    epoch,
    at: Math.floor(facts.at),
    body: seal(text(JSON.stringify(facts.body)), bytesOf(gate)),
  }
  const bytes = signedBytes(unsigned)
  const command: SignedCommand = { ...unsigned, signature: hex(identity.sign(bytes)) }
  if (JSON.stringify(command).length > MAX_COMMAND_BYTES) throw new RangeError(`a command has at most ${MAX_COMMAND_BYTES} bytes`)
  return { id: idOf(bytes), command }
}

/**
 * Checks commands from outside and opens their bodies: what is malformed, too large, of another folder or badly signed is left out, and
 * each command comes once. `gates`: all that this device has, of lost epochs too; the gate of epoch 1 needs not be among them. Never throws.
 */
export function openCommands(
  signed: readonly unknown[],
  context: { readonly folder: string; readonly gates: readonly { readonly epoch: number; readonly gate: string }[] },
): OpenedCommand[] {
  const gates = [{ epoch: 1, gate: gateOfRoot(context.folder) }, ...context.gates]
  const opened = new Map<CommandId, OpenedCommand>()
  for (const value of signed) {
    const command = parseSigned(value)
    if (command === null || command.folder !== context.folder || sizeOf(command) > MAX_COMMAND_BYTES) continue
    const bytes = signedBytes(command)
    const id = idOf(bytes)
    if (opened.has(id) || !isSigned(id, bytes, command)) continue
    const { folder, author, prev, epoch, at } = command
    const body = openBody(command, gates)
    opened.set(id, { id, folder, author, prev, epoch, at, body, proven: body !== null && isProven(id, command, body) })
  }
  return [...opened.values()]
}

function sizeOf(command: SignedCommand): number {
  // All fields are ASCII: characters are bytes.
  return JSON.stringify(command).length
}

function openBody(command: SignedCommand, gates: readonly { readonly epoch: number; readonly gate: string }[]): CommandBody | null {
  for (const { epoch, gate } of gates) {
    if (epoch !== command.epoch) continue
    const opened = open(command.body, bytesOf(gate))
    if (opened !== null) return parseBody(parseJson(opened))
  }
  return null
}

function isProven(id: CommandId, command: SignedCommand, body: CommandBody): boolean {
  if (body.op === 'create') {
    return remembered(`c${id}`, () => proves(command.folder, rootMessage(command.folder, command.author), body.rootSignature))
  }
  if (body.op === 'drive') {
    return remembered(`d${id}`, () => proves(body.drive, driveMessage(command.folder, command.author, body.drive), body.driveProof))
  }
  if (body.op !== 'request') return true
  return remembered(`r${id}`, () => {
    const signed = inviteMessage(command.folder, command.author, body.drive)
    if (!verifySignature(signed, bytesOf(body.inviteSignature), body.invite)) return false
    if (body.drive === null) return body.driveProof === null
    return proves(body.drive, driveMessage(command.folder, command.author, body.drive), body.driveProof ?? '')
  })
}

function proves(drive: string, message: Uint8Array, proof: string): boolean {
  const key = decodeDeviceKey(drive)
  return key !== null && isRootProof(key, message, proof)
}

const good = new Set<string>()

// Only what was found good is remembered: a forger can't fill the memory without making good signatures.
function remembered(key: string, check: () => boolean): boolean {
  if (good.has(key)) return true
  if (!check()) return false
  if (good.size >= REMEMBERED) good.clear()
  good.add(key)
  return true
}

function isSigned(id: CommandId, bytes: Uint8Array, command: SignedCommand): boolean {
  return remembered(`s${id}${command.signature}`, () => verifySignature(bytes, bytesOf(command.signature), command.author))
}

function signedBytes(command: Omit<SignedCommand, 'signature'>): Uint8Array {
  const { folder, author, prev, epoch, at, body } = command
  return text(['hyper-store roster command 1', folder, author, prev.join(','), epoch, at, body].join('\n'))
}

function idOf(bytes: Uint8Array): CommandId {
  return hex(hashBytes(bytes).subarray(0, 16))
}

function nameKey(key: Uint8Array): Uint8Array {
  return hashBytes(text('hyper-store names\n'), key)
}
function guestNameKey(seed: Uint8Array): Uint8Array {
  return hashBytes(text('hyper-store guest name\n'), seed)
}

function seal(bytes: Uint8Array, key: Uint8Array): string {
  const nonce = hypercoreCrypto.randomBytes(NONCE_BYTES)
  const sealed = Buffer.alloc(bytes.byteLength + MAC_BYTES)
  sodium.crypto_secretbox_easy(sealed, bytes, nonce, key)
  return Buffer.concat([nonce, sealed]).toString('base64')
}

function open(sealed: string, key: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.byteLength < NONCE_BYTES + MAC_BYTES || key.byteLength !== 32) return null
  const opened = Buffer.alloc(bytes.byteLength - NONCE_BYTES - MAC_BYTES)
  return sodium.crypto_secretbox_open_easy(opened, bytes.subarray(NONCE_BYTES), bytes.subarray(0, NONCE_BYTES), key) ? opened : null
}

function openText(sealed: string, key: Uint8Array): string | null {
  const bytes = open(sealed, key)
  return bytes === null ? null : Buffer.from(bytes).toString('utf8').slice(0, 200)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
  } catch {
    return null
  }
}

function toCurve(convert: () => void): boolean {
  try {
    convert()
    return true
  } catch {
    return false
  }
}
