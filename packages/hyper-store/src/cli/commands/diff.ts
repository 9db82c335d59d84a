/** `diff`: what differs between two versions of a folder, or between two folders by path or link. */
import type { Diff } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import { looksLikeLink, parseLink } from '@hyper-store/client'
import { changeCount, changeLine } from '../change-lines.ts'
import type { Context } from '../context.ts'
import type { Invocation, Run } from '../command-spec.ts'
import { parseMoment } from '../moment.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'
import { asPathChange } from '../tree-compare.ts'
import { openSides } from '../tree-open.ts'
import { planSync } from '../tree-sync.ts'
import { agree, allowedBy, carryOut, choiceOf, tellLeftOut, throwFirst } from './sync.ts'

/** Prints the changes, then how many there are. */
export const runDiff: Run = async (context, invocation) => {
  const { args, options } = invocation
  const [first, second] = args
  if (second !== undefined && !areOneFolder(required(first), second)) return diffTrees(context, invocation)
  if (TREE_OPTIONS.some((name) => isGiven(invocation, name)))
    throw new AppError('USAGE', { reason: '--commit, --no-… and --filter are for two folders; name the second one' })
  const { output, signal } = context
  const { ref, from, to } = second === undefined ? versionsOf(required(first), options) : versionsOfLinks(required(first), second)
  const { client, item } = await openFolder(context, ref)
  const path = typeof options['path'] === 'string' ? { path: options['path'] } : {}
  const start = from === 'before-newest' || from === 'newest' ? String(await recent(context, ref, from)) : from
  const diff = await client.getDiff(item.key, { from: start, ...path, ...(to === null ? {} : { to }) }, { signal })
  output.show(diff, (found: Diff) => [
    ...found.changes.map((change) => changeLine(change, output)),
    `${changeCount(found.changes)} between versions ${found.from} and ${found.to}`,
  ])
  return 0
}

/** Options that only two trees take, by their camel-case name. */
const TREE_OPTIONS = ['commit', 'yes', 'add', 'overwrite', 'delete', 'filter', 'prefix']

/** Two links of one folder are two versions of it, which its history tells apart. */
function areOneFolder(a: string, b: string): boolean {
  if (!looksLikeLink(a) || !looksLikeLink(b)) return false
  const [one, other] = [parseLink(a), parseLink(b)]
  return one.key === other.key && one.path === '' && other.path === ''
}

function isGiven({ options, lists }: Invocation, name: string): boolean {
  // A --no-… option is true until it is given.
  const value = options[name]
  return lists[name] !== undefined || (['add', 'overwrite', 'delete'].includes(name) ? value === false : value !== undefined)
}

/** What a sync from the first to the second would do; `--commit` does it. */
async function diffTrees(context: Context, { args: [source, target], options, lists }: Invocation): Promise<number> {
  const { output, signal } = context
  if (['from', 'to', 'path'].some((name) => options[name] !== undefined))
    throw new AppError('USAGE', {
      reason: 'diff of two folders takes no --from, --to or --path; --prefix names a part, and a link a version, as hyper://…+12 does',
    })
  const commit = options['commit'] === true
  const sides = await openSides(context, {
    source: required(source),
    target,
    ...choiceOf(options, lists),
    readOnly: !commit,
    mayMake: false,
  })
  const plan = await planSync(sides.source, sides.target, { allowed: allowedBy(options), signal })
  const changes = plan.changes.map(asPathChange)
  tellLeftOut(context, plan)
  if (!commit) {
    output.show({ source: sides.source.name, target: sides.target.name, changes }, () => [
      ...changes.map((change) => changeLine(change, output)),
      `${changeCount(changes)} to make ${plain(sides.target.name)} like ${plain(sides.source.name)}`,
    ])
    return 0
  }
  await agree(context, plan, { sides, yes: options['yes'] === true })
  throwFirst(await carryOut(context, sides, plan))
  return 0
}

interface Wish {
  readonly ref: string
  /** A version number, a moment, `newest`, or `before-newest`. */
  readonly from: string
  /** Null: the newest. */
  readonly to: string | null
}

function versionsOf(ref: string, options: Readonly<Record<string, string | boolean | undefined>>): Wish {
  const { from, to } = options
  const version = looksLikeLink(ref) ? parseLink(ref).version : null
  if (version !== null && from === undefined) return { ref: keyOf(ref), from: String(version), to: momentOrVersion(to, '--to') }
  return { ref, from: momentOrVersion(from, '--from') ?? 'before-newest', to: momentOrVersion(to, '--to') }
}

function versionsOfLinks(a: string, b: string): Wish {
  const [from, to] = [parseLink(a), parseLink(b)]
  if (from.version === null && to.version === null)
    throw new AppError('USAGE', { reason: 'neither link names a version, as hyper://…+12 does' })
  // A link without a version means the newest, on either side.
  if (from.version === null) return { ref: from.link, from: 'newest', to: String(to.version) }
  return { ref: from.link, from: String(from.version), to: to.version === null ? null : String(to.version) }
}

function momentOrVersion(value: string | boolean | undefined, option: string): string | null {
  if (typeof value !== 'string') return null
  return /^\d{1,15}$/.test(value) ? value : parseMoment(value, option)
}

function keyOf(ref: string): string {
  return parseLink(ref).link
}

async function recent(context: Context, ref: string, which: 'newest' | 'before-newest'): Promise<number> {
  const { client, item } = await openFolder(context, ref)
  const { versions } = await client.getHistory(item.key, { limit: '2' }, { signal: context.signal })
  const [newest, older] = versions
  return (which === 'newest' ? newest : (older ?? newest))?.version ?? 1
}
