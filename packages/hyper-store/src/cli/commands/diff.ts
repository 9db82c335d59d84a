/** `diff`: what differs between two versions of a folder. */
import type { Diff } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import { looksLikeLink, parseLink } from '@hyper-store/client'
import { changeCount, changeLine } from '../change-lines.ts'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { parseMoment } from '../moment.ts'
import { openFolder, required } from '../references.ts'

/** Prints the changes, then how many there are. */
export const runDiff: Run = async (context, { args: [first, second], options }) => {
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
  if (!looksLikeLink(a) || !looksLikeLink(b))
    throw new AppError('USAGE', {
      reason: 'diff takes one folder with --from and --to, or two links of one folder with versions, such as hyper://…+12 hyper://…+20',
    })
  const [from, to] = [parseLink(a), parseLink(b)]
  if (from.key !== to.key) throw new AppError('USAGE', { reason: 'the two links are of different folders; diff compares versions of one' })
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
