/** Content types and download names of files. */
import mime from 'mime'
import { escapeSegment } from './address.ts'

/** The type of the first name that has a known one; text comes with its charset, the unknown as bytes. */
export function contentTypeOf(names: readonly string[]): string {
  for (const name of names) {
    const type = mime.getType(name)
    if (type !== null) return type.startsWith('text/') || type === 'application/javascript' ? `${type}; charset=utf-8` : type
  }
  return 'application/octet-stream'
}

/** Content-Disposition that makes a browser save a file under its name (RFC 6266 with RFC 5987). */
export function attachmentOf(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${escapeSegment(name)}`
}
