/** The picture of an entry by its kind. */
import {
  File,
  FileArchive,
  FileCode,
  FileImage,
  FileMusic,
  FileSpreadsheet,
  FileText,
  FileType,
  FileVideo,
  Folder,
  FolderSymlink,
} from 'lucide-react'
import type { ThingEntry } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { FOLDER } from '../../words/folder.ts'
import { fileKind } from './file-kind.ts'
import { nameOf } from './rows.ts'
import css from './files.module.css'

const ICONS = {
  picture: FileImage,
  sound: FileMusic,
  video: FileVideo,
  pdf: FileType,
  text: FileText,
  code: FileCode,
  archive: FileArchive,
  sheet: FileSpreadsheet,
  other: File,
  folder: Folder,
  symlink: FolderSymlink,
} as const

/** What an entry is, as one word of the icons' table. */
function kindOf(entry: ThingEntry): keyof typeof ICONS {
  return entry.kind === 'file' ? fileKind(nameOf(entry.path)) : entry.kind
}

/** The word for an entry's kind. */
export function kindWord(entry: ThingEntry): string {
  return FOLDER.kinds[kindOf(entry)]
}

/** The icon; `size` in pixels. */
export function FileIcon({ entry, size = 20 }: { readonly entry: ThingEntry; readonly size?: number }): ReactNode {
  const kind = kindOf(entry)
  const Icon = ICONS[kind]
  return <Icon className={css['icon']} data-kind={kind} size={size} strokeWidth={1.6} aria-hidden />
}
