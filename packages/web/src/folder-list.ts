/** All folders of the store, in the order of their titles, with the sentence above them. */
import type { Item } from '@hyper-store/client'
import { element, setText } from './elements.ts'
import { createFolderCard } from './folder-card.ts'
import type { FolderCard } from './folder-card.ts'
import { summaryWords } from './words.ts'

/** The list and how events reach it. */
export interface FolderList {
  readonly element: HTMLElement
  /** Everything that is kept, as just read. */
  replace(items: readonly Item[]): void
  put(item: Item): void
  /** `link` as the store said it. */
  remove(link: string): void
}

interface Shown {
  item: Item
  readonly card: FolderCard
}

/** Makes an empty list. */
export function createFolderList(): FolderList {
  const shown = new Map<string, Shown>()
  const summary = element('p', { class: 'summary', role: 'status' })
  const cards = element('ul', { class: 'cards' })
  const empty = element(
    'div',
    { class: 'notice', hidden: true },
    element('p', {}, 'Nothing is kept here yet.'),
    element('p', {}, 'Share a folder from this machine: ', element('code', {}, 'hyper-store add ./photos')),
  )

  const put = (item: Item): void => {
    const old = shown.get(item.key)
    if (old === undefined) shown.set(item.key, { item, card: createFolderCard(item) })
    else {
      old.item = item
      old.card.update(item)
    }
  }
  const drop = (key: string): void => {
    shown.get(key)?.card.element.remove()
    shown.delete(key)
  }
  const arrange = (): void => {
    const sorted = [...shown.values()].sort((a, b) => a.item.title.localeCompare(b.item.title) || (a.item.key < b.item.key ? -1 : 1))
    for (const [at, { card }] of sorted.entries()) {
      // Moved only when out of place: what is moved loses the focus.
      if (cards.children[at] !== card.element) cards.insertBefore(card.element, cards.children[at] ?? null)
    }
    const items = sorted.map(({ item }) => item)
    empty.hidden = items.length > 0
    summary.hidden = items.length === 0
    setText(summary, items.length === 0 ? '' : summaryWords(items))
  }

  return {
    element: element('div', {}, summary, cards, empty),
    replace(items) {
      const keys = new Set(items.map(({ key }) => key))
      for (const key of shown.keys()) if (!keys.has(key)) drop(key)
      for (const item of items) put(item)
      arrange()
    },
    put(item) {
      put(item)
      arrange()
    },
    remove(link) {
      for (const [key, { item }] of shown) if (item.link === link) drop(key)
      arrange()
    },
  }
}
