/** Headers of every answer from something that is kept: how long it may be cached, who may read it, and its link. */
import { escapePath } from './address.ts'

const EXPOSED = 'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Link'

/** What is answered from, and how it was asked for. */
export interface Answered {
  readonly key: string
  readonly private: boolean
  /** Null means the newest. */
  readonly version: number | null
  /** True when the number of a version may come to mean another state. */
  readonly renumbered: boolean
  /** True for what a signed link opens: its address is the right. */
  readonly linked: boolean
}

/** The headers; `canonical` is the path in its link, null where there is none. */
export function keptHeaders(kept: Answered, canonical: string | null): Record<string, string> {
  const caching = kept.version === null || kept.renumbered ? 'no-cache' : 'max-age=31536000, immutable'
  return {
    'x-content-type-options': 'nosniff',
    'cache-control': `${kept.private ? 'private' : 'public'}, ${caching}`,
    // Private things are read with a right, which pages of other sites have none of; a link's address is the right.
    ...(kept.private && !kept.linked ? {} : { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED }),
    ...(canonical === null || kept.linked ? {} : { link: `<hyper://${kept.key}${canonical}>; rel="canonical"` }),
  }
}

/** The path of a file or folder in the link of its drive. */
export function canonicalPath(path: string, folder: boolean): string {
  return path === '' ? '/' : `/${escapePath(path)}${folder ? '/' : ''}`
}
