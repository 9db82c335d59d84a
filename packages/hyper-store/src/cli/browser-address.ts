/** Addresses that log a browser in: the page of a store, with a one-time code that never leaves the browser but to log in. */

/** The address of a store's page with a code. What stands behind the # is sent to nobody. */
export function browserAddress(store: string, code: string): string {
  return `${new URL(store).origin}/#code=${encodeURIComponent(code)}`
}
