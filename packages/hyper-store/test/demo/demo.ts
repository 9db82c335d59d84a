/**
 * The demonstration (`npm run demo`): A, a raspberry and B as three real stores on this machine run configurations 3 and 4 of the
 * report on real files, then a change goes from A to B by the raspberry alone. Ends with exit code 0 when B's files are A's.
 */
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Item } from '@hyper-store/client'
import { treeFacts } from '../fixtures/trees.ts'
import { createStage } from './stage.ts'
import type { Actor, Stage } from './stage.ts'
import { makeDocuments } from './documents.ts'

const FOLDER = './mydat'
const started = performance.now()
await using stage = await createStage()

try {
  process.exitCode = (await play(stage)) ? 0 : 1
} catch (error) {
  // A command said why; Ctrl-C says nothing.
  if (!stage.interrupted) stage.say(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = stage.interrupted ? 130 : 1
}

async function play({ a, raspberry, b, ...on }: Stage): Promise<boolean> {
  on.say('A, a raspberry and B: three stores on this machine, each with its own home and port. Nothing leaves the machine.')
  on.say(`A's folder: ${await makeDocuments(path.join(a.dir, FOLDER))}`)
  await Promise.all([raspberry.turnOn(), a.turnOn()])

  on.chapter('A shares a folder and has the raspberry keep it', 'configuration 3')
  await a.type('set-provider', await target(raspberry), 'raspberry')
  await a.type('add', FOLDER)
  await a.type('list')
  const { link } = await itemOf(a)
  await a.type('add', link, 'raspberry')
  await a.type('wait', FOLDER, 'raspberry')
  await a.turnOff()

  on.chapter('B gets it from the raspberry, while A is off', 'configuration 4')
  await b.turnOn()
  await b.type('set-provider', await target(raspberry), 'raspberry')
  await b.type('list', 'raspberry')
  await b.type('clone', FOLDER, link)
  await b.type('wait', FOLDER)
  await b.turnOff()

  on.chapter('A changes things; B gets them later. They are never on at the same time', 'the point of it')
  await a.turnOn()
  await a.shell("mv 'mydat/photos/lisbon' 'mydat/photos/portugal 2026'")
  await a.shell('dd if=/dev/urandom of=mydat/videos/holiday.mp4 bs=1M count=1 seek=40 conv=notrunc status=none')
  await a.shell('rm mydat/letters/letter-07.txt; mkdir mydat/plans; echo "Porto next" > mydat/plans/2027.txt')
  await a.type('wait', FOLDER, 'raspberry')
  const { version } = await itemOf(a)
  const wanted = await treeFacts(path.join(a.dir, FOLDER))
  await a.turnOff()
  await b.turnOn()
  await on.until('B hears of the change', async () => (await itemOf(b)).devices.some((device) => device.role === 'provider' && device.live))
  await b.type('wait', FOLDER)
  await on.until('B shows it', async () => (await itemOf(b)).version >= version)

  on.chapter('The receipts, as B knows them')
  await b.type('status', FOLDER)
  const { files, devices } = await itemOf(b)
  const found = await treeFacts(path.join(b.dir, FOLDER))
  const same = isDeepStrictEqual(found, wanted)
  const whole = devices.length === 3 && devices.every((device) => device.complete)
  const seconds = Math.round((performance.now() - started) / 1000)
  on.verdict(
    same && whole,
    same && whole
      ? `B has what A has: ${files} files, byte for byte, with their times; A and B were never on together (${seconds} s)`
      : `B does not have what A has (${same ? 'a receipt is missing' : 'the files differ'})`,
  )
  return same && whole
}

async function itemOf(actor: Actor): Promise<Item> {
  const [item] = await actor.store.json<Item>(['status', FOLDER])
  if (item === undefined) throw new Error('the folder is not listed')
  return item
}

/** What the raspberry's pairing line says: its address with a one-time code. */
async function target(raspberry: Actor): Promise<string> {
  const line = await raspberry.store.ok(['pair', '--quiet'])
  return line.split(' ')[2] ?? ''
}
