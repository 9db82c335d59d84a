/** Answers with one file of a drive: conditions, ranges, headers, and its bytes as a stream. */
import { AppError } from '@hyper-store/client/contract'
import type { HttpContext } from '../context.ts'
import { HttpProblem } from '../error-reply.ts'
import { httpDate, isNotModified, mayUseRange, strongEtag } from './conditions.ts'
import type { Conditions, Validators } from './conditions.ts'
import { contentStream } from './content-stream.ts'
import { attachmentOf, contentTypeOf } from './content-type.ts'
import { readRange } from './ranges.ts'
import type { ByteRange, RangeWish } from './ranges.ts'
import type { FoundNode } from './resolve.ts'

/** A file of a drive. */
type FileNode = Extract<FoundNode, { readonly kind: 'file' }>

/** What is answered with. */
interface FileAnswer {
  readonly node: FileNode
  /** The name that was asked for; the file's own differs behind a symlink. */
  readonly name: string
  /** Headers of every answer from this drive. */
  readonly headers: Readonly<Record<string, string>>
}

/** Answers a GET or HEAD for a file; 416 when a range has nothing of it. */
export async function serveFile(c: HttpContext, answer: FileAnswer): Promise<Response> {
  const { node } = answer
  const validators: Validators = { etag: strongEtag(node.etag), mtimeMs: node.mtimeMs }
  const conditions: Conditions = {
    ifNoneMatch: c.req.header('if-none-match'),
    ifModifiedSince: c.req.header('if-modified-since'),
    ifRange: c.req.header('if-range'),
  }
  const lastModified = httpDate(node.mtimeMs)
  const headers: Record<string, string> = {
    ...answer.headers,
    etag: validators.etag,
    'accept-ranges': 'bytes',
    ...(lastModified === null ? {} : { 'last-modified': lastModified }),
  }
  if (isNotModified(conditions, validators)) return new Response(null, { status: 304, headers })

  headers['content-type'] = typeOf(answer)
  if (c.req.query('download') !== undefined) headers['content-disposition'] = attachmentOf(answer.name)
  const wish = wishOf(c, node, mayUseRange(conditions, validators))
  if (wish.kind === 'unsatisfiable') {
    const error = new AppError('BAD_REQUEST', { reason: `the file has ${node.size} bytes, and none of the range that was asked for` })
    throw new HttpProblem(416, error, { 'content-range': `bytes */${node.size}`, 'accept-ranges': 'bytes' })
  }
  if (wish.kind === 'whole') return await bytesReply(c, node, { status: 200, headers, range: { start: 0, end: node.size } })
  headers['content-range'] = `bytes ${wish.range.start}-${wish.range.end - 1}/${node.size}`
  return await bytesReply(c, node, { status: 206, headers, range: wish.range })
}

/** Answers 404 with a drive's own page for it. */
export async function serveMissingPage(c: HttpContext, answer: FileAnswer): Promise<Response> {
  const headers = { ...answer.headers, 'content-type': typeOf(answer), 'cache-control': 'no-cache' }
  return await bytesReply(c, answer.node, { status: 404, headers, range: { start: 0, end: answer.node.size } })
}

function typeOf({ node, name }: FileAnswer): string {
  return contentTypeOf([name, node.path])
}

/** Ranges are defined for GET alone. */
function wishOf(c: HttpContext, node: FileNode, mayUse: boolean): RangeWish {
  return c.req.method === 'GET' && mayUse ? readRange(c.req.header('range'), node.size) : { kind: 'whole' }
}

async function bytesReply(
  c: HttpContext,
  node: FileNode,
  reply: { status: number; headers: Record<string, string>; range: ByteRange },
): Promise<Response> {
  const { status, range } = reply
  const bytes = range.end - range.start
  const headers = { ...reply.headers, 'content-length': String(bytes) }
  if (c.req.method === 'HEAD' || bytes === 0) return new Response(null, { status, headers })
  const whole = bytes === node.size
  const body = await contentStream((signal) => node.read(whole ? undefined : range, { signal }), c.req.raw.signal, bytes)
  return new Response(body, { status, headers })
}
