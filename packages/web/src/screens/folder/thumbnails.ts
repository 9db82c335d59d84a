/** Small pictures of pictures: made in the browser from the files themselves, two at a time, and kept by content. */

/** Longer side, in pixels. */
const SIDE = 320
const AT_ONCE = 2
const IN_MEMORY = 600
const ON_DISK = 4000
const DATABASE = 'hyper-store.thumbnails'
const STORE = 'pictures'

/** What a small picture is made of. */
export interface Picture {
  /** Tells contents apart, over all folders. */
  readonly id: string
  /** True when it may outlive the page in this browser. */
  readonly keep: boolean
  load(signal: AbortSignal): Promise<Response>
}

const ready = new Map<string, string>()
const failed = new Set<string>()
const waiting: (() => void)[] = []
let busy = 0

/** The address of a small picture that was made before; null when there is none yet. */
export function readyThumbnail(id: string): string | null {
  return ready.get(id) ?? null
}

/** Makes a small picture; null when it is no picture. Throws when it can't be loaded now. */
export async function makeThumbnail(picture: Picture, signal: AbortSignal): Promise<string | null> {
  const known = ready.get(picture.id)
  if (known !== undefined) return known
  if (failed.has(picture.id)) return null
  await turn(signal)
  try {
    const blob = (picture.keep ? await fromDisk(picture.id) : null) ?? (await shrink(picture, signal))
    signal.throwIfAborted()
    if (blob === null) {
      failed.add(picture.id)
      return null
    }
    return remember(picture.id, blob)
  } finally {
    pass()
  }
}

/** Waits for one of two places; what was asked for last is on the screen, and goes first. */
async function turn(signal: AbortSignal): Promise<void> {
  if (busy < AT_ONCE) busy++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  if (!signal.aborted) return
  pass()
  signal.throwIfAborted()
}

/** Gives the place on. */
function pass(): void {
  const next = waiting.pop()
  if (next === undefined) busy--
  else next()
}

async function shrink(picture: Picture, signal: AbortSignal): Promise<Blob | null> {
  const blob = await (await picture.load(signal)).blob()
  // What calls itself a picture need not be one.
  const bitmap = await createImageBitmap(blob).catch(() => null)
  if (bitmap === null) return null
  try {
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(bitmap.width * scale))
    canvas.height = Math.max(1, Math.round(bitmap.height * scale))
    const context = canvas.getContext('2d')
    if (context === null) return null
    context.imageSmoothingQuality = 'high'
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.82))
    if (small !== null && picture.keep) void toDisk(picture.id, small)
    return small
  } finally {
    bitmap.close()
  }
}

function remember(id: string, blob: Blob): string {
  const url = URL.createObjectURL(blob)
  ready.set(id, url)
  for (const [old, address] of ready) {
    if (ready.size <= IN_MEMORY) break
    ready.delete(old)
    URL.revokeObjectURL(address)
  }
  return url
}

let database: Promise<IDBDatabase | null> | null = null

function open(): Promise<IDBDatabase | null> {
  database ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open(DATABASE, 1)
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
      request.addEventListener('success', () => resolve(request.result))
      // A browser that keeps nothing makes them anew each time.
      request.addEventListener('error', () => resolve(null))
    } catch {
      resolve(null)
    }
  })
  return database
}

async function fromDisk(id: string): Promise<Blob | null> {
  const db = await open()
  if (db === null) return null
  return await new Promise((resolve) => {
    const request = db.transaction(STORE).objectStore(STORE).get(id)
    request.addEventListener('success', () => resolve(request.result instanceof Blob ? request.result : null))
    request.addEventListener('error', () => resolve(null))
  })
}

async function toDisk(id: string, blob: Blob): Promise<void> {
  const db = await open()
  if (db === null) return
  const store = db.transaction(STORE, 'readwrite').objectStore(STORE)
  store.put(blob, id)
  const count = store.count()
  // Which ones go does not matter: what is seen again is made again.
  count.addEventListener('success', () => {
    if (count.result > ON_DISK) store.clear()
  })
}
