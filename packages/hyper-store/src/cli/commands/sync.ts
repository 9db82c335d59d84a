/** `sync`: makes one folder like another, by path or by link, once or for as long as it runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import type { PathChange } from '@hyper-store/client/contract'
import { changeCount, changeLine } from '../change-lines.ts'
import type { Context } from '../context.ts'
import type { Invocation, OptionValues, Run } from '../command-spec.ts'
import { confirm } from '../confirm.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import { required } from '../references.ts'
import { asPathChange } from '../tree-compare.ts'
import type { Allowed, TreeChange } from '../tree-compare.ts'
import { diskError } from '../tree-disk.ts'
import { openSides } from '../tree-open.ts'
import type { TreeChoice, TreeSides } from '../tree-open.ts'
import { applyPlan, planSync } from '../tree-sync.ts'
import type { Failure, TreePlan } from '../tree-sync.ts'
import { countOf } from './history.ts'

/** How long a live sync waits after a failure that may pass. */
const AGAIN_MS = 5000

/** Prints what it did, a line each, and how much that was. */
export const runSync: Run = async (context, { args: [source, target], options, lists }) => {
  const { output, signal } = context
  const live = options['live'] === true
  const dryRun = options['dryRun'] === true
  const choice = choiceOf(options, lists)
  if (live && (dryRun || choice.version !== null))
    throw new AppError('USAGE', { reason: '--live follows the newest version; leave out --dry-run and --version' })
  const sides = await openSides(context, { source: required(source), target, ...choice, readOnly: dryRun, mayMake: true })
  const allowed = allowedBy(options)
  if (sides.made !== null && !output.json) output.line(sides.made)
  const plan = await planSync(sides.source, sides.target, { allowed, signal })
  tellLeftOut(context, plan)
  if (dryRun) return tellPlan(context, plan)
  await agree(context, plan, { sides, yes: options['yes'] === true })
  const failures = await carryOut(context, sides, plan)
  if (!live) throwFirst(failures)
  if (live) await follow(context, sides, { allowed, entries: plan.source.size })
  return 0
}

/** `--no-add`, `--no-overwrite`, `--no-delete`. */
export function allowedBy(options: OptionValues): Allowed {
  return { add: options['add'] !== false, overwrite: options['overwrite'] !== false, delete: options['delete'] !== false }
}

/** `--filter`, `--prefix`, `--version`. */
export function choiceOf(options: OptionValues, lists: Invocation['lists']): TreeChoice {
  const { prefix } = options
  return {
    filter: lists['filter'] ?? [],
    prefix: typeof prefix === 'string' ? prefix.replace(/^(?:\.?\/)+|\/+$/g, '') : '',
    version: countOf(options['version'], '--version') ?? null,
  }
}

/** Asks before anything is deleted or overwritten; where nobody can be asked, deleting wants `yes`. Throws CANCELLED, STOPPED_FOR_SAFETY. */
export async function agree(context: Context, plan: TreePlan, { sides, yes }: { sides: TreeSides; yes: boolean }): Promise<void> {
  const { output } = context
  const risky = plan.changes.filter(({ op }) => op === 'delete' || op === 'change')
  if (yes || risky.length === 0) return
  const count = changeCount(risky.map(asPathChange))
  const canAsk = !output.json && process.stdin.isTTY && output.talkSink.isTTY === true
  if (canAsk) {
    for (const change of risky) output.talk(changeLine(asPathChange(change), output))
    return await confirm(context, `Make ${sides.target.name} like ${sides.source.name}: ${count}?`, false)
  }
  const deleted = risky.filter(({ op }) => op === 'delete').length
  if (deleted === 0) return
  throw new AppError('STOPPED_FOR_SAFETY', {
    reason: `Syncing would delete ${deleted} ${deleted === 1 ? 'path' : 'paths'} in ${sides.target.name}, such as "${risky.find(({ op }) => op === 'delete')?.path ?? ''}"`,
    cure: 'Give --yes if that is meant, --no-delete to leave them, or look first with --dry-run',
  })
}

