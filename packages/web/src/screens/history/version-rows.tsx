/** The versions of a folder below each other, by day. */
import type { HistoryVersion } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { HISTORY } from '../../words/history.ts'
import { LongList } from './long-list.tsx'
import { dayOfVersion } from './moments.ts'
import { VersionRow } from './version-row.tsx'
import type { VersionRowProps } from './version-row.tsx'

/** The rows; `versions` newest first. */
export function VersionRows({
  versions,
  folder,
  chosen,
  isAll,
  onChoose,
  onRestore,
}: Pick<VersionRowProps, 'folder' | 'onChoose' | 'onRestore'> & {
  readonly versions: readonly HistoryVersion[]
  readonly chosen: readonly number[]
  /** The list is of the whole folder: its first version is how the folder is now. */
  readonly isAll: boolean
}): ReactNode {
  const now = new Date()
  const days = versions.map((version) => dayOfVersion(version, now))
  const dayAbove = (index: number): string | null => {
    const day = days[index]
    if (day == null || (index > 0 && days[index - 1]?.words === day.words)) return null
    return day.ago === 0 ? HISTORY.today : day.ago === 1 ? HISTORY.yesterday : day.words
  }
  return (
    <LongList
      label={HISTORY.versions}
      count={versions.length}
      guess={120}
      keyOf={(index) => versions[index]?.version ?? index}
      row={(index) => {
        const version = versions[index]
        if (version === undefined) return null
        return (
          <VersionRow
            folder={folder}
            version={version}
            day={dayAbove(index)}
            isNewest={isAll && index === 0}
            isChosen={chosen.includes(version.version)}
            onChoose={onChoose}
            onRestore={onRestore}
          />
        )
      }}
    />
  )
}
