/** Syncthing as the benchmark runs it: told when to look, except for saves, where its own watcher acts too. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mkdirSync } from 'node:fs'
import type { Arrival, Pair, Program, SaveMode, Single, Trio } from './program.ts'
import { SyncthingInstance, syncthingVersion } from './syncthing-instance.ts'
import { makeGroup, makeSharedPair } from './syncthing-shared.ts'
import { probeFor } from './probe.ts'

/** Seconds that its watcher gathers changes for, as it comes. */
const DEFAULT_DELAY_S = 10
const QUICK_DELAY_S = 1
/** From a change of settings or a link to the end of what it sets off. */
const CALM_MS = 2500

/** The Syncthing that `program` is. */
export function syncthing(program: string): Program {
  return {
    system: `syncthing-${syncthingVersion(program)}`,
    makePair: (root) => makePair(program, root),
    makeTrio: (root, options) => makeTrio(program, root, options),
    makeSingle: (root) => makeSingle(program, root),
    makeSharedPair: (root) => makeSharedPair(program, root),
    makeGroup: (root) => makeGroup(program, root),
  }
}

async function makePair(program: string, root: string): Promise<Pair> {
  const a = new SyncthingInstance(program, root, 'a')
  const b = new SyncthingInstance(program, root, 'b')
  const both = [a, b] as const
  const share = async (id: string, watchDelayS: number | null) => {
    await a.setFolder({ id, peers: [b], watchDelayS })
    await b.setFolder({ id, peers: [a], watchDelayS })
  }
  const settle = async () => {
    await sleep(300)
    for (const side of both) await side.settle()
  }
  const mode = (row: string, watchDelayS: number | null): SaveMode => ({
    row,
    asks: watchDelayS === null,
    slow: watchDelayS === DEFAULT_DELAY_S,
    async begin() {
      await share('f', watchDelayS)
      await sleep(CALM_MS)
    },
  })
  let folders = 1
  try {
    for (const side of both) await side.start()
    await a.addDevice(b)
    await b.addDevice(a)
    await share('f', null)
    await a.linkedTo(b)
    await settle()
    return {
      a,
      b,
      ask: () => void a.scan().catch(() => {}),
      // The last one leaves the watcher off: the steps that follow ask for a scan.
      saves: [mode('W4', DEFAULT_DELAY_S), mode('W4-watch1s', QUICK_DELAY_S), mode('W4-rescan', null)],
      settle,
      async haveFolders(count) {
        await share('f', DEFAULT_DELAY_S)
        for (; folders < count; folders++) await share(`f${folders}`, DEFAULT_DELAY_S)
        await settle()
      },
      [Symbol.asyncDispose]: () => stopAll(both),
    }
  } catch (error) {
    await stopAll(both)
    throw error
  }
}

async function makeTrio(program: string, root: string, { blind }: { blind: boolean }): Promise<Trio> {
  const a = new SyncthingInstance(program, root, 'a')
  const p = new SyncthingInstance(program, root, 'p')
  const b = new SyncthingInstance(program, root, 'b')
  const all = [a, p, b] as const
  const untrusted = blind ? (['p'] as const) : []
  const settleA = async () => {
    await a.linkedTo(p)
    await a.settle()
  }
  try {
    for (const side of all) await side.start()
    for (const end of [a, b]) {
      await end.addDevice(p)
      await p.addDevice(end)
      await end.setFolder({ id: 'f', peers: [p], watchDelayS: null, untrusted })
    }
    await p.setFolder({ id: 'f', peers: [a, b], watchDelayS: null, type: blind ? 'receiveencrypted' : 'sendreceive' })
    // A link that came up before both ends knew the folder as encrypted does not serve it.
    await stopAll(all)
    for (const side of all) await side.start()
    await settleA()
    await b.linkedTo(p)
    await sleep(CALM_MS)
    await b.stop()
    return {
      a,
      p,
      b,
      ask: () => void a.scan().catch(() => {}),
      arrivalOf: async (step, files) => arrival(blind ? () => holdsEncrypted(p, files) : asAsync(probeFor(step, p.folder))),
      settleA,
      [Symbol.asyncDispose]: () => stopAll(all),
    }
  } catch (error) {
    await stopAll(all)
    throw error
  }
}

function arrival(check: () => Promise<boolean>): Arrival {
  return { check, [Symbol.dispose]: () => {} }
}

function asAsync(probe: () => boolean): () => Promise<boolean> {
  return async () => probe()
}

/** What lies on its disk has other names and sizes, so only it can tell. */
async function holdsEncrypted(p: SyncthingInstance, files: number): Promise<boolean> {
  const { inSyncFiles, needTotalItems, state } = await p.status()
  return inSyncFiles >= files && needTotalItems === 0 && state === 'idle'
}

async function makeSingle(program: string, root: string): Promise<Single> {
  const a = new SyncthingInstance(program, root, 'a')
  mkdirSync(a.folder, { recursive: true })
  await a.start()
  return {
    a,
    async share() {
      await a.setFolder({ id: 'f', peers: [], watchDelayS: null })
      // The first scan begins by itself; one that is asked for ends after it.
      await a.settle()
      await a.scan()
    },
    rescan: () => a.scan(),
    [Symbol.asyncDispose]: () => a.stop(),
  }
}

async function stopAll(instances: readonly SyncthingInstance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.stop()))
}
