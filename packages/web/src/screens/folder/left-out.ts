/** Which folders are left out on a device, by the shortest list of paths. */

/** True when a folder or one above it is left out. */
export function isLeftOut(path: string, leftOut: readonly string[]): boolean {
  return leftOut.some((out) => path === out || path.startsWith(`${out}/`))
}

/** True when something in a folder is left out. */
export function holdsLeftOut(path: string, leftOut: readonly string[]): boolean {
  return leftOut.some((out) => out.startsWith(`${path}/`))
}

/** The list after a folder was ticked or not. A folder comes back with all that is in it, also when one above it was out. */
export function withTick(leftOut: readonly string[], path: string, isHere: boolean): readonly string[] {
  const rest = leftOut.filter((out) => out !== path && !out.startsWith(`${path}/`))
  if (!isHere) return isLeftOut(path, rest) ? rest : [...rest, path].sort()
  return rest.filter((out) => !path.startsWith(`${out}/`))
}
