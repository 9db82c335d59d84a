/** What was dropped or picked, with all that is in folders. */
import type { NewEntry } from './upload-queue.ts'

/** Files of one drop; nobody means more. */
const MOST = 200_000

/** Entries of a drop. To be called while the event is handled: afterwards the browser shows nothing of it. */
export function entriesOfDrop(transfer: DataTransfer): Promise<NewEntry[]> {
  const tops = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  return (async () => {
    const found: NewEntry[] = []
    for (const { entry, file } of tops) {
      if (entry !== null) await collect(entry, '', found)
      else if (file !== null) found.push({ path: file.name, file })
    }
    return found
  })()
}

/** Entries of a field for files or for a folder. */
export function entriesOfField(files: FileList): NewEntry[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file }))
}

async function collect(entry: FileSystemEntry, above: string, found: NewEntry[]): Promise<void> {
  if (found.length >= MOST) return
  const path = above === '' ? entry.name : `${above}/${entry.name}`
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch(() => null)
    // A file that vanished meanwhile is none.
    if (file !== null) found.push({ path, file })
    return
  }
  if (!isFolder(entry)) return
  const before = found.length
  const reader = entry.createReader()
  for (;;) {
    // A folder tells of a hundred at a time, and of none when it is through.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => [])
    if (some.length === 0) break
    for (const one of some) await collect(one, path, found)
  }
  if (found.length === before) found.push({ path, file: null })
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
