/** Reads the key in a gateway address: 52 characters of z-base-32, or 64 of hex. */

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const Z32_KEY = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{51}[yo]$/
const HEX_KEY = /^[0-9a-f]{64}$/

/** The key in z-base-32, which is what the store knows drives by; null when the text is no key. Case does not matter. */
export function parseDriveKey(text: string): string | null {
  const lower = text.toLowerCase()
  // 256 bits fill 51 characters and one bit of the last: its other bits are zero, or the text is no key.
  if (Z32_KEY.test(lower)) return lower
  return HEX_KEY.test(lower) ? z32OfHex(lower) : null
}

function z32OfHex(hex: string): string {
  let bits = BigInt(`0x${hex}`) << 4n
  let text = ''
  for (let i = 0; i < 52; i++) {
    text = `${ALPHABET[Number(bits & 31n)] ?? ''}${text}`
    bits >>= 5n
  }
  return text
}
