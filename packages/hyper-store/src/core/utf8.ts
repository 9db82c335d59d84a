/** Tells whether bytes are text. */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** True for bytes that are whole characters of UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  return textOf(bytes) !== null
}

/** The text that bytes are in UTF-8, with a byte order mark as it stands; null when they are none. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}
