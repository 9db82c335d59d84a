/** Addresses of the page: what is shown stands after `#`, so that names of files reach no log of any server. */

/** A text as one part of an address. `%` is written as `~`: the router decodes percent signs on its own, and would do it twice. */
export function encodePart(text: string): string {
  return encodeURIComponent(text.replaceAll('~', '~7E')).replaceAll('~7E', '%7E').replaceAll('%', '~')
}

/** The text of a part; null when it is none of `encodePart`. */
export function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part.replaceAll('%', '%25').replaceAll('~', '%'))
  } catch {
    return null
  }
}

/** A path of a folder as parts of an address. */
function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/')
}

/** Parts of a folder's screen. */
export const FOLDER_PARTS = ['files', 'view', 'boards', 'history', 'people', 'settings'] as const
export type FolderPart = (typeof FOLDER_PARTS)[number]

/** What of a folder is shown. */
export interface FolderPlace {
  readonly part: FolderPart
  /** Relative path of a folder (`files`) or file (`view`), or id of a board; '' is the root, or all boards. */
  readonly path: string
  /** Null: as it is now. */
  readonly version: number | null
}

/** Address of a part of a folder; without `at`, its files. */
export function folderPlace(key: string, at: Partial<FolderPlace> = {}): string {
  const { part = 'files', path = '', version = null } = at
  const time = version === null ? '' : `/at/${version}`
  const tail = path === '' ? '' : `/${encodePath(path)}`
  return `/folders/${encodePart(key)}${time}${part === 'files' && tail === '' && time === '' ? '' : `/${part}${tail}`}`
}

/** What stands after the folder's key in an address; null when it makes no sense. */
export function parseFolderPlace(rest: string): FolderPlace | null {
  const parts = rest.split('/').filter((part) => part !== '')
  let version: number | null = null
  if (parts[0] === 'at') {
    if (!/^\d{1,15}$/.test(parts[1] ?? '')) return null
    version = Number(parts[1])
    parts.splice(0, 2)
  }
  const part = FOLDER_PARTS.find((one) => one === (parts[0] ?? 'files'))
  const names = parts.slice(1).map(decodePart)
  if (part === undefined || names.includes(null)) return null
  return { part, path: names.join('/'), version }
}

/** Address of a table, by its key or link. */
export function tablePlace(ref: string): string {
  return `/tables/${encodePart(ref)}`
}

/** Addresses of the other screens. */
export const PLACES = {
  home: '/',
  devices: '/devices',
  tables: '/tables',
  activity: '/activity',
  settings: '/settings',
  welcome: '/welcome',
} as const

/** Parts of the settings, as `/settings/<part>`. */
export const SETTINGS_PARTS = ['general', 'space', 'trash', 'health', 'log', 'look'] as const

/** The start of the addresses of a provider's screens; '' for the own store. */
export function targetBase(target: string): string {
  return target === 'local' ? '' : `/at/${encodePart(target)}`
}
