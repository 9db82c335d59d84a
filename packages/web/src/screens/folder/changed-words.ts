/** When a file was changed, short; the formats are made once, since long lists say a lot of times. */

const today = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' })
const thisYear = new Intl.DateTimeFormat([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const before = new Intl.DateTimeFormat([], { day: 'numeric', month: 'short', year: 'numeric' })
/** No calendar goes further. */
const LAST_MS = 8.64e15

/** A moment in milliseconds since 1970; what is no moment is `–`. */
export function changedWords(ms: number, now: Date): string {
  if (!(Math.abs(ms) <= LAST_MS)) return '–'
  const at = new Date(ms)
  if (at.toDateString() === now.toDateString()) return today.format(at)
  return (at.getFullYear() === now.getFullYear() ? thisYear : before).format(at)
}
