/** Entries, rows and things as lines for people. */
import type { Item, TableRow, Thing, ThingEntry } from '@hyper-store/client'
import { formatBytes, formatMoment, formatShare } from './format.ts'
import { plain } from './output.ts'
import type { Output } from './output.ts'

/** What an entry is called in the listing of `base`: folders end in `/`, symlinks tell where they point. */
export function entryName({ path, kind, target }: ThingEntry, base: string): string {
  const name = base === '' ? path : path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path.slice(path.lastIndexOf('/') + 1)
  if (kind === 'folder') return `${plain(name)}/`
  return kind === 'symlink' ? `${plain(name)} -> ${plain(target ?? '')}` : plain(name)
}

/** Kind, size, time and name. Piped, sizes are bytes and times are ISO 8601. */
export function entryRow(entry: ThingEntry, base: string, output: Output): string[] {
  const { kind, size, mtimeMs, executable } = entry
  const isFile = kind === 'file'
  const at = mtimeMs === null ? '-' : new Date(mtimeMs).toISOString()
  return [
    isFile && executable === true ? 'program' : kind,
    isFile ? (output.terminal ? formatBytes(size) : String(size)) : '-',
    output.terminal && mtimeMs !== null ? formatMoment(at) : at,
    entryName(entry, base),
  ]
}

/** The bytes of a row's value as they are stored. */
export function valueBytes({ type, value }: Pick<TableRow, 'type' | 'value'>): Uint8Array {
  if (type === 'bytes') return Buffer.from(String(value), 'base64')
  return Buffer.from(type === 'text' ? String(value) : JSON.stringify(value))
}

/** Facts as aligned lines. */
export function factLines(facts: readonly (readonly [string, string])[], output: Output): string[] {
  const widest = Math.max(0, ...facts.map(([name]) => name.length))
  return facts.map(([name, text]) => (output.terminal ? `${output.paint('dim', name.padEnd(widest))}  ${text}` : `${name}\t${text}`))
}

/** All that is known of an entry. */
export function entryFacts(entry: ThingEntry): [string, string][] {
  const { path, kind, size, mtimeMs, executable, target, etag } = entry
  return [
    ['path', plain(path)],
    ['kind', kind],
    ...(kind === 'file' ? [['size', String(size)] as [string, string]] : []),
    ['changed', mtimeMs === null ? '-' : new Date(mtimeMs).toISOString()],
    ...(executable === undefined ? [] : [['executable', executable ? 'yes' : 'no'] as [string, string]]),
    ...(target === undefined ? [] : [['points to', plain(target)] as [string, string]]),
    ...(etag === undefined ? [] : [['etag', plain(etag)] as [string, string]]),
  ]
}

/** All that is known of a thing; `long` adds its logs with their keys. */
export function thingFacts(thing: Thing, long: boolean): [string, string][] {
  const { kind, link, title, version, bytes, heldBytes, entries, fork, peers } = thing
  const counted = { folder: 'files', table: 'rows', board: 'elements', core: 'blocks', unknown: 'entries' }[kind]
  return [
    ['kind', kind],
    ['link', link],
    ['title', title === null ? '-' : plain(title)],
    [kind === 'core' ? 'blocks' : 'version', String(version)],
    ...(entries === null || kind === 'core' ? [] : [[counted, String(entries)] as [string, string]]),
    ['held here', `${formatBytes(heldBytes)} of ${formatBytes(bytes)} (${formatShare(bytes === 0 ? 1 : heldBytes / bytes)})`],
    ['peers', String(peers)],
    ['kept here', thing.kept ? 'yes' : 'no'],
    ['written here', thing.writable ? 'yes' : 'no'],
    ['private', thing.private ? 'yes' : 'no'],
    ...(long ? [['fork', String(fork)] as [string, string]] : []),
    ...(long
      ? thing.cores.map(({ name, key, discoveryKey, length, held }): [string, string] => [
          `log ${name}`,
          `key ${key}, discovery key ${discoveryKey}, ${held} of ${length} blocks held`,
        ])
      : []),
  ]
}

/** What `info` tells of one kept thing: the fields of a line. */
export interface KeptFacts {
  readonly kind: Item['kind']
  readonly link: string
  readonly title: string
  readonly peers: number
  readonly held: number
  readonly known: number
  readonly state: Item['state']
}

/** The share that this device holds comes from its own row among the devices. */
export function keptFacts({ kind, link, title, peers, bytes, progress, state, devices }: Item): KeptFacts {
  const own = devices.find(({ role }) => role === 'this')
  return {
    kind,
    link,
    title,
    peers,
    held: Math.round((own?.complete === true ? 1 : (own?.progress ?? progress)) * bytes),
    known: bytes,
    state,
  }
}

/** Row of `info`: link, kind, title, peers, held, state. On a terminal keys are short unless `long`. */
export function keptRow(facts: KeptFacts, long: boolean, output: Output): string[] {
  const { kind, link, title, peers, held, known, state } = facts
  const key = output.terminal && !long ? `${link.slice('hyper://'.length).slice(0, 6)}…` : link
  return [key, kind, plain(title), `${peers} ${peers === 1 ? 'peer' : 'peers'}`, `${formatBytes(held)} of ${formatBytes(known)}`, state]
}
