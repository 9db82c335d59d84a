/** Changes files of a folder that this device writes: on its disk, from where they are published, or in the store alone. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath } from '../core/entries.ts'
import { createSerial } from '../lib/serial.ts'
import type { State } from '../state/state.ts'
import type { KeptFolder } from './kept-folder.ts'
import { refuseOtherKind, writablePath } from './thing-kinds.ts'
import { DiskWriting } from './thing-writing-disk.ts'
import { StoredWriting } from './thing-writing-stored.ts'
import type { OpenThing } from './visits.ts'

/** A file to be put. */
export interface NewFile {
  readonly body: AsyncIterable<Uint8Array>
  /** Default: now. */
  readonly mtimeMs: number | null
  /** Default: as the file was that is replaced, else false. */
  readonly executable: boolean | null
}

/** How files are changed in one place. All throw BAD_REQUEST for what stands in the way, NOT_FOUND, DISK_FULL, READ_ONLY_DISK. */
export interface Writing {
  /** Takes the body beside other changes, however long that takes; `alone` runs what must have the folder to itself. */
  write(path: FolderPath, file: NewFile, alone: Alone): Promise<void>
  /** Gives how many files and folders it removed. */
  remove(path: FolderPath, options: { recursive: boolean }): Promise<number>
  makeFolder(path: FolderPath): Promise<void>
  /** Throws ALREADY_THERE, and BAD_REQUEST for a folder that would move into itself. */
  move(from: FolderPath, to: FolderPath): Promise<void>
}

/** Runs work that has a folder to itself. */
export type Alone = <Result>(work: () => Promise<Result>) => Promise<Result>

/** What writing needs from the store around it. */
export interface ThingWritingOptions {
  readonly state: State
  /** Folder of the home in which large bodies wait until they are whole. */
  readonly spool: string
}

/** Writes to things, one change of a folder at a time. */
export class ThingWriting {
  readonly #o: ThingWritingOptions
  readonly #serials = new WeakMap<KeptFolder, ReturnType<typeof createSerial>>()

  constructor(options: ThingWritingOptions) {
    this.#o = options
  }

  /** Changes one path; resolves when the change is part of the folder. Throws NOT_WRITER, WRONG_KIND, and as `Writing`. */
  async change<Result>(thing: OpenThing, path: string, work: (writing: Writing, at: FolderPath) => Promise<Result>): Promise<Result> {
    const { writing, at, alone } = this.#begin(thing, path)
    return await alone(async () => work(writing, at))
  }

  /** Puts a file, whose body may come for hours. Throws as `change`. */
  async write(thing: OpenThing, path: string, file: NewFile): Promise<FolderPath> {
    const { writing, at, alone } = this.#begin(thing, path)
    await writing.write(at, file, alone)
    return at
  }

  #begin(thing: OpenThing, path: string): { writing: Writing; at: FolderPath; alone: Alone } {
    const { folder } = thing
    refuseOtherKind(thing, 'folder')
    if (!mayWrite(thing)) throw new AppError('NOT_WRITER', { title: folder.record.title })
    folder.refuseHalted()
    if (folder.record.paused) throw new AppError('BAD_REQUEST', { reason: `${folder.record.title} is paused; resume it first` })
    const serial = this.#serials.get(folder) ?? createSerial()
    this.#serials.set(folder, serial)
    return { writing: this.#writingOf(folder), at: writablePath(thing, path), alone: async (work) => serial.run(work) }
  }

  #writingOf(folder: KeptFolder): Writing {
    const { disk, loop } = folder
    if (folder.record.path !== null) {
      if (disk === null || loop === null) throw new AppError('DEFECT', { reason: 'a folder on disk has no disk' })
      return new DiskWriting({ folder, disk, loop, synced: this.#o.state.synced(folder.key) })
    }
    return new StoredWriting({ folder, spool: this.#o.spool })
  }
}

/** True when this device may change the files of a thing. */
export function mayWrite({ folder, kept }: Pick<OpenThing, 'folder' | 'kept'>): boolean {
  const { mode } = folder.record
  return kept && folder.own !== null && !folder.membership.removed && !folder.blind && mode !== 'receive-only'
}
