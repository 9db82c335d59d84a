/** Signed, expiring, revocable links to parts of private folders: made by who writes, checked by every store that can read. */
import { randomBytes } from 'node:crypto'
import { AppError, type CreateGatewayLink, type GatewayLink } from '@hyper-store/client/contract'
import { formatLinkToken, linkBody, linkId, LONGEST_LINK_S, parseLinkToken, type LinkClaim, type LinkToken } from '../core/gateway-link.ts'
import { decodeZ32 } from '../core/links.ts'
import { parsePath } from '../core/paths.ts'
import type { DriveReader, GatewayLinksApi } from '../core/store-api.ts'
import { isSealed, sealLink } from '../hyper/link-seal.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { contentKeyOf } from './drive-set.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { isRevoked, takeBackRevocation, writeRevocation } from './link-revocations.ts'
import { MadeLinks, type MadeLink } from './made-links.ts'
import { wrongKind } from './wrong-kind.ts'

/** What the links need from the store around them. */
export interface GatewayLinksOptions {
  readonly folders: KeptFolders
  readonly state: State
  readonly now: () => number
  /** Address of this store for others, without a slash at its end. */
  readonly url: () => string
  readonly deviceName: () => string
  openDrive(key: string): Promise<DriveReader | null>
}

const DEFAULT_S = 7 * 86_400

/** Signed, expiring, revocable links to parts of private folders. */
export class GatewayLinks implements GatewayLinksApi {
  readonly #o: GatewayLinksOptions
  readonly #made: MadeLinks

  constructor(options: GatewayLinksOptions) {
    this.#o = options
    this.#made = new MadeLinks(options.state.settings, options.now)
  }

  /** Links that were made at this store, newest first. */
  async list(ref: string): Promise<GatewayLink[]> {
    const folder = this.#o.folders.find(ref)
    const links: GatewayLink[] = []
    for (const made of await this.#made.list(folder.key)) links.push(await this.#shown(folder, made))
    return links
  }

  /**
   * Throws BAD_REQUEST for a public folder, whose address needs no link, and for a path that is none; FORBIDDEN for who only reads
   * or keeps; NOT_FOUND when nothing is there.
   */
  async create(ref: string, request: CreateGatewayLink): Promise<GatewayLink> {
    const folder = this.#o.folders.find(ref)
    if (folder.kind !== 'folder') throw wrongKind(ref, folder.kind, { cure: 'a private table is read with a right of this store' })
    const path = cleanPath(request.path ?? '')
    this.#refusePublic(folder, path)
    refuseReader(folder)
    const secret = newestKey(folder)
    if (secret === null) throw new AppError('FORBIDDEN', { reason: 'this store can’t read the folder' })
    const node = await (await this.#o.openDrive(folder.key))?.stat(path)
    // A link in the folder is followed inside of what was shared only, and so opens nothing by itself.
    if (node === null || node === undefined || node.kind === 'symlink') throw new AppError('NOT_FOUND', { what: `"${path}"` })
    const made: MadeLink = {
      id: linkId(randomBytes(10)),
      path,
      name: node.kind === 'file' ? (path.split('/').at(-1) ?? '') : '',
      epoch: secret.epoch,
      createdAtMs: this.#o.now(),
      expiresAtS: Math.ceil(this.#o.now() / 1000 + Math.min(request.expiresS ?? DEFAULT_S, LONGEST_LINK_S)),
      revoked: false,
    }
    await this.#made.change(folder.key, (links) => [made, ...links])
    return this.#shown(folder, made)
  }

  /** `id`: of a link that was made here, or the address of any link to the folder. Throws NOT_FOUND, FORBIDDEN, RECOVERING. */
  async revoke(ref: string, id: string): Promise<void> {
    const folder = this.#o.folders.find(ref)
    const known = (await this.#made.list(folder.key)).find((link) => link.id === id)
    const claim = known ?? this.#claimOf(folder, id)
    if (claim === null) throw new AppError('NOT_FOUND', { what: `The link "${id.slice(0, 100)}"` })
    refuseReader(folder)
    if (folder.recovering) throw new AppError('RECOVERING', { title: folder.record.title, devices: 'a device that holds it' })
    await writeRevocation(folder, { id: claim.id, expiresAtS: claim.expiresAtS })
    await this.#made.change(folder.key, (links) => links.map((link) => (link.id === claim.id ? { ...link, revoked: true } : link)))
    await this.#forgetOld(folder)
  }

  /** What a token opens. Null for everything that is no good link of a folder that this store can read; throws LINK_EXPIRED for one that was. */
  async check(token: string): Promise<{ readonly key: string; readonly path: string } | null> {
    const link = parseLinkToken(token)
    if (link === null) return null
    const { claim } = link
    const folder = this.#o.folders.get(claim.folder)
    if (folder === undefined || folder.membership.removed) return null
    const key = keyThatSealed(folder.record, link)
    if (key === null) return null
    const nowS = this.#o.now() / 1000
    // Nobody makes these: a store would only hold out for longer than anybody may ask.
    if (claim.expiresAtS > nowS + LONGEST_LINK_S + 86_400) return null
    if (claim.expiresAtS <= nowS || !isSameKey(key, newestKey(folder)) || (await isRevoked(folder, claim.id)))
      throw new AppError('LINK_EXPIRED')
    return { key: claim.folder, path: claim.path }
  }

  /** The claim in the address of a link to this folder, ended or not. */
  #claimOf(folder: KeptFolder, text: string): LinkClaim | null {
    const link = parseLinkToken(/(?:^|\/)s\/([\w-]+)(?:\/|$)/.exec(text.slice(0, 20_000))?.[1] ?? text)
    return link !== null && link.claim.folder === folder.key && keyThatSealed(folder.record, link) !== null ? link.claim : null
  }

  async #shown(folder: KeptFolder, made: MadeLink): Promise<GatewayLink> {
    const { id, path, createdAtMs, expiresAtS } = made
    const isOver = expiresAtS * 1000 <= this.#o.now() || made.epoch !== newestKey(folder)?.epoch
    const state = made.revoked || (await isRevoked(folder, id)) ? 'revoked' : isOver ? 'expired' : 'good'
    return {
      id,
      path,
      url: state === 'good' ? this.#address(folder, made) : null,
      createdAt: new Date(createdAtMs).toISOString(),
      expiresAt: new Date(expiresAtS * 1000).toISOString(),
      state,
      by: this.#o.deviceName(),
    }
  }

  #address(folder: KeptFolder, made: MadeLink): string | null {
    const key = newestKey(folder)?.key
    const root = decodeZ32(folder.key)
    if (key === undefined || root === null) return null
    const body = linkBody({ ...made, folder: folder.key })
    return `${this.#o.url()}/s/${formatLinkToken(body, sealLink(body, key, root))}/${encodeURIComponent(made.name)}`
  }

  #refusePublic(folder: KeptFolder, path: string): void {
    if (folder.record.private) return
    const address = `${this.#o.url()}/gateway/${folder.key}/${path.split('/').map(encodeURIComponent).join('/')}`
    throw new AppError('BAD_REQUEST', { reason: `this folder is public and needs no link; its address is ${address}` })
  }

