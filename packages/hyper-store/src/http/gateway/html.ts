/** The gateway's own pages: escaped, without scripts, readable in the dark. */
import { createHash } from 'node:crypto'

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}
caption{text-align:left;padding-bottom:.5rem}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}
td:first-child{overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
a:focus-visible{outline:2px solid;outline-offset:2px}`

/** Policy of the gateway's own pages: no script at all, and of styles only the one above. */
export const OWN_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** Text with the characters escaped that mean something in HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (char) => names[char] ?? '')
}

/** The begin of a page; `title` is plain text. */
export function pageStart(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
`
}

/** The end of a page. */
export const PAGE_END = '</main>\n</body>\n</html>\n'

/** A page that says one sentence. */
export function sentencePage(title: string, sentence: string): string {
  return `${pageStart(title)}<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(sentence)}</p>\n${PAGE_END}`
}
