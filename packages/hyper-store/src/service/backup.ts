/** The sealed backup of a store: who it is, and the keys to what it writes and keeps; no content. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { DeviceRecord, FolderRecord, InviteRecord, ProviderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { linksSetting } from './made-links.ts'

const Hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** What a backup holds. Nearly all of it is secret. */
export const BackupContent = v.object({
  format: v.literal(1),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Name of the device. */
  name: v.string(),
  /** Hex of the seed of the device's key pair. */
  seed: Hex32,
  /** Hex of the key that the keys of its own drives come from. */
  primaryKey: Hex32,
  folders: v.array(FolderRecord),
  providers: v.array(ProviderRecord),
  devices: v.array(DeviceRecord),
  /** The signed commands of the rosters of shared folders, by folder; backups before shared folders have none. */
  rosters: v.optional(v.record(v.string(), v.array(v.unknown())), () => ({})),
  /** Codes of the invites that it made. */
  invites: v.optional(v.array(InviteRecord), () => []),
  /** Settings that must outlive the device, by name: the gateway links that it made. */
  settings: v.optional(v.record(v.string(), v.unknown()), () => ({})),
})
export type BackupContent = v.InferOutput<typeof BackupContent>

/** Characters of the shortest passphrase that seals. */
const LEAST_PASSPHRASE = 8
const FORMAT = 1
const HEADER = /^hyper-store backup (\d{1,9})\n/
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** 32 MiB and about a tenth of a second for each guess. They belong to the format: a file can't ask for more. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** What a store is made of, gathered for a backup. */
export async function gatherBackup(
  state: State,
  own: { readonly name: string; readonly seed: Uint8Array; readonly primaryKey: Uint8Array },
): Promise<BackupContent> {
  const folders = await state.folders.list()
  const rosters: Record<string, unknown[]> = {}
  const settings: Record<string, unknown> = {}
  for (const { key } of folders) {
    const commands = await state.roster(key).list()
    if (commands.length > 0) rosters[key] = commands
    const links = await state.settings.get(linksSetting(key))
    if (links !== undefined) settings[linksSetting(key)] = links
  }
  return {
    format: FORMAT,
    createdAt: new Date().toISOString(),
    name: own.name,
    seed: hexOf(own.seed),
    primaryKey: hexOf(own.primaryKey),
    folders,
    providers: await state.providers.list(),
    devices: await state.devices.list(),
    rosters,
    invites: await state.invites.list(),
    settings,
  }
}

/**
 * Encrypts a backup: a line that names the format, salt, nonce, content under AES-256-GCM with a key from scrypt.
 * @throws BAD_REQUEST for a passphrase under 8 characters
 */
export async function sealBackup(content: BackupContent, passphrase: string): Promise<Uint8Array> {
  if (passphrase.length < LEAST_PASSPHRASE)
    throw new AppError('BAD_REQUEST', { reason: `a passphrase has at least ${LEAST_PASSPHRASE} characters` })
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const head = Buffer.concat([Buffer.from(`hyper-store backup ${FORMAT}\n`), salt, nonce])
  const cipher = createCipheriv('aes-256-gcm', await keyFrom(passphrase, salt), nonce).setAAD(head)
  const sealed = [cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]
  return new Uint8Array(Buffer.concat([head, ...sealed, cipher.getAuthTag()]))
}

/** Decrypts a backup. @throws BAD_BACKUP for a wrong passphrase and for what is none; NEWER_FORMAT */
export async function openBackup(bytes: Uint8Array, passphrase: string): Promise<BackupContent> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [line, found] = HEADER.exec(file.toString('latin1', 0, 64)) ?? []
  if (line === undefined) throw badBackup()
  if (Number(found) > FORMAT) throw new AppError('NEWER_FORMAT', { found: Number(found) })
  const head = file.subarray(0, line.length + SALT_BYTES + NONCE_BYTES)
  if (Number(found) < FORMAT || file.length < head.length + TAG_BYTES) throw badBackup()
  const salt = head.subarray(line.length, line.length + SALT_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', await keyFrom(passphrase, salt), head.subarray(-NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(head).setAuthTag(file.subarray(-TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(file.subarray(head.length, -TAG_BYTES)), decipher.final()]).toString('utf8')
    return v.parse(BackupContent, JSON.parse(text))
  } catch (error) {
    // A cause of valibot holds what it did not like, which is secret here.
    throw badBackup(error instanceof v.ValiError ? undefined : error)
  }
}

/** The error of a file that is no backup, or of another passphrase. Callers that know the file name it in `data.file`. */
export function badBackup(cause?: unknown): AppError {
  return new AppError('BAD_BACKUP', { file: 'this' }, { cause })
}

async function keyFrom(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // One spelling: keyboards of different systems compose letters in different ways.
    scrypt(passphrase.normalize('NFC'), salt, 32, COST, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