  /** A record about a link that has expired says nothing any more. */
  async #forgetOld(folder: KeptFolder): Promise<void> {
    for (const link of await this.#made.list(folder.key))
      if (link.revoked && link.expiresAtS * 1000 <= this.#o.now()) await takeBackRevocation(folder, link.id)
  }
}

/** A path as people write one, with or without slashes at its ends. Throws BAD_REQUEST. */
function cleanPath(text: string): string {
  const bare = text.replace(/^\/+|\/+$/g, '')
  const path = bare === '' ? '' : parsePath(bare)
  if (path === null) throw new AppError('BAD_REQUEST', { reason: 'the path is none inside a folder' })
  return path
}

function refuseReader(folder: KeptFolder): void {
  const { role } = folder.membership
  const writes = folder.own !== null && (role === null || role === 'owner' || role === 'admin' || role === 'writer')
  if (!writes) throw new AppError('FORBIDDEN', { reason: 'only devices that write to the folder make and revoke links' })
}

/** The epoch whose key seals links now. Older ones open none: a member who was removed knows their keys. Null without the key. */
function newestKey({ record, membership }: KeptFolder): { readonly epoch: number; readonly key: Uint8Array } | null {
  const key = contentKeyOf(record, membership)
  return key === null ? null : { epoch: membership.epoch, key: Buffer.from(key, 'hex') }
}

function isSameKey(key: Uint8Array, newest: { readonly key: Uint8Array } | null): boolean {
  return newest !== null && Buffer.compare(key, newest.key) === 0
}

/** Keys of the epoch that a link names; two of one number may have been begun at once. */
function keysOf(record: FolderRecord, epoch: number): Uint8Array[] {
  const keys = [epoch === 1 ? record.encryptionKey : null, ...record.epochs.map((known) => (known.epoch === epoch ? known.key : null))]
  return keys.flatMap((key) => (key === null ? [] : [Buffer.from(key, 'hex')]))
}

/** The key that sealed the link; null when none of the folder's did. */
function keyThatSealed(record: FolderRecord, link: LinkToken): Uint8Array | null {
  const root = decodeZ32(record.key)
  if (root === null) return null
  return keysOf(record, link.claim.epoch).find((key) => isSealed(link, key, root)) ?? null
}
