/** What a page of the web says of itself, asked once on request: nothing but public addresses, little of it, and as text. */
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { AppError, type LinkPreview } from '@hyper-store/client/contract'
import { Parser } from 'htmlparser2'
import ipaddr from 'ipaddr.js'
import { isPublic, type MayAsk } from './public-addresses.ts'

const MOST_REDIRECTS = 5
/** What a page says of itself stands at its beginning. */
const MOST_BYTES = 1024 * 1024
const TIMEOUT_MS = 8000
const MOST_TITLE = 300
const MOST_DESCRIPTION = 600
/** Bytes in which a page may name its encoding. */
const HEAD_BYTES = 4096
/** Pages have some dozens of tags inside one another; a pile of them without an end costs time for each that is closed. */
const MOST_DEPTH = 512
const MOST_URL = 1000

/** How a preview is asked for. */
export interface PreviewOptions {
  /** Default: public addresses only. */
  readonly mayAsk?: MayAsk
  /** All addresses of a name. Default: as the system finds them. */
  readonly addressesOf?: (name: string) => Promise<LookupAddress[]>
  /** Milliseconds for all of it, redirects too. Default 8000. */
  readonly timeoutMs?: number
}

/**
 * Asks an address of the web. The address that is checked is the one that is connected to, so that a name that leads elsewhere the next
 * moment leads nowhere. Throws BAD_REQUEST for what is no address of the web or not a public one, PREVIEW_FAILED for what gives no page.
 */
export async function previewLink(text: string, options: PreviewOptions = {}): Promise<LinkPreview> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
  let url = webAddress(text)
  try {
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const answer = await ask(url, options, signal)
      try {
        const next = redirectOf(answer, url)
        if (next === null) return { url: url.href.length <= MOST_URL ? url.href : text, ...previewOf(url, await pageOf(answer)) }
        url = webAddress(next)
      } finally {
        // Nothing more comes of what is not read to its end.
        answer.destroy()
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    const reason = signal.aborted ? 'it took too long' : reasonOf(error)
    throw new AppError('PREVIEW_FAILED', { url: url.href, reason }, { cause: error })
  }
  throw new AppError('PREVIEW_FAILED', { url: url.href, reason: 'it leads from one address to the next without an end' })
}

