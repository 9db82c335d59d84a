/** The page without its store, and as an app: a service worker keeps the page's own files, so that it opens and says what is missing. */
import { useSyncExternalStore } from 'react'

/** What browsers hand out when a page can be installed; not in the types of TypeScript. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

let offered: InstallEvent | null = null
const listeners = new Set<() => void>()

function offer(event: InstallEvent | null): void {
  offered = event
  for (const listener of listeners) listener()
}

/** Registers the worker, where the browser allows one (this machine, or https), and catches the browser's offer to install the page. */
export function startOffline(): void {
  addEventListener('beforeinstallprompt', (event) => {
    // Shown when somebody asks for it, in the settings.
    event.preventDefault()
    offer(event as InstallEvent)
  })
  addEventListener('appinstalled', () => offer(null))
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !isSecureContext) return
  const register = (): void => {
    navigator.serviceWorker.register('/sw.js').catch(() => {
      // A page without it works all the same while its store is on.
    })
  }
  // The page itself comes first.
  if (document.readyState === 'complete') register()
  else addEventListener('load', register, { once: true })
}

/** Whether the page runs as an app, or can be installed as one now. */
export interface Installing {
  readonly isApp: boolean
  /** Asks the person; null where the browser offers nothing. */
  readonly install: (() => Promise<void>) | null
}

/** How the page stands as an app, live. */
export function useInstalling(): Installing {
  const event = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => offered,
  )
  return {
    isApp: matchMedia('(display-mode: standalone)').matches,
    install:
      event === null
        ? null
        : async () => {
            // An offer can be used once.
            offer(null)
            await event.prompt()
          },
  }
}
