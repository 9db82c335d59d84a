/** Makes and changes elements; all text goes in as text, so that no name of a folder or device is ever read as HTML. */

/** Attributes by name; `true` for those without value, `null` and `false` for absent ones. */
export type Attributes = Readonly<Record<string, string | boolean | null>>

/** An element with attributes and content. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '')
    else if (typeof value === 'string') made.setAttribute(key, value)
  }
  made.append(...content)
  return made
}

/** Sets a text only when it is another one, so that what reads the page aloud hears of true changes alone. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** The element of a page that is known to have it. Throws when it does not. */
export function mustFind(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}
