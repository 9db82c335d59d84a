/** What the store holds, drawn and in numbers, and how far back each folder goes. */
import { HardDrive } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderSpace, Retention, Space } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useSpace } from '../../live/questions.ts'
import { byteWords, visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import { RetentionDialog } from './retention-dialog.tsx'
import css from './settings.module.css'
import { SpaceMap } from './space-map.tsx'
import { SPACE_KINDS, sumsOf, takenBy } from './space-shares.ts'

/** Less than this share of the disk is little room. */
const LOW = 0.1

/** The part. */
export function SpacePart(): ReactNode {
  const { data: space, error } = useSpace()
  const [changing, setChanging] = useState<string | null>(null)
  if (space === undefined) return error === null ? <Skeleton height="20rem" /> : <Notice tone="bad">{problemWords(error)}</Notice>
  const folders = [...space.folders].sort((a, b) => takenBy(b) - takenBy(a))
  const changed = folders.find(({ key }) => key === changing)
  return (
    <>
      <DiskCard space={space} />
      {folders.length === 0 ? (
        <Empty icon={<HardDrive size={26} />} title={SETTINGS.nothingKept}>
          {SETTINGS.nothingKeptText}
        </Empty>
      ) : (
        <>
          <Card title={SETTINGS.occupied}>
            <div className={css['stack']}>
              <SpaceMap folders={folders} />
              <ul className={css['legend']} aria-label={SETTINGS.legend}>
                {SPACE_KINDS.map((kind) => (
                  <li key={kind}>
                    <i className={`${css['swatch']} ${css[kind]}`} aria-hidden />
                    {SETTINGS.kinds[kind]}
                  </li>
                ))}
              </ul>
            </div>
          </Card>
          <Card flush>
            <FolderTable folders={folders} onChange={setChanging} />
          </Card>
        </>
      )}
      {changed !== undefined && <RetentionDialog folder={changed} onClose={() => setChanging(null)} />}
    </>
  )
}

function DiskCard({ space }: { readonly space: Space }): ReactNode {
  const { disk, free, cores, state } = space
  const used = disk === 0 ? 0 : (disk - free) / disk
  return (
    <Card title={SETTINGS.free}>
      <div className={css['stack']}>
        <div className={css['split']}>
          <span className="tabular">{SETTINGS.freeOf(byteWords(free), byteWords(disk))}</span>
          <span className={css['hint']}>{SETTINGS.ofStore(byteWords(cores + state))}</span>
        </div>
        <div
          className={css['meter']}
          role="meter"
          aria-label={SETTINGS.disk}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(used * 100)}
          aria-valuetext={SETTINGS.freeOf(byteWords(free), byteWords(disk))}
        >
          <div data-low={free < disk * LOW} style={{ width: `${used * 100}%` }} />
        </div>
      </div>
    </Card>
  )
}

function FolderTable({
  folders,
  onChange,
}: {
  readonly folders: readonly FolderSpace[]
  readonly onChange: (key: string) => void
}): ReactNode {
  const sums = sumsOf(folders)
  return (
    <div className={css['tableScroll']}>
      <table className={css['table']}>
        <caption className="visually-hidden">{SETTINGS.occupied}</caption>
        <thead>
          <tr>
            <th scope="col">{SETTINGS.folder}</th>
            {SPACE_KINDS.map((kind) => (
              <th key={kind} scope="col" title={SETTINGS.kindHints[kind]}>
                {SETTINGS.kinds[kind]}
              </th>
            ))}
            <th scope="col">{SETTINGS.keeps}</th>
          </tr>
        </thead>
        <tbody>
          {folders.map((folder) => (
            <tr key={folder.key}>
              <th scope="row" dir="auto">
                {visibleName(folder.title)}
              </th>
              {SPACE_KINDS.map((kind) => (
                <td key={kind}>{byteWords(folder[kind])}</td>
              ))}
              <td>
                <span className={css['keeps']}>
                  <span>
                    {retentionWords(folder.retention)}
                    {folder.reclaimable > 0 && <small> · {SETTINGS.reclaimable(byteWords(folder.reclaimable))}</small>}
                    {folder.reason !== null && <small className={css['reason']}>{folder.reason}</small>}
                  </span>
                  <Button small aria-label={SETTINGS.changeOf(visibleName(folder.title))} onClick={() => onChange(folder.key)}>
                    {SETTINGS.change}
                  </Button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{SETTINGS.total}</th>
            {SPACE_KINDS.map((kind) => (
              <td key={kind}>{byteWords(sums[kind])}</td>
            ))}
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

function retentionWords(retention: Retention): string {
  if (retention.keep === 'all') return SETTINGS.keepsAll
  return retention.keep === 'versions' ? SETTINGS.keepsVersions(retention.versions) : SETTINGS.keepsDays(retention.days)
}
