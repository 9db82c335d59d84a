/** A stock Hyperdrive 13 in a Corestore of its own, with no code of this program: what any other Hypercore tool is. */
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Duplex, Writable } from 'node:stream'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import type HyperDHT from 'hyperdht'
import Hyperdrive from 'hyperdrive'
import Hyperswarm from 'hyperswarm'
import z32 from 'z32'

/** An entry as stock Hyperdrive tells it. */
export interface StockEntry {
  readonly key: string
  readonly value: {
    readonly executable: boolean
    readonly linkname: string | null
    readonly blob: { readonly blockLength: number; readonly byteLength: number; readonly blockMap?: boolean } | null
  }
}

/** The calls of Hyperdrive 13 that these tests use. */
export interface StockDrive {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  readonly version: number
  ready(): Promise<void>
  close(): Promise<void>
  update(options: { wait: boolean }): Promise<boolean>
  entry(path: string): Promise<StockEntry | null>
  get(path: string, options?: { timeout?: number }): Promise<Buffer | null>
  put(path: string, bytes: Uint8Array, options?: { executable?: boolean }): Promise<void>
  del(path: string): Promise<void>
  symlink(path: string, target: string): Promise<void>
  list(folder: string): AsyncIterable<StockEntry>
  createWriteStream(path: string, options?: { dedup?: boolean }): Writable
}

/** A stock peer: its drive, and ways to other peers. */
export interface StockPeer extends AsyncDisposable {
  readonly drive: StockDrive
  readonly link: string
  /** Replicates with a store through the raw stream that its port gives for `Upgrade: hyper-store`. */
  connectByUpgrade(url: string): Promise<void>
  /** Serves the drive to whoever looks its topic up. */
  serve(dht: HyperDHT): Promise<void>
}

/** Opens the drive of a link, or makes one for null. */
export async function openStockPeer(link: string | null): Promise<StockPeer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-stock-'))
  const store = new Corestore(path.join(dir, 'cores'))
  const StockHyperdrive = Hyperdrive as unknown as new (store: Corestore, key?: Uint8Array | null) => StockDrive
  const drive = new StockHyperdrive(store, link === null ? null : z32.decode(keyOf(link)))
  await drive.ready()
  const closers: (() => Promise<unknown>)[] = []
  return {
    drive,
    link: `hyper://${z32.encode(Buffer.from(drive.key))}`,
    async connectByUpgrade(url) {
      const stream = new NoiseSecretStream(true, await upgrade(url))
      stream.on('error', () => undefined)
      closers.push(async () => stream.destroy())
      if (!(await stream.opened)) throw new Error('the store did not shake hands')
      store.replicate(stream)
    },
    async serve(dht) {
      const StockSwarm = Hyperswarm as unknown as new (options: { dht: HyperDHT }) => Hyperswarm
      const swarm = new StockSwarm({ dht })
      closers.push(() => swarm.destroy())
      swarm.on('connection', (stream) => {
        stream.on('error', () => undefined)
        store.replicate(stream)
      })
      const session = swarm.join(drive.discoveryKey, { server: true, client: false })
      await (session as unknown as { flushed(): Promise<void> }).flushed()
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close()
      await drive.close()
      await store.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function keyOf(link: string): string {
  return link.replace(/^hyper:\/\//, '').replace(/[/+].*$/s, '')
}

export async function upgrade(url: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent: false, headers: { connection: 'Upgrade', upgrade: 'hyper-store' } })
    request.on('upgrade', (_response, socket, head: Buffer) => {
      socket.setTimeout(0)
      if (head.byteLength > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', (response) => reject(new Error(`the store answered ${response.statusCode}`)))
    request.on('error', reject)
    request.end()
  })
}