/** Several addresses that all fail are one error without words, but with a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  return message || code || 'it does not answer'
}

function refused(reason: string): AppError {
  return new AppError('BAD_REQUEST', { reason })
}

function webAddress(text: string): URL {
  if (!URL.canParse(text)) throw refused('a preview needs an address of the web')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('a preview needs an address of the web')
  if (url.username !== '' || url.password !== '') throw refused('an address with a name or password in it is not asked')
  return url
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

async function ask(url: URL, options: PreviewOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { mayAsk = isPublic, addressesOf = async (name) => await lookup(name, { all: true }) } = options
  const port = portOf(url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const refusal = refused('only public addresses are asked for a preview')
  // A host of numbers is connected to without being looked up.
  if (ipaddr.isValid(host) && !mayAsk(host, port)) throw refusal
  const addresses = async (name: string): Promise<LookupAddress[]> => {
    const found = await addressesOf(name)
    // One that is not public among others is a trap.
    if (found.length === 0 || !found.every(({ address }) => mayAsk(address, port))) throw refusal
    return found
  }
  const how: RequestOptions = {
    lookup: lookupOf(addresses),
    // Of its own, and without what other requests left.
    agent: false,
    signal,
    headers: { accept: 'text/html,application/xhtml+xml', 'accept-encoding': 'identity', 'user-agent': 'hyper-store link preview' },
  }
  return await new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, how, resolve)
    request.on('error', reject)
    // An answer that is none, such as a change of protocol, ends without an error.
    request.on('close', () => reject(new Error('it hung up')))
    request.end()
  })
}

/** As a connection asks for it: what it is given is what it connects to. */
function lookupOf(addressesOf: (name: string) => Promise<LookupAddress[]>): LookupFunction {
  const find = callbackify(addressesOf)
  return (host, options, done) => {
    find(host, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) done(error, '', 0)
      else if (options.all === true) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function redirectOf(answer: IncomingMessage, from: URL): string | null {
  const { statusCode = 0, headers } = answer
  if (statusCode < 300 || statusCode > 399 || headers.location === undefined) return null
  return URL.canParse(headers.location, from.href) ? new URL(headers.location, from).href : ''
}

/** The beginning of the page as text. */
async function pageOf(answer: IncomingMessage): Promise<string> {
  const { statusCode = 0, headers } = answer
  const type = headers['content-type'] ?? ''
  if (statusCode < 200 || statusCode > 299) throw new Error(`it answers with ${statusCode}`)
  if (!/^(?:text\/html|application\/xhtml\+xml)\b/i.test(type)) throw new Error('it is no page')
  if (!['', 'identity'].includes(headers['content-encoding'] ?? '')) throw new Error('it is packed, though it was asked not to be')
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.byteLength
    if (bytes >= MOST_BYTES) break
  }
  const content = Buffer.concat(parts).subarray(0, MOST_BYTES)
  return new TextDecoder(encodingOf(content, type)).decode(content)
}

/** By the mark at the beginning of a page, what is said beside it, and what it says itself, in this order; UTF-8 for what nobody knows. */
function encodingOf(content: Buffer, type: string): string {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le'
  if (content[0] === 0xfe && content[1] === 0xff) return 'utf-16be'
  if (content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf) return 'utf-8'
  const beside = known(/charset\s*=\s*["']?([\w:-]{1,40})/i.exec(type)?.[1])
  if (beside !== null) return beside
  const inside = known(/<meta\b[^>]*?charset\s*=\s*["']?([\w:-]{1,40})/i.exec(content.subarray(0, HEAD_BYTES).toString('latin1'))?.[1])
  // What says so in letters of one byte is not written in two.
  return inside === null || inside.startsWith('utf-16') ? 'utf-8' : inside
}

function known(label: string | undefined): string | null {
  try {
    return label === undefined ? null : new TextDecoder(label).encoding
  } catch {
    return null
  }
}

/** Title, description and site of a page; its own words for others (Open Graph) come first. */
function previewOf(url: URL, page: string): Omit<LinkPreview, 'url'> {
  const meta = new Map<string, string>()
  let title = ''
  let isTitle = false
  let depth = 0
  const parser = new Parser({
    onopentag(name, { name: named, property, content }) {
      // A picture in the page may have a title too: the first is the page's.
      isTitle = name === 'title' && title === ''
      depth++
      if (depth > MOST_DEPTH) parser.pause()
      const key = (property ?? named)?.toLowerCase()
      if (name === 'meta' && key !== undefined && content !== undefined && !meta.has(key)) meta.set(key, content)
    },
    ontext(text) {
      if (isTitle && title.length < MOST_TITLE * 4) title += text
    },
    onclosetag(name) {
      if (name === 'title') isTitle = false
      depth--
    },
  })
  parser.write(page)
  if (depth <= MOST_DEPTH) parser.end()
  const first = (...names: string[]): string => names.map((name) => meta.get(name) ?? '').find((text) => text.trim() !== '') ?? ''
  return {
    title: line(first('og:title', 'twitter:title') || title, MOST_TITLE),
    description: line(first('og:description', 'description', 'twitter:description'), MOST_DESCRIPTION),
    site: line(first('og:site_name') || url.hostname, MOST_TITLE),
  }
}

/** One line of plain text; letters that hide or turn others are left out, but for those that join them. */
function line(text: string, most: number): string {
  const plain = text
    .replaceAll(/(?![\u200C\u200D])\p{Cf}/gu, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (plain.length <= most) return plain
  // Never half of a letter that takes two places.
  const cut = plain.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')
  return `${cut.trimEnd()}…`
}
