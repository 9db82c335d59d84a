/** The page of a store: who is here, then every folder, live. */
import { AppError, createClient } from '@hyper-store/client'
import { element, mustFind, setText } from './elements.ts'
import { createFolderList } from './folder-list.ts'
import type { FolderList } from './folder-list.ts'
import { createLogIn, logInWords, takeTokenFromAddress } from './log-in.ts'
import { closeSession, openSession } from './session.ts'

// The session is in a cookie that scripts can't read; nothing is kept here.
const client = createClient({ url: location.origin })
const main = mustFind('main')
const logOut = mustFind('log-out')
let watching: AbortController | null = null

logOut.addEventListener('click', () => {
  closeSession().then(() => askToLogIn(null), fail)
})
start().catch(fail)

async function start(): Promise<void> {
  const token = takeTokenFromAddress()
  if (token !== null) {
    try {
      await openSession(token)
    } catch (error) {
      if (isRefused(error)) return askToLogIn(logInWords(error))
      throw error
    }
  }
  await enter(null)
}

/** Shows the folders, or asks who is here when this store does not know; `sentence` is said with that question. */
async function enter(sentence: string | null): Promise<void> {
  const store = await client.getStore()
  setText(mustFind('store-name'), store.name)
  document.title = `${store.name} · hyper-store`
  if (store.role === null) return askToLogIn(sentence)
  const list = createFolderList()
  list.replace(await client.listFolders())
  show(list.element)
  // On an open network everybody is in, with nothing to end.
  logOut.hidden = store.open === true
  await follow(list)
}

/** Applies events for as long as this page is open; after a break everything is read again. */
async function follow(list: FolderList): Promise<void> {
  watching?.abort()
  const { signal } = (watching = new AbortController())
  const onConnection = (connected: boolean): void => {
    showConnection(connected ? 'live' : 'lost')
    // What happened while the stream was down, or between the first list and the stream, is in no event.
    if (connected) client.listFolders({ signal }).then((items) => list.replace(items), fail)
  }
  try {
    for await (const event of client.events({ signal, onConnection })) {
      if (event.event === 'item') list.put(event.item)
      else if (event.event === 'removed') list.remove(event.link)
    }
  } catch (error) {
    if (!signal.aborted) fail(error)
  }
}

function askToLogIn(sentence: string | null): void {
  watching?.abort()
  showConnection('none')
  logOut.hidden = true
  const form = createLogIn(sentence, () => {
    enter('Your browser did not keep the session. Allow cookies for this address and try again.').catch(fail)
  })
  show(form)
  form.querySelector('input')?.focus()
}

function fail(error: unknown): void {
  if (error instanceof AppError && error.code === 'CANCELLED') return
  if (isRefused(error)) return askToLogIn('Your session has ended. Log in again.')
  watching?.abort()
  showConnection('none')
  const again = element('button', { type: 'button', class: 'main' }, 'Try again')
  again.addEventListener('click', () => location.reload())
  const words = error instanceof AppError ? error.message : 'This page met a defect of ours.'
  show(element('div', { class: 'notice', role: 'alert' }, element('p', {}, words), element('p', {}, again)))
}

function show(content: HTMLElement): void {
  main.replaceChildren(content)
  main.removeAttribute('aria-busy')
}

function showConnection(state: 'live' | 'lost' | 'none'): void {
  const label = mustFind('connection')
  label.className = `connection is-${state}`
  setText(label, state === 'live' ? 'Live' : state === 'lost' ? 'Reconnecting…' : '')
}

function isRefused(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN')
}
