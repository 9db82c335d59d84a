/**
 * The one table of error codes: HTTP status, exit code, whether trying again may help, and the sentence
 * that tells the user what to do. `{name}` in a sentence is filled from the error's `data`.
 */

/** How an error code looks to callers. */
export interface ErrorRule {
  /** HTTP status of a reply that carries the code. */
  readonly status: number
  /** Exit code of a command that ends with the code (CONTRACT section 1). */
  readonly exit: number
  /** True when the same call may succeed later without a change by the user. */
  readonly retry: boolean
  /** One sentence for the user; says what to do. */
  readonly message: string
}

/** Every error code of the program, with its rule. */
export const ERRORS = {
  BAD_REQUEST: { status: 400, exit: 2, retry: false, message: 'The request is not valid: {reason}' },
  BAD_LINK: { status: 400, exit: 2, retry: false, message: '"{link}" is not a hyper:// link or key; check that it was copied whole' },
  NOT_A_FOLDER: { status: 400, exit: 2, retry: false, message: '"{path}" is not a folder; name an existing folder' },
  FOLDER_OVERLAP: {
    status: 409,
    exit: 1,
    retry: false,
    message: '"{path}" overlaps "{other}", which is already kept in step; choose another folder',
  },
  FOLDER_NOT_EMPTY: { status: 409, exit: 1, retry: false, message: '"{path}" is not empty; clone into a new or empty folder' },
  OWN_LINK: {
    status: 409,
    exit: 7,
    retry: false,
    message: 'This link belongs to "{path}" on this device; cloning it here would risk its files, use the folder itself',
  },
  ALREADY_KEPT: { status: 409, exit: 1, retry: false, message: '"{link}" is already kept here; remove it first to change how' },
  AMBIGUOUS: { status: 409, exit: 2, retry: false, message: '"{ref}" names several things; give its link, path or key' },
  WRONG_KIND: { status: 400, exit: 2, retry: false, message: '"{link}" is {is}, not {wanted}; {cure}' },
  BAD_ROW: { status: 400, exit: 2, retry: false, message: 'Line {line}: {reason}. Nothing was put' },
  BAD_VALUE: { status: 400, exit: 2, retry: false, message: '{reason}' },
  NOT_WRITER: {
    status: 403,
    exit: 4,
    retry: false,
    message: '"{title}" is written by another device; only that one changes it. A table in a shared folder has many writers',
  },
  UNKNOWN_LIST: { status: 404, exit: 6, retry: false, message: 'No list "{list}" is followed; hyper-store lists shows them' },
  NAME_NOT_RESOLVED: {
    status: 404,
    exit: 6,
    retry: true,
    message: 'The name "{name}" leads to no hyper:// link; check it, or use the link itself',
  },
  UNAUTHENTICATED: {
    status: 401,
    exit: 4,
    retry: false,
    message: 'This store wants a right from its callers; pair first (hyper-store pair on the other machine, then set-provider)',
  },
  FORBIDDEN: { status: 403, exit: 4, retry: false, message: 'Not allowed: {reason}' },
  WRONG_CODE: {
    status: 403,
    exit: 4,
    retry: false,
    message: 'The pairing code is wrong or was used before; ask for a new one with hyper-store pair',
  },
  EXPIRED_CODE: { status: 403, exit: 4, retry: false, message: 'The pairing code has expired; ask for a new one with hyper-store pair' },
  BAD_INVITE: { status: 400, exit: 2, retry: false, message: 'This is no invite code; check that it was copied whole' },
  INVITE_USED: { status: 403, exit: 4, retry: false, message: 'This invite was already used; ask for a new one with hyper-store invite' },
  INVITE_EXPIRED: { status: 403, exit: 4, retry: false, message: 'This invite has expired; ask for a new one with hyper-store invite' },
  INVITE_CANCELLED: {
    status: 403,
    exit: 4,
    retry: false,
    message: 'This invite was taken back; ask for a new one with hyper-store invite',
  },
  JOIN_REFUSED: { status: 403, exit: 4, retry: false, message: 'Joining was refused by {by}; ask them, then join with a new invite' },
  REMOVED_MEMBER: {
    status: 403,
    exit: 4,
    retry: false,
    message: 'This device was removed from {title}; what it has stays, nothing new comes. Ask for a new invite',
  },
  LAST_OWNER: { status: 409, exit: 1, retry: false, message: 'A folder needs an owner; make somebody else owner first' },
  UNKNOWN_MEMBER: { status: 404, exit: 6, retry: false, message: 'There is no member "{name}"; hyper-store members shows them' },
  UNKNOWN_VERSION: { status: 404, exit: 6, retry: false, message: 'There is no version {version}; hyper-store history shows them' },
  VERSION_GONE: {
    status: 410,
    exit: 6,
    retry: false,
    message: '{what} was let go by the retention of this device; a device that keeps all versions may have it still',
  },
  NOT_ALL_RESTORED: {
    status: 409,
    exit: 1,
    retry: true,
    message: '{count} paths could not be restored, such as "{path}": {reason}. Nothing was lost; restore again',
  },
  LINK_EXPIRED: { status: 410, exit: 4, retry: false, message: 'This link has expired or was revoked; ask for a new one' },
  DAMAGED: {
    status: 500,
    exit: 1,
    retry: false,
    message: '{count} things are damaged; hyper-store verify --repair fetches them again from a device that has them',
  },
  FORKED_LOG: {
    status: 409,
    exit: 7,
    retry: false,
    message:
      'The drive of {device} was written in two ways, from a copied or restored store; its newer part is left out. Remove that device and invite it again',
  },
  TOO_MANY_TRIES: { status: 429, exit: 4, retry: true, message: 'Too many wrong codes; wait {seconds} seconds and try again' },
  PREVIEW_FAILED: { status: 502, exit: 3, retry: true, message: '{url} gives no preview: {reason}' },
  NOT_FOUND: { status: 404, exit: 6, retry: false, message: '{what} was not found' },
  UNKNOWN_FOLDER: { status: 404, exit: 6, retry: false, message: '"{ref}" is not kept here; hyper-store list shows what is' },
  UNKNOWN_PROVIDER: {
    status: 404,
    exit: 6,
    retry: false,
    message: 'There is no provider "{name}"; hyper-store list-providers shows them, set-provider adds one',
  },
  UNKNOWN_DEVICE: { status: 404, exit: 6, retry: false, message: 'There is no device "{name}"; hyper-store devices shows them' },
  SERVICE_UNREACHABLE: {
    status: 503,
    exit: 3,
    retry: true,
    message: 'No hyper-store service is running for {home}; start it with hyper-store run-service',
  },
  PROVIDER_UNREACHABLE: { status: 502, exit: 3, retry: true, message: '{name} at {url} does not answer; check that it is on and in reach' },
  NOT_A_STORE: { status: 502, exit: 3, retry: false, message: '{url} answers, but it is not a hyper-store; check the address' },
  NO_PEER: { status: 504, exit: 5, retry: true, message: 'No device that is on has this; try again when one that keeps it is on' },
  TIMED_OUT: { status: 504, exit: 5, retry: true, message: 'Not complete after {seconds} seconds: {missing}' },
  STOPPED_FOR_SAFETY: { status: 409, exit: 7, retry: false, message: '{reason}; nothing was deleted. {cure}' },
  QUOTA_EXCEEDED: {
    status: 507,
    exit: 1,
    retry: true,
    message: '"{title}" goes beyond the {limit} bytes that this store keeps for {device}; ask its owner for more, or remove something',
  },
  ALREADY_THERE: { status: 409, exit: 1, retry: false, message: '"{path}" is there already; choose another name' },
  DISK_FULL: { status: 507, exit: 1, retry: true, message: 'The disk of {path} is full; free some space and it goes on by itself' },
  READ_ONLY_DISK: { status: 507, exit: 1, retry: true, message: '{path} cannot be written; make it writable and it goes on by itself' },
  FOLDER_UNREADABLE: { status: 507, exit: 1, retry: true, message: '{path} cannot be read: {reason}' },
  PORT_TAKEN: { status: 500, exit: 1, retry: false, message: 'Port {port} on {host} is taken; choose another with --port' },
  HOME_LOCKED: {
    status: 500,
    exit: 1,
    retry: false,
    message: 'A service already runs on {home} (process {pid}); stop it, or use another --home',
  },
  STORE_COPIED: {
    status: 500,
    exit: 7,
    retry: false,
    message: '{home} is a copy of another store; two stores with one identity would damage shared folders. Start with a new --home',
  },
  HOME_NOT_EMPTY: { status: 409, exit: 1, retry: false, message: '{home} holds a store already; restore into a new --home' },
  BAD_BACKUP: { status: 400, exit: 4, retry: false, message: 'The passphrase is wrong, or {file} is no backup of hyper-store' },
  NEWER_STATE: {
    status: 500,
    exit: 1,
    retry: false,
    message: '{home} was written by a newer hyper-store (format {found}, this one knows {known}); update hyper-store',
  },
  STATE_DAMAGED: {
    status: 500,
    exit: 1,
    retry: false,
    message: '{path} is damaged and could not be repaired ({reason}); move the state away, then restore a backup or add the folders again',
  },
  COMMAND_FAILED: { status: 500, exit: 1, retry: false, message: '"{command}" failed: {reason}' },
  NEWER_FORMAT: {
    status: 501,
    exit: 1,
    retry: false,
    message: 'This was written in format {found} by a newer hyper-store; update this one',
  },
  RECOVERING: {
    status: 503,
    exit: 1,
    retry: true,
    message:
      '{title} waits for {devices} to confirm its newest state before anything is written; hyper-store resume --confirm goes on without',
  },
  UNSUPPORTED_PLATFORM: { status: 500, exit: 1, retry: false, message: '{reason}. {cure}' },
  USAGE: { status: 400, exit: 2, retry: false, message: '{reason}' },
  TOO_LARGE: { status: 413, exit: 2, retry: false, message: 'The request is larger than {limit} bytes' },
  CANCELLED: { status: 499, exit: 1, retry: true, message: 'Cancelled' },
  DEFECT: { status: 500, exit: 70, retry: false, message: 'A defect of hyper-store: {reason}. Please report it' },
} as const satisfies Record<string, ErrorRule>

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS

/** The wire shape of an error: the body of a failed reply and the `--json` line on stderr. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly data: Record<string, unknown> }
}

/** An error that the user is meant to read. Recognise it by `code`, never by `instanceof` across packages. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly data: Record<string, unknown>

  /**
   * @param code a code of the table
   * @param data fills the `{name}` places of the code's sentence and travels in the error body
   */
  constructor(code: ErrorCode, data: Record<string, unknown> = {}, options: { cause?: unknown } = {}) {
    super(sentence(code, data), options)
    this.name = 'AppError'
    this.code = code
    this.data = data
  }

  /** The wire shape of this error. */
  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, data: this.data } }
  }
}

/** The sentence of a code with its places filled; a place without a value stays readable. */
export function sentence(code: ErrorCode, data: Record<string, unknown>): string {
  return ERRORS[code].message.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = data[name]
    if (value === undefined || value === null) return `(no ${name})`
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

/** True for a code of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

/** The `code` of an app error, else undefined. Works across copies of this package. */
export function errorCode(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && isErrorCode(code) ? code : undefined
}
