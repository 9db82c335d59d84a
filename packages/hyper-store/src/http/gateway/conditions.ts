/** Conditional requests (RFC 9110, section 13): pure. */

/** What tells one content of a file from another. */
export interface Validators {
  /** Strong and quoted. */
  readonly etag: string
  /** Modification time, milliseconds since 1970; 0 when unknown. */
  readonly mtimeMs: number
}

/** The conditions of a request. */
export interface Conditions {
  readonly ifNoneMatch: string | undefined
  readonly ifModifiedSince: string | undefined
  readonly ifRange: string | undefined
}

/** A strong entity tag from what a drive says; characters that can't stand in one are escaped. */
export function strongEtag(raw: string): string {
  return `"${raw.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (char) => `%${(char.codePointAt(0) ?? 0).toString(16)}`)}"`
}

/** Last-Modified text of a time; null when it is unknown. Headers know whole seconds only. */
export function httpDate(mtimeMs: number): string | null {
  const date = new Date(mtimeMs)
  return mtimeMs <= 0 || Number.isNaN(date.getTime()) ? null : date.toUTCString()
}

/** True when the asker's copy is still good (304). If-None-Match makes If-Modified-Since count for nothing. */
export function isNotModified(conditions: Conditions, validators: Validators): boolean {
  if (conditions.ifNoneMatch !== undefined) {
    const tags = conditions.ifNoneMatch.trim()
    if (tags === '*') return true
    return (tags.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, '') === validators.etag)
  }
  const since = parseDate(conditions.ifModifiedSince)
  return since !== null && validators.mtimeMs > 0 && Math.floor(validators.mtimeMs / 1000) * 1000 <= since
}

/** True when a range may be answered as one: there is no If-Range, or it names exactly this content. */
export function mayUseRange(conditions: Conditions, validators: Validators): boolean {
  const ifRange = conditions.ifRange?.trim()
  if (ifRange === undefined) return true
  if (ifRange.startsWith('"')) return ifRange === validators.etag
  // Weak tags are never equal here; a date must be the very one that was sent.
  return parseDate(ifRange) !== null && ifRange === httpDate(validators.mtimeMs)
}

function parseDate(text: string | undefined): number | null {
  // Only the format of the standard: Date.parse would take a bare number for a year.
  if (text === undefined || !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text.trim())) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}
