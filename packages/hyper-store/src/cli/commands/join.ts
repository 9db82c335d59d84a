/** `join`: joins a folder with an invite, and follows that until it is joined or refused. */
import { setTimeout as sleep } from 'node:timers/promises'
import { errorFromWire } from '@hyper-store/client'
import type { Client, Item, Join } from '@hyper-store/client'
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { parseSeconds } from '../format.ts'
import { plain } from '../output.ts'
import { absolutePath, required } from '../references.ts'

const LOOK_MS = 500
/** How long a store may be away, or the new folder not be listed yet. */
const AWAY_MS = 30_000

/** Prints the item once this device has joined. `--list` shows joins under way, `--cancel` takes one back. */
export const runJoin: Run = async (context, { args: [code, path], options }) => {
  if (options['list'] === true) return listJoins(context)
  if (typeof options['cancel'] === 'string') return cancelJoin(context, options['cancel'])
  if (code === undefined) throw new AppError('USAGE', { reason: 'The code of the invite is missing; see --help' })
  if (path === undefined && options['keep'] !== true) {
    throw new AppError('USAGE', { reason: 'The path of the new folder is missing; write one, or --keep to have none on this disk' })
  }
  const timeoutS = parseSeconds(String(options['timeout']), '--timeout')
  const client = await context.connect()
  const { name, title } = options
  const join = await client.joinFolder(
    {
      code: required(code).trim(),
      ...(path === undefined ? {} : { path: absolutePath(path) }),
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof name === 'string' ? { name } : {}),
    },
    context,
  )
  const item = await follow(context, client, { join, timeoutS })
  if (context.output.json) context.output.show(item, () => [])
  else context.output.table([[item.link, plain(item.path ?? ''), item.state]])
  context.output.talk(`${plain(item.title)} is joined as ${item.role} and stays in step; hyper-store wait tells when it is complete`)
  return 0
}

async function follow(context: Context, client: Client, { join, timeoutS }: { join: Join; timeoutS: number }): Promise<Item> {
  const until = performance.now() + timeoutS * 1000
  const seen = createTeller(context)
  let now = join
  try {
    for (;;) {
      seen(now)
      if (now.state === 'refused') throw errorFromWire(now.problem ?? { code: 'JOIN_REFUSED', message: '', data: { by: 'a member' } }, 403)
      if (now.state === 'joined') return await itemOf(context, client, now)
      const left = until - performance.now()
      if (left <= 0) throw timedOut(now, timeoutS)
      await sleep(Math.min(LOOK_MS, left), undefined, { signal: context.signal })
      now = await patiently(() => client.getJoin(join.id, context))
    }
  } catch (error) {
    if (!context.signal.aborted) throw error
    context.output.talk(goesOn(now))
    throw new AppError('CANCELLED', {}, { cause: error })
  }
}

/** Tells of each state once; the words again when they change. */
function createTeller({ output }: Context): (join: Join) => void {
  let told = ''
  return ({ state, words }) => {
    const text =
      state === 'looking'
        ? 'Looking for a device that can let this one in'
        : state === 'waiting'
          ? `Waiting for approval. These four words must be shown on the other side too:\n  ${plain(words ?? '')}`
          : ''
    if (text !== '' && text !== told) output.talk(text)
    told = text
  }
}

function timedOut(join: Join, seconds: number): AppError {
  const what = join.state === 'waiting' ? 'nobody has approved it yet' : 'no device that can let this one in was reached yet'
  return new AppError('TIMED_OUT', { seconds, missing: `${what}. ${goesOn(join)}`, join: join.id })
}

function goesOn({ id }: Join): string {
  return `The store goes on by itself and joins as soon as it may; hyper-store join --cancel ${id} takes that back`
}

/** The new folder; it may be listed a moment after the join is told as done. */
async function itemOf(context: Context, client: Client, { key }: Join): Promise<Item> {
  return patiently(() => client.getFolder(key, context), ['UNKNOWN_FOLDER'])
}

/** Calls again while the store is away for a moment, or says what is true for a moment only. */
async function patiently<T>(call: () => Promise<T>, passing: readonly string[] = []): Promise<T> {
  for (const since = performance.now(); ;) {
    try {
      return await call()
    } catch (error) {
      const code = errorCode(error)
      const passes = code !== undefined && code !== 'CANCELLED' && (ERRORS[code].retry || passing.includes(code))
      if (!passes || performance.now() - since > AWAY_MS) throw error
      await sleep(LOOK_MS)
    }
  }
}

async function listJoins(context: Context): Promise<number> {
  const { output } = context
  const joins = await (await context.connect()).listJoins(context)
  if (output.json) for (const join of joins) output.show(join, () => [])
  else
    output.table(joins.map(({ id, state, path, words, problem }) => [id, state, plain(path ?? ''), plain(problem?.message ?? words ?? '')]))
  if (joins.length === 0) output.talk('No join is under way')
  return 0
}

async function cancelJoin(context: Context, id: string): Promise<number> {
  const done = await (await context.connect()).cancelJoin(id, context)
  context.output.show(done, () => [])
  context.output.talk('The join is taken back')
  return 0
}
