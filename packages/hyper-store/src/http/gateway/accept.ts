/** Chooses between HTML and JSON by the Accept header: pure. */

/** What the asker would rather have. JSON is what programs get that do not say. */
type Preference = 'html' | 'json'

/** Reads an Accept header; `explicit` is true when it names the chosen type itself and not only by `*`. */
export function readAccept(header: string | undefined): { readonly wants: Preference; readonly explicit: boolean } {
  const ranges = (header ?? '').slice(0, 4096).split(',').map(readMediaRange)
  const weigh = (types: readonly string[]): number =>
    Math.max(0, ...ranges.filter((range) => types.includes(range.type)).map((range) => range.q))
  const html = weigh(['text/html', 'application/xhtml+xml', 'text/*'])
  const json = weigh(['application/json', 'application/*'])
  return html > json ? { wants: 'html', explicit: true } : { wants: 'json', explicit: json > 0 }
}

function readMediaRange(text: string): { type: string; q: number } {
  const [type = '', ...params] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = params.find((param) => param.startsWith('q='))
  const weight = q === undefined ? 1 : Number(q.slice(2))
  return { type, q: Number.isFinite(weight) ? weight : 0 }
}
