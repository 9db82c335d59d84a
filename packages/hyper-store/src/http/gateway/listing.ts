/** Listings of a folder, as JSON for programs and as a page for people; written as the names come, never held whole. */
import type { DriveNode, DriveReader } from '../../core/store-api.ts'
import { escapeSegment } from './address.ts'
import { PAGE_END, escapeHtml, pageStart } from './html.ts'

/** A child in a listing, as programs get it. */
interface ListedNode {
  readonly name: string
  /** Path in the drive, without leading slash. */
  readonly path: string
  readonly kind: DriveNode['kind']
  /** Bytes of a file; null for anything else. */
  readonly size: number | null
  /** ISO 8601 in UTC; null when unknown. */
  readonly mtime: string | null
}

type Child = DriveNode & { readonly name: string }

/** A JSON array of the children. */
export async function* jsonListing(drive: DriveReader, path: string): AsyncIterable<string> {
  let before = '['
  for await (const child of drive.list(path)) {
    yield `${before}\n${JSON.stringify(listed(child))}`
    before = ','
  }
  yield before === '[' ? '[]\n' : '\n]\n'
}

/** A page with a table of the children; `top` is what the root is called, where that is not the drive's key. */
export async function* htmlListing(drive: DriveReader, path: string, top?: string): AsyncIterable<string> {
  const title = path === '' ? (top ?? drive.key) : (path.split('/').at(-1) ?? path)
  // The first child is read before the page begins: a folder that can't be read is then an error, not half a page.
  const children = drive.list(path)[Symbol.asyncIterator]()
  let next = await children.next()
  yield `${pageStart(title)}<nav aria-label="Folders above">${crumbs(top ?? drive.key.slice(0, 8), path)}</nav>
<h1>${escapeHtml(title)}</h1>
`
  if (next.done === true) yield '<p>This folder is empty.</p>\n'
  else {
    yield `<table>
<caption>Files and folders</caption>
<thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Changed</th></tr></thead>
<tbody>
`
    while (next.done !== true) {
      yield row(next.value)
      next = await children.next()
    }
    yield '</tbody>\n</table>\n'
  }
  yield PAGE_END
}

function listed(child: Child): ListedNode {
  const mtimeMs = child.kind === 'folder' ? 0 : child.mtimeMs
  return { name: child.name, path: child.path, kind: child.kind, size: child.kind === 'file' ? child.size : null, mtime: isoOf(mtimeMs) }
}

function row(child: Child): string {
  const { size, mtime } = listed(child)
  const isFolder = child.kind === 'folder'
  // A leading ./ keeps names such as `http:x` from being read as an address.
  const href = `./${escapeSegment(child.name)}${isFolder ? '/' : ''}`
  const sizeCell = size === null ? '' : `<span title="${size} bytes">${humanSize(size)}</span>`
  const timeCell = mtime === null ? '' : `<time datetime="${mtime}">${mtime.slice(0, 16).replace('T', ' ')}</time>`
  const name = `${escapeHtml(child.name)}${isFolder ? '/' : ''}`
  return `<tr><td><a href="${escapeHtml(href)}">${name}</a></td><td class="number">${sizeCell}</td><td>${timeCell}</td></tr>\n`
}

/** Links to the folders above, relative so that they hold under every form of the address. */
function crumbs(top: string, path: string): string {
  const names = path === '' ? [] : path.split('/')
  const links = [top, ...names].map((name, depth) => {
    const up = names.length - depth
    const label = escapeHtml(name)
    return up === 0 ? `<span aria-current="page">${label}</span>` : `<a href="${'../'.repeat(up)}">${label}</a>`
  })
  return links.join(' / ')
}

/** A size as people say it, such as `1.5 MiB`. */
function humanSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

function isoOf(mtimeMs: number): string | null {
  const date = new Date(mtimeMs)
  return mtimeMs <= 0 || Number.isNaN(date.getTime()) ? null : date.toISOString()
}
