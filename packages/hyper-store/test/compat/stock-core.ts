/** A stock Hypercore 11 in a Corestore of its own: a log that any other program writes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import type { Session } from 'hypercore'
import z32 from 'z32'
import { upgrade } from './stock-drive.ts'

/** A stock peer with one log. */
export interface StockCore extends AsyncDisposable {
  readonly core: Session
  readonly link: string
  /** Replicates with a store through the raw stream that its port gives for `Upgrade: hyper-store`. */
  connectByUpgrade(url: string): Promise<void>
}

/** Makes an empty log. */
export async function openStockCore(): Promise<StockCore> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-stock-'))
  const store = new Corestore(path.join(dir, 'cores'))
  const core = store.get({ name: 'log' })
  await core.ready()
  const streams: NoiseSecretStream[] = []
  return {
    core,
    link: `hyper://${z32.encode(Buffer.from(core.key))}`,
    async connectByUpgrade(url) {
      const stream = new NoiseSecretStream(true, await upgrade(url))
      stream.on('error', () => undefined)
      streams.push(stream)
      if (!(await stream.opened)) throw new Error('the store did not shake hands')
      store.replicate(stream)
    },
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.destroy()
      await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
