/** Shared folders of hyper-store as the benchmark runs them: private, as they come, each device with a drive of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { settleAll, startAll, stopAll, Store } from './hyper-store-instance.ts'
import { now } from './measure.ts'
import type { Group, SharedPair, Side } from './program.ts'
import { LABELS, writeOwnFiles } from './shared-rows.ts'

const FIRST_PORT = 22_600
const JOIN_S = 60

let ports = FIRST_PORT

/** A shares, B joins as a writer; both have written. */
export async function makeSharedPair(root: string): Promise<SharedPair> {
  const { stores, key } = await shareAmong(root, ['a', 'b'])
  const [a, b] = stores
  if (a === undefined || b === undefined) throw new Error('two stores were made')
  return { a, b, askOf: null, settle: () => settleAll(stores, key), [Symbol.asyncDispose]: () => stopAll(stores) }
}

/** A shares, four join; each knows the addresses of all. */
export async function makeGroup(root: string): Promise<Group> {
  const { stores, key } = await shareAmong(root, LABELS)
  return {
    sides: stores,
    async isCalm() {
      const items = await Promise.all(stores.map((store) => store.client.getFolder(key).catch(() => null)))
      for (const [i, item] of items.entries()) {
        // A thousand edits by each are no accident.
        if (item?.problem?.code === 'STOPPED_FOR_SAFETY') await stores[i]?.client.resumeFolder(key, { confirm: true })
      }
      return items.every((item) => item?.state === 'up-to-date') && new Set(items.map((item) => item?.version)).size === 1
    },
    [Symbol.asyncDispose]: () => stopAll(stores),
  }
}

async function shareAmong(root: string, labels: readonly Side['label'][]): Promise<{ stores: Store[]; key: string }> {
  const stores = labels.map((label) => new Store(root, label, ports++))
  try {
    await startAll(stores)
    for (const [i, store] of stores.entries()) for (const other of stores.slice(i + 1)) await other.knows(store, store.label)
    const [owner, ...guests] = stores
    if (owner === undefined) throw new Error('a folder has an owner')
    writeOwnFiles(owner)
    const { key } = await owner.client.addFolder({ path: owner.folder, private: true })
    for (const guest of guests) await joinWith(guest, (await owner.client.createInvite(key, { role: 'writer' })).code ?? '')
    guests.forEach(writeOwnFiles)
    await settleAll(stores, key)
    return { stores, key }
  } catch (error) {
    await stopAll(stores)
    throw error
  }
}

async function joinWith(guest: Store, code: string): Promise<void> {
  mkdirSync(join(guest.folder, '..'), { recursive: true })
  const { id } = await guest.client.joinFolder({ code, path: guest.folder })
  for (const deadline = now() + JOIN_S; now() < deadline; await sleep(50)) {
    const { state, problem } = await guest.client.getJoin(id)
    if (state === 'joined') return
    if (state === 'refused') throw new Error(`store ${guest.label} was refused: ${problem?.message ?? ''}`)
  }
  throw new Error(`store ${guest.label} did not join`)
}
