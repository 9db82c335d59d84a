/** Bytes as text, and as numbers. */

/** The text of bytes: UTF-8, or UTF-16 that says so; a sign that was cut off at the end is left away. */
export function decodeText(bytes: Uint8Array, isCut: boolean): string {
  const [a, b] = bytes
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
  // In a stream the decoder waits for the rest of a sign.
  return new TextDecoder(encoding).decode(bytes, { stream: isCut })
}

/** Bytes as lines of sixteen: where, in hexadecimal, and as signs. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const signs = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${signs}`)
  }
  return lines.join('\n')
}