/** Prints each change as it is done, then their count. Gives the paths that failed alone; throws what would fail for all. */
export async function carryOut(context: Context, sides: TreeSides, plan: TreePlan): Promise<readonly Failure[]> {
  const { output, signal } = context
  const done: PathChange[] = []
  const total = plan.changes.reduce((sum, change) => sum + bytesOf(change, sides), 0)
  let bytes = 0
  let failures: Failure[]
  try {
    using progress = startProgress(output, 'Syncing')
    failures = await applyPlan(sides, plan, {
      signal,
      onBytes: (more) => {
        bytes += more
        progress.update({ share: total === 0 ? null : Math.min(1, bytes / total) })
      },
      onDone: (change) => {
        const told = asPathChange(change)
        done.push(told)
        output.show(told, () => [changeLine(told, output)])
      },
    })
  } finally {
    await sides.target.close()
  }
  const summary = {
    event: 'synced',
    changes: done.length,
    bytes,
    failed: failures.length,
    source: sides.source.name,
    target: sides.target.name,
  }
  output.show({ ...summary, ...(sides.made === null ? {} : { link: sides.made }) }, () => [changeCount(done)])
  for (const { path, error } of failures) output.talk(`${plain(path)}: ${wordsOf(error, path)}`)
  return failures
}

/** Throws what stood in the way of a sync; nothing for no failures. */
export function throwFirst(failures: readonly Failure[]): void {
  const [first] = failures
  if (first === undefined) return
  if (failures.length === 1 && errorCode(first.error) !== undefined) throw first.error
  throw new AppError('COMMAND_FAILED', {
    command: 'sync',
    reason: `${failures.length} ${failures.length === 1 ? 'path' : 'paths'} could not be synced, such as "${first.path}": ${wordsOf(first.error, first.path)}`,
  })
}

/** Tells of symlinks that can't be carried over. */
export function tellLeftOut({ output }: Context, { leftOut }: TreePlan): void {
  for (const { path, reason } of leftOut) output.talk(`${plain(path)} is left out: ${reason}`)
}

function tellPlan({ output }: Context, { changes }: TreePlan): number {
  const told = changes.map(asPathChange)
  for (const change of told) output.show(change, () => [changeLine(change, output)])
  if (!output.json) output.line(`${changeCount(told)}${told.length === 0 ? '' : ' to be made'}`)
  return 0
}

/** Does the same again at each change of the source, until it is interrupted. */
async function follow(context: Context, sides: TreeSides, { allowed, entries }: { allowed: Allowed; entries: number }): Promise<void> {
  const { output, signal } = context
  output.talk(`In step; following ${plain(sides.source.name)}, Ctrl-C ends it`)
  let before = entries
  for await (const _ of sides.source.changes(signal)) {
    while (!signal.aborted) {
      try {
        const plan = await planSync(sides.source, sides.target, { allowed, signal })
        // A disk that was unmounted looks like a folder that was emptied.
        if (plan.source.size === 0 && before > 0 && plan.changes.length > 0)
          throw new AppError('STOPPED_FOR_SAFETY', {
            reason: `${sides.source.name} is suddenly empty`,
            cure: 'Start the sync again with --yes if that is meant',
          })
        before = plan.source.size
        const failures = plan.changes.length > 0 ? await carryOut(context, sides, plan) : []
        if (failures.length === 0) break
      } catch (error) {
        const code = errorCode(error)
        if (signal.aborted || code === undefined || !ERRORS[code].retry) {
          if (signal.aborted) return
          throw error
        }
        output.talk(`${plain((error as Error).message)}; trying again`)
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
    }
  }
}

function bytesOf({ op, after }: TreeChange, { target }: TreeSides): number {
  return op === 'delete' || (op === 'rename' && target.moves) ? 0 : (after?.size ?? 0)
}

function wordsOf(error: unknown, path: string): string {
  const told = diskError(error, path)
  return plain(told instanceof Error ? told.message : String(told))
}
