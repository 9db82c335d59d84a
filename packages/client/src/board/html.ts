/** A board as one page of HTML that stands alone. */
import type { Board, Card } from '../contract/boards.ts'

const STYLE = `
:root { color-scheme: light dark; --paper: #f5f4ef; --card: #fff; --ink: #1c2321; --line: #c9c5b8 }
@media (prefers-color-scheme: dark) { :root { --paper: #121615; --card: #1a201e; --ink: #ecefed; --line: #46514d } }
body { margin: 0; padding: 2rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { position: relative }
article { position: absolute; box-sizing: border-box; padding: .6rem .75rem; overflow: auto; overflow-wrap: anywhere; white-space: pre-wrap; background: var(--card); border: 1px solid var(--line); border-radius: 8px }
small { opacity: .7 }
`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
}

/** The page: no script, all text escaped, cards where they are on the board. */
export function boardToHtml(board: Board): string {
  const left = Math.min(0, ...board.items.map(({ pos }) => pos[0]))
  const top = Math.min(0, ...board.items.map(({ pos }) => pos[1]))
  const bottom = Math.max(0, ...board.items.map(({ pos, size }) => pos[1] + size[1])) - top
  const cards = board.items.map((card) => {
    const box = `left:${card.pos[0] - left}px;top:${card.pos[1] - top}px;width:${card.size[0]}px;height:${card.size[1]}px`
    return `<article style="${box}">${contentOf(card)}</article>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(board.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(board.title)}</h1>
<main style="height:${bottom}px">
${cards.join('\n')}
</main>
</body>
</html>
`
}

function contentOf(card: Card): string {
  if (card.type === 'link') return `<strong>${escape(card.title ?? '')}</strong> ${webLink(card.url ?? '')}`
  if (card.type === 'thread') {
    const lines = (card.messages ?? []).map(({ by, text }) => `<p><small>${escape(by)}</small>\n${escape(text)}</p>`)
    return `<strong>${escape(card.title ?? '')}</strong>${lines.join('')}`
  }
  return escape(card.text ?? card.title ?? card.file?.path ?? card.name ?? card.path ?? card.table ?? '')
}

/** A link to the web; anything else is text. */
function webLink(url: string): string {
  return /^https?:\/\//i.test(url) ? `<a href="${escape(url)}" rel="noopener noreferrer">${escape(url)}</a>` : escape(url)
}
