/** Serves the files of the web page, with a policy that lets only the page's own files run. */
import { open, realpath } from 'node:fs/promises'
import path from 'node:path'
import mime from 'mime'
import type { HttpContext } from './context.ts'

/** Headers of every reply that a browser may show as the store's own. */
const PAGE_HEADERS = {
  // Pictures and sounds that the page itself made are blobs; everything else is a file of this store.
  'content-security-policy': [
    "default-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const MAX_BYTES = 16 * 1024 * 1024

/** Files whose names change with their content. */
const HASHED = '/assets/'
const FOR_EVER = 'public, max-age=31536000, immutable'

/** Answers a request for a file of the page; a plain 404 when there is none, or no page at all (`webDir` null). */
export async function servePage(c: HttpContext, webDir: string | null): Promise<Response> {
  const { pathname } = new URL(c.req.url)
  const file = webDir === null ? null : await readPageFile(webDir, pathname, acceptsGzip(c.req.header('accept-encoding')))
  if (file === null) {
    return new Response('Nothing is here\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', ...PAGE_HEADERS } })
  }
  const headers: Record<string, string> = {
    ...PAGE_HEADERS,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': pathname.startsWith(HASHED) ? FOR_EVER : 'no-cache',
  }
  if (c.req.header('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
  if (file.isZipped) headers['content-encoding'] = 'gzip'
  const body = c.req.method === 'HEAD' ? null : file.bytes
  return new Response(body, { headers: { ...headers, 'content-type': file.type, 'content-length': String(file.bytes.byteLength) } })
}

function acceptsGzip(header: string | undefined): boolean {
  return /(?:^|,)\s*gzip\s*(?:,|$|;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))/i.test(header ?? '')
}

interface PageFile {
  readonly bytes: Uint8Array
  readonly type: string
  readonly etag: string
  readonly isZipped: boolean
}

/** The file, or the `.gz` beside it that the build made. */
async function readPageFile(webDir: string, pathname: string, mayZip: boolean): Promise<PageFile | null> {
  const relative = decodeURIComponent(pathname).replace(/^\/+/, '')
  const wanted = path.join(webDir, relative === '' ? 'index.html' : relative)
  const plain = await readInside(webDir, wanted)
  if (plain === null) return null
  const zipped = mayZip ? await readInside(webDir, `${wanted}.gz`) : null
  const type = mime.getType(plain.real) ?? 'application/octet-stream'
  const isText = type.startsWith('text/') || type === 'application/manifest+json'
  const { bytes, tag } = zipped ?? plain
  return {
    bytes,
    type: isText ? `${type}; charset=utf-8` : type,
    etag: `"${tag}${zipped === null ? '' : '-gz'}"`,
    isZipped: zipped !== null,
  }
}

async function readInside(webDir: string, wanted: string): Promise<{ real: string; bytes: Uint8Array; tag: string } | null> {
  try {
    const [root, real] = await Promise.all([realpath(webDir), realpath(wanted)])
    // Compared after links are resolved: nothing beside the page's folder can be asked for.
    const inside = path.relative(root, real)
    if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside)) return null
    await using handle = await open(real)
    const stat = await handle.stat()
    if (!stat.isFile() || stat.size > MAX_BYTES) return null
    return { real, bytes: await handle.readFile(), tag: `${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}` }
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'EISDIR') return null
    throw error
  }
}
