/* Keeps the page's own files in the browser, so that it opens while its store is off. Answers of the API and of the gateway are never kept. */

/** Put in place by the build: a name that changes with any file of the page, and the files that are fetched at once. */
const BUILD = { name: 'none', files: [] }

const PREFIX = 'page '
const CACHE = PREFIX + BUILD.name
/** A store that has not sent the page by then is as good as off. */
const PATIENCE_MS = 4000

self.addEventListener('install', (event) => {
  event.waitUntil(fill())
  // The page itself comes from the network first: nothing has to wait for the worker before.
  self.skipWaiting()
})

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return
  if (url.pathname === '/') event.respondWith(fresh(event))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(kept(request))
  else if (BUILD.files.includes(url.pathname)) event.respondWith(kept(request))
})

/** Fetches the files of this build; one that does not come is fetched when it is asked for. */
async function fill() {
  const cache = await caches.open(CACHE)
  await cache.add(new Request('/', { cache: 'no-cache' }))
  await Promise.all(BUILD.files.map((file) => cache.add(file).catch(() => undefined)))
}

/** Removes what builds before the last one left: a page that is still open may ask for files of that. */
async function tidy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** The page as the store has it now; the kept one when the store is off. */
async function fresh(event) {
  const cache = await caches.open(CACHE)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), PATIENCE_MS)
  try {
    const response = await fetch(event.request, { signal: late.signal })
    if (isPage(response)) event.waitUntil(cache.put('/', response.clone()))
    return response
  } catch (error) {
    const page = await cache.match('/')
    if (page === undefined) throw error
    return page
  } finally {
    clearTimeout(timer)
  }
}

/** A file whose name changes with its content, or with the build: the first that came is good as long as that. */
async function kept(request) {
  const own = await caches.open(CACHE)
  // A page of the build before may still be open, and ask for its files.
  const known = (await own.match(request)) ?? (await caches.match(request))
  if (known !== undefined) return known
  const response = await fetch(request)
  if (response.ok && response.type === 'basic') await own.put(request, response.clone())
  return response
}

/** True for the page; false for a refusal, and for what another program on the same port says. */
function isPage(response) {
  return response.ok && response.type === 'basic' && (response.headers.get('content-type') ?? '').startsWith('text/html')
}
