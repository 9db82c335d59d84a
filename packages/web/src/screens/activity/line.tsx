/** One line of what happened: who did what, in which folder, with links to both. */
import type { Item } from '@hyper-store/client'
import { ChevronRight, FilePen, FilePlus2, FileX2, FolderX, GitFork, PlugZap, ShieldCheck, Unplug, Users, FileSymlink } from 'lucide-react'
import { memo, useState } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { ACTIVITY, deviceWords } from '../../words/activity.ts'
import { momentWords, visibleName } from '../../words/format.ts'
import { placeOf } from '../overview/item-place.ts'
import { Name } from '../../kit/name.tsx'
import css from './line.module.css'
import { countsOf } from './lines.ts'
import type { ActivityLine, FileChange, FileOp } from './lines.ts'

const FILES_SHOWN = 50
const OPS = { add: FilePlus2, change: FilePen, delete: FileX2, rename: FileSymlink, conflict: GitFork }

/** What a line needs to know around it. */
export interface LineAround {
  /** Folders by their link. */
  readonly folders: ReadonlyMap<string, Item>
  readonly now: Date
}

/** A line; `brief`: without the list of files. */
export const Line = memo(function Line(props: {
  readonly line: ActivityLine
  readonly around: LineAround
  readonly brief?: boolean
}): ReactNode {
  const { line, around, brief = false } = props
  const item = line.link === null ? undefined : around.folders.get(line.link)
  const single = line.files.length === 1 ? line.files[0] : undefined
  const time = <time dateTime={line.at}>{momentWords(line.at, around.now)}</time>
  return (
    <li className={`${css['line']} ${brief ? css['brief'] : ''}`} data-event={line.event}>
      <Picture line={line} />
      <div className={css['text']}>
        <p>
          <What line={line} item={item} />
        </p>
        {!brief && line.files.length > 1 && <Files files={line.files} item={item} />}
        {single?.op === 'rename' && single.from !== null && <p className={css['from']}>{visibleName(single.from)}</p>}
        {brief && time}
      </div>
      {!brief && time}
    </li>
  )
})

function What({ line, item }: { readonly line: ActivityLine; readonly item: Item | undefined }): ReactNode {
  const who = (
    <strong>
      <Name of={deviceWords(line.device, line.event)} />
    </strong>
  )
  const folder = <FolderLink item={item} />
  switch (line.event) {
    case 'change':
      return (
        <>
          {who} <Did files={line.files} item={item} /> {ACTIVITY.in} {folder}
        </>
      )
    case 'receipt':
      return (
        <>
          {who} {ACTIVITY.holdsAll} {folder}
        </>
      )
    case 'members':
      return (
        <>
          {ACTIVITY.members} {folder}
        </>
      )
    case 'removed':
      return (
        <>
          {ACTIVITY.goneFolder} {ACTIVITY.removed}
        </>
      )
    case 'peer':
      return (
        <>
          {who} {line.latest.event === 'peer' && line.latest.connected ? ACTIVITY.came : ACTIVITY.went}
        </>
      )
  }
}

/** `added beach.jpg`, `added 12 files, deleted 1 file and renamed 2 files`. */
function Did({ files, item }: { readonly files: readonly FileChange[]; readonly item: Item | undefined }): ReactNode {
  const [first] = files
  if (first !== undefined && files.length === 1)
    return (
      <>
        {ACTIVITY.did[first.op]} <FileLink file={first} item={item} />
      </>
    )
  const parts = [...countsOf(files)].map(([op, count]) => `${ACTIVITY.did[op]} ${ACTIVITY.files(count)}`)
  const last = parts.pop()
  return parts.length === 0 ? last : `${parts.join(', ')}${ACTIVITY.and}${last}`
}

function Files({ files, item }: { readonly files: readonly FileChange[]; readonly item: Item | undefined }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className={css['files']} open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <ChevronRight size={14} aria-hidden />
        {ACTIVITY.showFiles}
      </summary>
      {isOpen && (
        <ul>
          {files.slice(0, FILES_SHOWN).map((file) => {
            const Icon = OPS[file.op]
            return (
              <li key={file.path}>
                <Icon size={14} aria-hidden />
                <span className="visually-hidden">{ACTIVITY.did[file.op]}</span>
                <FileLink file={file} item={item} />
              </li>
            )
          })}
          {files.length > FILES_SHOWN && <li>{ACTIVITY.moreFiles(files.length - FILES_SHOWN)}</li>}
        </ul>
      )}
    </details>
  )
}

/** A file as a link, where there is still something to see. */
function FileLink({ file, item }: { readonly file: FileChange; readonly item: Item | undefined }): ReactNode {
  const name = visibleName(file.path)
  if (item?.kind !== 'folder' || file.op === 'delete' || item.mode === 'keep-blind') return <bdi className={css['file']}>{name}</bdi>
  return (
    <Link href={folderPlace(item.key, { part: 'view', path: file.path })} className={css['file'] ?? ''} dir="auto">
      {name}
    </Link>
  )
}

function FolderLink({ item }: { readonly item: Item | undefined }): ReactNode {
  if (item === undefined) return ACTIVITY.goneFolder.toLowerCase()
  return (
    <Link href={placeOf(item)} dir="auto">
      {visibleName(item.title)}
    </Link>
  )
}

function Picture({ line }: { readonly line: ActivityLine }): ReactNode {
  const [tone, Icon] = pictureOf(line)
  return (
    <span className={css['picture']} data-tone={tone} aria-hidden>
      <Icon size={16} />
    </span>
  )
}

function pictureOf(line: ActivityLine): readonly [string, typeof Users] {
  if (line.event === 'receipt') return ['good', ShieldCheck]
  if (line.event === 'members') return ['accent', Users]
  if (line.event === 'removed') return ['still', FolderX]
  if (line.event === 'peer') return line.latest.event === 'peer' && line.latest.connected ? ['good', PlugZap] : ['still', Unplug]
  const most = [...countsOf(line.files)].reduce<readonly [FileOp, number]>((best, one) => (one[1] > best[1] ? one : best), ['change', 0])
  const op = line.files.some((file) => file.op === 'conflict') ? 'conflict' : most[0]
  return [op === 'conflict' ? 'slow' : op === 'delete' ? 'bad' : 'busy', OPS[op]]
}
