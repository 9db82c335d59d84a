/** Tells from what a browser says of a request whether a page of another site made it. */

/** Headers that browsers set and pages can't. */
export interface BrowserMarks {
  readonly origin: string | undefined
  readonly secFetchSite: string | undefined
  /** Any other Sec-Fetch-* header is there. */
  readonly otherMarks: boolean
  /** The authority that the request is for. */
  readonly authority: string
}

/** `cross` was made by a page of another origin; `own` by a page of this one; `unmarked` by a program, or typed by a person. */
export type Site = 'own' | 'cross' | 'unmarked'

/** Who made a request. An own origin is this authority over http or, behind a proxy, https. */
export function siteOf(marks: BrowserMarks): Site {
  if (marks.origin !== undefined && !isOwnOrigin(marks.origin, marks.authority)) return 'cross'
  if (marks.secFetchSite !== undefined && marks.secFetchSite !== 'same-origin' && marks.secFetchSite !== 'none') return 'cross'
  return marks.origin !== undefined || marks.secFetchSite === 'same-origin' ? 'own' : 'unmarked'
}

/** True when a browser made the request, as far as it says so. */
export function isFromBrowser(marks: BrowserMarks): boolean {
  return marks.origin !== undefined || marks.secFetchSite !== undefined || marks.otherMarks
}

function isOwnOrigin(origin: string, authority: string): boolean {
  const found = /^(https?):\/\/([^/]+)$/i.exec(origin)
  if (found === null) return false
  // Parsed, so that a default port that one side leaves out makes no difference.
  const own = `${found[1] ?? ''}://${authority}`
  return URL.canParse(origin) && URL.canParse(own) && new URL(origin).origin === new URL(own).origin
}
