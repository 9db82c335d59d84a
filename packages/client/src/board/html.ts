/** A board as one page of HTML that stands alone. */
import type { Board, Card, Message } from '../contract/boards.ts'

const STYLE = `
:root { color-scheme: light dark; --paper: #f5f4ef; --card: #fff; --ink: #1c2321; --line: #c9c5b8 }
@media (prefers-color-scheme: dark) { :root { --paper: #121615; --card: #1a201e; --ink: #ecefed; --line: #46514d } }
body { margin: 0; padding: 2rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { position: relative }
article { position: absolute; box-sizing: border-box; padding: .6rem .75rem; overflow: auto; overflow-wrap: anywhere; white-space: pre-wrap; background: var(--card); border: 1px solid var(--line); border-radius: 8px }
small { opacity: .7 }
svg { position: absolute; overflow: visible }
line { stroke: var(--line); stroke-width: 2 }
text { fill: var(--ink); font-size: 13px; text-anchor: middle }
aside { margin-top: .6rem; border-top: 1px solid var(--line) }
`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
}

/** The page: no script, all text escaped, cards where they are on the board, lines below them, comments in them. */
export function boardToHtml(board: Board): string {
  const left = Math.min(0, ...board.items.map(({ pos }) => pos[0]))
  const top = Math.min(0, ...board.items.map(({ pos }) => pos[1]))
  const bottom = Math.max(0, ...board.items.map(({ pos, size }) => pos[1] + size[1])) - top
  const cards = board.items.map((card) => {
    const box = `left:${card.pos[0] - left}px;top:${card.pos[1] - top}px;width:${card.size[0]}px;height:${card.size[1]}px`
    return `<article style="${box}">${contentOf(card)}${commentsOf(card)}</article>`
  })
  const middles = new Map(
    board.items.map(({ id, pos, size }) => [
      id,
      [Math.round(pos[0] + size[0] / 2 - left), Math.round(pos[1] + size[1] / 2 - top)] as const,
    ]),
  )
  const lines = board.connectors.map(({ from, to, label = '' }) => {
    const [[x1, y1], [x2, y2]] = [middles.get(from) ?? [0, 0], middles.get(to) ?? [0, 0]]
    const text = label === '' ? '' : `<text x="${(x1 + x2) / 2}" y="${(y1 + y2) / 2}">${escape(label)}</text>`
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>${text}`
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
<svg>${lines.join('')}</svg>
${cards.join('\n')}
</main>
</body>
</html>
`
}

function contentOf(card: Card): string {
  if (card.type === 'link')
    return `<strong>${escape(card.title ?? '')}</strong> ${webLink(card.url ?? '')}<p>${escape(card.description ?? '')}</p>`
  if (card.type === 'thread') return `<strong>${escape(card.title ?? '')}</strong>${saidOf(card.messages ?? [])}`
  return escape(card.text ?? card.title ?? card.file?.path ?? card.name ?? card.path ?? card.table ?? '')
}

function commentsOf({ comments = [] }: Card): string {
  return comments.length === 0 ? '' : `<aside>${saidOf(comments)}</aside>`
}
function saidOf(messages: readonly Message[]): string {
  return messages.map(({ by, text }) => `<p><small>${escape(by)}</small>\n${escape(text)}</p>`).join('')
}

/** A link to the web; anything else is text. */
function webLink(url: string): string {
  return /^https?:\/\//i.test(url) ? `<a href="${escape(url)}" rel="noopener noreferrer">${escape(url)}</a>` : escape(url)
}
