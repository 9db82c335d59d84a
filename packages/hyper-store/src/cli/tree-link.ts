/** A folder by its link as one side of a sync: content is streamed, nothing of it comes to lie on this disk. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import { openContent } from './content-reader.ts'
import { keptChanges, versionChanges } from './tree-changes.ts'
import { queryOf } from './thing-ref.ts'
import type { FoundThing } from './thing-ref.ts'
import type { Tree, TreeEntry } from './tree-compare.ts'
import type { Selection } from './tree-ignore.ts'
import type { TreeSide } from './tree-side.ts'

/** Options of `openLinkTree`. */
export interface LinkTreeOptions {
  /** What is compared; asked anew for each listing. */
  readonly selection: () => Promise<Selection>
  /** A path inside that is not there counts as empty: what is written makes it. */
  readonly make: boolean
}

/** The folder that was found as a side; paths are relative to its path inside. */
export function openLinkTree(found: FoundThing, { selection, make }: LinkTreeOptions): TreeSide {
  const { client, ref, thing, version } = found
  const base = found.path
  const inside = (path: string) => (base === '' ? path : `${base}/${path}`)
  const gone = (error: unknown) => {
    if (errorCode(error) !== 'NOT_FOUND') throw error
  }
  return {
    name: base === '' ? thing.link : `${thing.link.replace(/#.*$/s, '')}/${base}`,
    moves: false,
    checkWritable() {
      if (version !== null) throw new AppError('USAGE', { reason: 'a version that is past can not be written; leave it out of the link' })
      if (!thing.writable) throw new AppError('NOT_WRITER', { title: thing.title ?? thing.link })
    },
    async list(signal) {
      const tree = new Map<string, TreeEntry>()
      const select = await selection()
      for (let after: string | undefined; ;) {
        const query = { ...queryOf(found), recursive: true, ...(after === undefined ? {} : { after }) }
        const page = await client.listEntries(ref, query, { signal }).catch((error: unknown) => {
          if (!make || base === '' || errorCode(error) !== 'NOT_FOUND') throw error
          return { entries: [], more: false }
        })
        for (const entry of page.entries) {
          const path = base === '' ? entry.path : entry.path.slice(base.length + 1)
          if (path === '' || (base !== '' && !entry.path.startsWith(`${base}/`)) || select(path, entry.kind === 'folder') !== 'in') continue
          tree.set(path, {
            path,
            kind: entry.kind,
            size: entry.kind === 'file' ? entry.size : 0,
            mtimeMs: entry.mtimeMs,
            executable: entry.executable ?? (entry.kind === 'file' ? false : null),
            target: entry.target ?? null,
          })
        }
        const last = page.entries.at(-1)?.path
        if (!page.more || last === undefined) return tree as Tree
        after = last
      }
    },
    async *read(path, signal) {
      yield* (await openContent({ client, ref, path: inside(path), version }, { signal })).bytes
    },
    async write(entry, content, signal) {
      const file = {
        path: inside(entry.path),
        ...(entry.mtimeMs === null ? {} : { mtimeMs: Math.floor(entry.mtimeMs) }),
        ...(entry.executable === null ? {} : { executable: entry.executable }),
      }
      await client.writeContent(ref, file, streamOf(content), { signal })
    },
    async makeFolder(path, signal) {
      await client.makeFolder(ref, { path: inside(path) }, { signal })
    },
    refusesSymlink: () => 'symlinks are not put by link',
    makeSymlink: async () => {
      throw new AppError('DEFECT', { reason: 'a symlink by link' })
    },
    async remove({ path }, signal) {
      await client.removeEntry(ref, { path: inside(path) }, { signal }).catch(gone)
    },
    move: async () => {
      throw new AppError('DEFECT', { reason: 'a move by link' })
    },
    async prune(folders, signal) {
      for (const path of [...folders].toSorted((a, b) => b.length - a.length)) {
        // One that holds something still is refused, and stays.
        await client.removeEntry(ref, { path: inside(path) }, { signal }).catch((error: unknown) => {
          if (!['NOT_FOUND', 'BAD_REQUEST'].includes(errorCode(error) ?? '')) throw error
        })
      }
    },
    changes: (signal) =>
      thing.kept ? keptChanges(client, thing.key, signal) : versionChanges(client, { ref, version: thing.version }, signal),
    close: async () => {},
  }
}

/** Bytes as the body of a request. */
export function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = content[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: async () => void (await chunks.return?.()),
    },
    // Not a chunk is read before it is wanted.
    { highWaterMark: 0 },
  )
}
