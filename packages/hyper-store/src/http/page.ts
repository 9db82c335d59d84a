/** Serves the files of the web page, with a policy that lets only the page's own files run. */
import { open, realpath } from 'node:fs/promises'
import path from 'node:path'
import mime from 'mime'
import type { HttpContext } from './context.ts'

/** Headers of every reply that a browser may show as the store's own. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const MAX_BYTES = 16 * 1024 * 1024

/** Answers a request for a file of the page; a plain 404 when there is none, or no page at all (`webDir` null). */
export async function servePage(c: HttpContext, webDir: string | null): Promise<Response> {
  const file = webDir === null ? null : await readPageFile(webDir, new URL(c.req.url).pathname)
  if (file === null) {
    return new Response('Nothing is here\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', ...PAGE_HEADERS } })
  }
  const headers = { ...PAGE_HEADERS, etag: file.etag, 'cache-control': 'no-cache' }
  if (c.req.header('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
  const body = c.req.method === 'HEAD' ? null : file.bytes
  return new Response(body, { headers: { ...headers, 'content-type': file.type, 'content-length': String(file.bytes.byteLength) } })
}

async function readPageFile(webDir: string, pathname: string): Promise<{ bytes: Uint8Array; type: string; etag: string } | null> {
  const relative = decodeURIComponent(pathname).replace(/^\/+/, '')
  const wanted = path.join(webDir, relative === '' ? 'index.html' : relative)
  try {
    const [root, real] = await Promise.all([realpath(webDir), realpath(wanted)])
    // Compared after links are resolved: nothing beside the page's folder can be asked for.
    const inside = path.relative(root, real)
    if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside)) return null
    await using handle = await open(real)
    const stat = await handle.stat()
    if (!stat.isFile() || stat.size > MAX_BYTES) return null
    const type = mime.getType(real) ?? 'application/octet-stream'
    const text = type.startsWith('text/') ? `${type}; charset=utf-8` : type
    return { bytes: await handle.readFile(), type: text, etag: `"${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}"` }
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'EISDIR') return null
    throw error
  }
}
