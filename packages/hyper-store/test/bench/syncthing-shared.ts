/** Folders that several Syncthings write to, which is what all of its folders are. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Group, SharedPair, Side } from './program.ts'
import { LABELS, writeOwnFiles } from './shared-rows.ts'
import { SyncthingInstance } from './syncthing-instance.ts'

/** A and B, told when to look. */
export async function makeSharedPair(program: string, root: string): Promise<SharedPair> {
  const all = await shareAmong(program, root, ['a', 'b'])
  const [a, b] = all
  if (a === undefined || b === undefined) throw new Error('two instances were made')
  return {
    a,
    b,
    askOf: (side) =>
      void all
        .find((instance) => instance === side)
        ?.scan()
        .catch(() => {}),
    settle: () => settleAll(all),
    [Symbol.asyncDispose]: () => stopAll(all),
  }
}

/** Five, each of which knows the addresses of all. */
export async function makeGroup(program: string, root: string): Promise<Group> {
  const all = await shareAmong(program, root, LABELS)
  return {
    sides: all,
    async isCalm() {
      const statuses = await Promise.all(all.map((instance) => instance.status().catch(() => null)))
      return statuses.every((status) => status?.state === 'idle' && status.needTotalItems === 0)
    },
    [Symbol.asyncDispose]: () => stopAll(all),
  }
}

async function shareAmong(program: string, root: string, labels: readonly Side['label'][]): Promise<SyncthingInstance[]> {
  const all = labels.map((label) => new SyncthingInstance(program, root, label))
  try {
    for (const instance of all) await instance.start()
    for (const instance of all) {
      const peers = all.filter((other) => other !== instance)
      for (const peer of peers) await instance.addDevice(peer)
      await instance.setFolder({ id: 'f', peers, watchDelayS: null })
    }
    for (const [i, instance] of all.entries()) for (const other of all.slice(i + 1)) await instance.linkedTo(other)
    all.forEach(writeOwnFiles)
    for (const instance of all) await instance.scan()
    await settleAll(all)
    return all
  } catch (error) {
    await stopAll(all)
    throw error
  }
}

async function settleAll(all: readonly SyncthingInstance[]): Promise<void> {
  // Twice: what one has taken in is news for the others.
  for (let round = 0; round < 2; round++) {
    await sleep(300)
    for (const instance of all) await instance.settle()
  }
}

async function stopAll(instances: readonly SyncthingInstance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.stop()))
}
