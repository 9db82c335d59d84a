/** What a box prints for being paired, as people paste it: the whole line, its address with the code, or what stands in a browser's address. */

/** What such a text says; `problem`: it is none, or its code is missing. */
export type PairLine = { readonly target: string; readonly name: string } | { readonly problem: 'line' | 'code' }

const LONGEST = 2048
const COMMAND = /^(?:\$\s*)?(?:npx\s+)?hyper-store\s+set-provider\s+/i
const DEVICE_KEY = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u

/** Reads a pasted text. `name` is what the box calls itself there, or what its address suggests; '' when neither says anything. */
export function parsePairLine(text: string): PairLine {
  const line =
    text
      .trim()
      .split(/[\r\n]/)[0]
      ?.trim() ?? ''
  if (line === '' || line.length > LONGEST) return { problem: 'line' }
  const [place = '', ...rest] = line.replace(COMMAND, '').split(/\s+/)
  const hash = place.indexOf('#')
  const address = hash < 0 ? place : place.slice(0, hash)
  const code = hash < 0 ? '' : place.slice(hash + 1).replace(/^code=/, '')
  const host = hostOf(address)
  if (host === null) return { problem: 'line' }
  if (code === '') return { problem: 'code' }
  const said = rest.join(' ').replace(/^(['"])(.*)\1$/, '$2')
  return { target: `${address.replace(/\/+$/, '')}#${code}`, name: isBoxName(said) ? said : nameOfHost(host) }
}

/** True for what a store takes as the name of a box. */
export function isBoxName(name: string): boolean {
  return NAME.test(name) && name !== 'local'
}

/** Name of the machine in an address; '' for a key; null when it is neither. */
function hostOf(address: string): string | null {
  if (DEVICE_KEY.test(address)) return ''
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`)
    const isOther = url.protocol !== 'http:' && url.protocol !== 'https:'
    // A lone word may be the beginning of a code just as well.
    const isWord = !/[.:]/.test(address) && url.hostname !== 'localhost'
    return isOther || isWord || url.hostname === '' ? null : url.hostname
  } catch {
    return null
  }
}

function nameOfHost(host: string): string {
  if (host === '' || host === 'localhost' || /^[\d.]+$/.test(host) || host.startsWith('[')) return ''
  const first = host.split('.')[0] ?? ''
  return isBoxName(first) ? first : ''
}
