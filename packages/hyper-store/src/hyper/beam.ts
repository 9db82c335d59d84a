/**
 * One encrypted pipe between two people who know the same phrase. Found over the distributed hash table under the key that the phrase
 * gives, as `hyperbeam` does: a phrase that is one of its keys leads to its users as well.
 */
import { randomInt, scryptSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { AppError } from '@hyper-store/client/contract'
import HyperDHT from 'hyperdht'
import type { KeyPair, PeerStream } from 'hyperdht'
import { dhtOptions } from './transports/dht-node.ts'

/** Words of a phrase that is made here: 66 bits, and each guess costs what `KEY_COST` says and a look-up in the table. */
const PHRASE_WORDS = 6
/** scrypt, N = 2^15 with r = 8: 32 MiB and a tenth of a second. */
const KEY_COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const SALT = 'hyper-store beam 1'
/** A key of `hyperbeam`: 32 bytes in base32 without padding. */
const BEAM_KEY = /^[a-z2-7]{52}$/
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const RETRY_MS = 500

/** A phrase that nobody guesses: six words. */
export function createPhrase(): string {
  return Array.from({ length: PHRASE_WORDS }, () => wordlist[randomInt(wordlist.length)] ?? '').join('-')
}

/** What a pipe is opened with. */
export interface BeamOptions {
  readonly phrase: string
  /** This side waits to be found; the other one looks for it. */
  readonly listens: boolean
  /** `host:port` of bootstrap nodes; empty: the public ones. */
  readonly bootstrap: readonly string[]
  /** Ends the wait for the other side. */
  readonly signal: AbortSignal
}

/** An open pipe. */
export interface Beam {
  /** What is written goes to the other side; what it writes is read. Ends when the other side ends. */
  readonly stream: PeerStream
  /** Ends this side once the other one has got all that was written: a pipe that both have ended is gone at once, with what is on its way. */
  end(): Promise<void>
  close(): Promise<void>
}

/** Opens a pipe and waits until the other side is there. Null when the signal aborts before. Throws BAD_REQUEST for a bad bootstrap address. */
export async function openBeam({ phrase, listens, bootstrap, signal }: BeamOptions): Promise<Beam | null> {
  const dht = new HyperDHT({ ...nodesOf(bootstrap), ephemeral: true })
  // Both sides are the same key: who has not the phrase can neither find nor open the pipe.
  const keyPair = HyperDHT.keyPair(keyOf(phrase))
  const stream = await (listens ? waitFor(dht, keyPair, signal) : lookFor(dht, keyPair, signal))
  if (stream === null) {
    await dht.destroy({ force: true })
    return null
  }
  // A pipe that breaks says so by its end; an error that nobody hears would end the process.
  stream.on('error', () => undefined)
  return {
    stream,
    end: async () => {
      await stream.flush()
      stream.end()
    },
    close: async () => {
      stream.destroy()
      await dht.destroy({ force: true })
    },
  }
}

/** The first who comes with the key. */
async function waitFor(dht: HyperDHT, keyPair: KeyPair, signal: AbortSignal): Promise<PeerStream | null> {
  const server = dht.createServer({ firewall: (key) => Buffer.compare(key, keyPair.publicKey) !== 0 })
  const came = new Promise<PeerStream>((resolve) => {
    server.once('connection', resolve)
  })
  await server.listen(keyPair)
  return before(signal, came)
}

/** Looks until somebody waits: the other side may not have begun to. */
async function lookFor(dht: HyperDHT, keyPair: KeyPair, signal: AbortSignal): Promise<PeerStream | null> {
  while (!signal.aborted) {
    const stream = dht.connect(keyPair.publicKey, { keyPair })
    const opened = new Promise<boolean>((resolve) => {
      stream.once('open', () => resolve(true))
      stream.on('error', () => resolve(false))
      stream.once('close', () => resolve(false))
    })
    if ((await before(signal, opened)) === true) return stream
    stream.destroy()
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
  return null
}

async function before<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value | null> {
  if (signal.aborted) return null
  return new Promise((resolve, reject) => {
    const over = () => resolve(null)
    signal.addEventListener('abort', over, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', over))
  })
}

/** The seed that a phrase gives, 32 bytes. */
function keyOf(phrase: string): Uint8Array {
  const text = phrase.trim().toLowerCase()
  if (BEAM_KEY.test(text)) return fromBase32(text)
  return scryptSync(text.split(/[\s-]+/).join('-'), SALT, 32, KEY_COST)
}

function fromBase32(text: string): Uint8Array {
  const bits = Array.from(text, (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2))
}

function nodesOf(bootstrap: readonly string[]): ReturnType<typeof dhtOptions> {
  try {
    return dhtOptions(bootstrap)
  } catch (error) {
    throw new AppError('BAD_REQUEST', { reason: error instanceof Error ? error.message : 'a bad bootstrap address' }, { cause: error })
  }
}
