/** Markdown of others as HTML that can do nothing: no scripts, no forms, no styles, nothing loaded from elsewhere. */
import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import { PREVIEW } from '../../words/preview.ts'

/** Where what a document names is found. */
export interface MarkdownPlaces {
  /** Address of the bytes of a picture at a path of the folder. */
  picture(path: string): string
  /** Address of the screen of a file at a path of the folder. */
  file(path: string): string
}

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false })
const TAGS = 'h1 h2 h3 h4 h5 h6 p br hr blockquote pre code em strong s del ul ol li a img table thead tbody tr th td sup sub span'.split(
  ' ',
)
const ATTRIBUTES = ['href', 'src', 'alt', 'title', 'start', 'class']

/** The text of the file at `path`, as HTML. */
export function renderMarkdown(text: string, path: string, places: MarkdownPlaces): string {
  const clean = DOMPurify.sanitize(markdown.render(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const image of clean.querySelectorAll('img')) settlePicture(image, path, places)
  for (const link of clean.querySelectorAll('a')) settleLink(link, path, places)
  const box = document.createElement('template')
  box.content.append(clean)
  return box.innerHTML
}

function settlePicture(image: HTMLImageElement, path: string, places: MarkdownPlaces): void {
  const address = image.getAttribute('src') ?? ''
  const inside = insidePath(address, path)
  if (inside !== null) {
    image.setAttribute('src', places.picture(inside))
    image.setAttribute('loading', 'lazy')
    return
  }
  // Loading it would tell another server who reads this, and when.
  const link = document.createElement('a')
  const host = URL.canParse(address) ? new URL(address).host : address.slice(0, 80)
  link.textContent = [image.alt, PREVIEW.outsidePicture(host)].filter((part) => part !== '').join(' – ')
  link.setAttribute('href', address)
  if (image.closest('a') === null) image.replaceWith(link)
  else image.replaceWith(link.textContent)
}

function settleLink(link: HTMLAnchorElement, path: string, places: MarkdownPlaces): void {
  const address = link.getAttribute('href') ?? ''
  const inside = insidePath(address, path)
  if (inside !== null) {
    link.setAttribute('href', places.file(inside))
    return
  }
  if (/^(?:https?|mailto):/i.test(address)) {
    link.setAttribute('target', '_blank')
    link.setAttribute('rel', 'noopener noreferrer nofollow')
    return
  }
  // Places in the page itself belong to the screen around it.
  link.removeAttribute('href')
}

/** The path of the folder that a relative address means, seen from the file at `path`; null when it leads elsewhere. */
function insidePath(address: string, path: string): string | null {
  if (address === '' || address.startsWith('#') || address.startsWith('//') || /^[a-z][a-z0-9+.-]*:/i.test(address)) return null
  const plain = address.replace(/[?#].*$/s, '')
  let decoded: string
  try {
    decoded = decodeURIComponent(plain)
  } catch {
    return null
  }
  const names = decoded.startsWith('/') ? [] : path.split('/').slice(0, -1)
  for (const name of decoded.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return null
  }
  return names.length === 0 ? null : names.join('/')
}
