/** Facts of one file: how large it is, who changed it when, which versions there are, and who has it. */
import type { ReactNode } from 'react'
import { Skeleton } from '../../kit/layout.tsx'
import { useAnswer, useItem } from '../../live/use-store.tsx'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { kindWord } from '../folder/file-icon.tsx'
import { nameOf, parentOf } from '../folder/rows.ts'
import { FileHolders } from './file-holders.tsx'
import { FileVersions } from './file-versions.tsx'
import { Problem } from './problem.tsx'
import type { FilePlace } from './use-shown-file.ts'
import css from './preview.module.css'

const counting = new Intl.NumberFormat('en')

/** The facts of the file at `path`; `version` null: as it is now. */
export function FileDetails({ folder, path, version }: FilePlace): ReactNode {
  const item = useItem(folder)
  const entry = useAnswer({ link: item?.link ?? '', name: ['file-entry', path, version ?? 'none'] }, (client, signal) =>
    client.getEntry(folder, { path, ...(version === null ? {} : { version: String(version) }) }, { signal }),
  )
  if (entry.data === undefined)
    return entry.error === null ? <Skeleton height="8rem" /> : <Problem error={entry.error} onAgain={() => void entry.refetch()} />
  const { size, mtimeMs, kind } = entry.data
  const above = parentOf(path)
  return (
    <div className={css['details']}>
      <dl className={css['facts']}>
        <dt>{PREVIEW.name}</dt>
        <dd dir="auto">{visibleName(nameOf(path))}</dd>
        <dt>{PREVIEW.place}</dt>
        <dd dir="auto">{above === '' ? PREVIEW.root : visibleName(above)}</dd>
        <dt>{PREVIEW.kind}</dt>
        <dd>{kindWord(entry.data)}</dd>
        {kind === 'file' && (
          <>
            <dt>{PREVIEW.size}</dt>
            <dd title={PREVIEW.bytes(counting.format(size))}>{byteWords(size)}</dd>
          </>
        )}
        {mtimeMs !== null && Math.abs(mtimeMs) <= 8.64e15 && (
          <>
            <dt>{PREVIEW.time}</dt>
            <dd>{momentWords(new Date(mtimeMs).toISOString(), new Date())}</dd>
          </>
        )}
      </dl>
      {kind !== 'folder' && version === null && <FileHolders folder={folder} path={path} />}
      <FileVersions folder={folder} path={path} version={version} />
    </div>
  )
}
