/** Paths of the machine of a store, which may be another one than that of the browser. */

/** One part of a path, and where it leads. */
export interface Crumb {
  readonly name: string
  readonly path: string
}

/** What separates names in a path: a backslash only where there is no other sign. */
function separatorOf(path: string): string {
  return path.includes('\\') && !path.includes('/') ? '\\' : '/'
}

/** A folder's own name and all above it, the root first with an empty name. */
export function crumbsOf(path: string): Crumb[] {
  const separator = separatorOf(path)
  const crumbs: Crumb[] = path.startsWith(separator) ? [{ name: '', path: separator }] : []
  let at = path.startsWith(separator) ? '' : null
  for (const name of path.split(separator).filter((part) => part !== '')) {
    at = at === null ? name : `${at}${separator}${name}`
    // A drive alone is no folder without its separator.
    crumbs.push({ name, path: /^[A-Za-z]:$/.test(at) ? `${at}${separator}` : at })
  }
  return crumbs
}

/** The path of a name in a folder. */
export function joinPath(folder: string, name: string): string {
  const separator = separatorOf(folder)
  return folder.endsWith(separator) ? folder + name : folder + separator + name
}

/** A path's last name; the path itself for a root. */
export function nameOfPath(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path
}

/** True for what can be the name of one folder. */
export function isFolderName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[\\/]/.test(name) && !name.includes('\0')
}
