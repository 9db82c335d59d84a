/** What a person chose and this browser keeps: live in every part of the page, and in its other tabs. */
import { useSyncExternalStore } from 'react'

/** One choice. */
export interface KeptChoice<T> {
  readonly get: () => T
  /** A browser that keeps nothing has it until the page is closed. */
  readonly set: (choice: T) => void
  readonly subscribe: (listener: () => void) => () => void
}

/** The choice under a name; `parse` makes one of what was kept (undefined for nothing), and of anything else that stands there. */
export function keptChoice<T>(name: string, parse: (known: unknown) => T): KeptChoice<T> {
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const read = (): T => {
    try {
      const text = localStorage.getItem(name)
      return parse(text === null ? undefined : JSON.parse(text))
    } catch {
      return parse(undefined)
    }
  }
  let choice = read()
  addEventListener('storage', ({ key }) => {
    if (key !== name) return
    choice = read()
    tell()
  })
  return {
    get: () => choice,
    set: (next) => {
      choice = next
      try {
        localStorage.setItem(name, JSON.stringify(next))
      } catch {
        // See above.
      }
      tell()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The choice, live. */
export function useChoice<T>({ subscribe, get }: KeptChoice<T>): T {
  return useSyncExternalStore(subscribe, get)
}
