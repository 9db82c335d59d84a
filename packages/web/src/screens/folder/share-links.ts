/** Addresses under which a public folder, or something in it, can be read. */

/** A path as it stands in the address of a gateway or a link. */
function inAddress(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** Address at the gateway of a store; `base` is the store's address. Folders end with a slash. */
export function gatewayAddress(base: string, key: string, at: { readonly path: string; readonly isFolder: boolean }): string {
  const tail = at.path === '' ? '' : `${inAddress(at.path)}${at.isFolder ? '/' : ''}`
  return `${base.replace(/\/+$/, '')}/gateway/${key}/${tail}`
}

/** The same for programs that speak hyper. */
export function hyperLink(link: string, path: string): string {
  return path === '' ? link : `${link}/${inAddress(path)}`
}

/** True for an address that only its own machine reaches. */
export function isLocalAddress(address: string): boolean {
  try {
    const { hostname } = new URL(address)
    return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || hostname.startsWith('127.')
  } catch {
    return false
  }
}
