/** Events as people read them: many of one kind, by one device, in one folder become one line. */
import type { ActivityEvent, ChangeEvent, Item } from '@hyper-store/client'

/** What happened to files. */
export type FileOp = ChangeEvent['op']

/** One line of a feed. */
export interface ActivityLine {
  /** The same while events are added to the line. */
  readonly id: string
  readonly event: ActivityEvent['event']
  /** Moments of its newest and oldest event. */
  readonly at: string
  readonly since: string
  /** Null for what is of no folder. */
  readonly link: string | null
  /** Who it is about: name of a device; '' for an unnamed other one. */
  readonly device: string
  /** The newest event. */
  readonly latest: ActivityEvent
  /** One for each file, the newest first; empty but for changes. */
  readonly files: readonly FileChange[]
}

/** What became of one file in the span of a line. */
export interface FileChange {
  readonly path: string
  readonly op: FileOp
  /** Where it was before, of a renamed one. */
  readonly from: string | null
  readonly at: string
  readonly version: number
}

/** What the events are judged by. */
export interface Surroundings {
  /** Key of the store that is looked at. */
  readonly ownKey: string
  readonly items: readonly Item[]
}

/**
 * Events that are news: not what a device holds on its way to everything, not that this one holds what it writes itself, and not that a
 * connection ended of a device that has another one.
 */
export function newsOf(events: readonly ActivityEvent[], { ownKey, items }: Surroundings): readonly ActivityEvent[] {
  const written = new Set(items.filter(({ role }) => role !== 'keeper' && role !== 'reader').map(({ link }) => link))
  const live = new Set(items.flatMap(({ devices }) => devices.filter((device) => device.live).map(({ key }) => key)))
  return events.filter((event) => {
    if (event.event === 'receipt') return event.complete && !(event.device.key === ownKey && written.has(event.link))
    if (event.event !== 'peer' || !live.has(event.key)) return true
    // Only its newest word can be wrong: before that it may well have been away.
    live.delete(event.key)
    return event.connected
  })
}

/** Events further apart than this are two lines. */
const TOGETHER_MS = 10 * 60_000

interface Open {
  readonly id: string
  readonly latest: ActivityEvent
  sinceMs: number
  since: string
  readonly device: string
  readonly files: Map<string, FileChange>
}

/** Lines of events, newest first as the events are; those of one day only stay together. */
export function linesOf(events: readonly ActivityEvent[]): ActivityLine[] {
  const lines: Open[] = []
  const open = new Map<string, Open>()
  for (const event of events) {
    const device = deviceOf(event)
    const key = `${event.event} ${'link' in event ? event.link : ''} ${event.event === 'change' ? device.name : device.key}`
    const atMs = Date.parse(event.at)
    let line = open.get(key)
    if (line === undefined || line.sinceMs - atMs > TOGETHER_MS || !isSameDay(line.sinceMs, atMs)) {
      line = { id: key, latest: event, sinceMs: atMs, since: event.at, device: device.name, files: new Map() }
      open.set(key, line)
      lines.push(line)
    }
    line.sinceMs = atMs
    line.since = event.at
    if (event.event === 'change') addChange(line.files, event)
  }
  return lines.map(({ id, latest, since, device, files }) => ({
    id: `${id} ${since}`,
    event: latest.event,
    at: latest.at,
    since,
    link: 'link' in latest ? latest.link : null,
    device,
    latest,
    files: [...files.values()],
  }))
}

/** Adds an older event of a line: of a file that was added and changed, the adding is what a reader wants to know. */
function addChange(files: Map<string, FileChange>, event: ChangeEvent): void {
  const newer = files.get(event.path)
  if (newer === undefined) {
    const { path, op, from = null, at, version } = event
    files.set(path, { path, op, from, at, version })
  } else if (newer.op === 'change' && event.op === 'add') files.set(event.path, { ...newer, op: 'add' })
}

function deviceOf(event: ActivityEvent): { name: string; key: string } {
  if (event.event === 'receipt') return event.device
  if (event.event === 'change') return { name: event.device, key: '' }
  return event.event === 'peer' ? { name: event.name ?? '', key: event.key } : { name: '', key: '' }
}

function isSameDay(a: number, b: number): boolean {
  return dayOf(a) === dayOf(b)
}

/** The day of a moment in the reader's time zone, as a key that sorts. */
export function dayOf(moment: number | string): string {
  const at = new Date(moment)
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`
}

/** How many files had what done to them. */
export function countsOf(files: readonly FileChange[]): ReadonlyMap<FileOp, number> {
  const counts = new Map<FileOp, number>()
  for (const { op } of files) counts.set(op, (counts.get(op) ?? 0) + 1)
  return counts
}

/** Live events, then what the store remembers from before them; both newest first. */
export function joinEvents(live: readonly ActivityEvent[], remembered: readonly ActivityEvent[]): readonly ActivityEvent[] {
  const last = live.at(-1)
  if (last === undefined) return remembered
  const known = new Set(live.filter(({ at }) => at === last.at).map((event) => JSON.stringify(event)))
  const older = remembered.filter((event) => event.at < last.at || (event.at === last.at && !known.has(JSON.stringify(event))))
  return older.length === 0 ? live : [...live, ...older]
}

/** Kinds that a reader can choose. */
export const FEED_KINDS = ['all', 'files', 'copies', 'people', 'devices'] as const
export type FeedKind = (typeof FEED_KINDS)[number]

const KIND_OF: Readonly<Record<ActivityEvent['event'], FeedKind>> = {
  change: 'files',
  receipt: 'copies',
  members: 'people',
  removed: 'people',
  peer: 'devices',
}

/** Events of a kind and of a folder; `link` null: of all. */
export function pickEvents(events: readonly ActivityEvent[], kind: FeedKind, link: string | null): readonly ActivityEvent[] {
  if (kind === 'all' && link === null) return events
  return events.filter(
    (event) => (kind === 'all' || KIND_OF[event.event] === kind) && (link === null || ('link' in event && event.link === link)),
  )
}
