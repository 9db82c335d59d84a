/** The versions of one file: each can be opened, downloaded and brought back. */
import { Download, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, ButtonLink, IconButton } from '../../kit/button.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { contentUrl, useAnswer, useItem, useSnapshot, useStore } from '../../live/use-store.tsx'
import { momentWords, visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { rightsOf } from '../folder/rights.ts'
import { nameOf } from '../folder/rows.ts'
import { RestoreDialog } from '../history/restore-dialog.tsx'
import type { FilePlace } from './use-shown-file.ts'
import css from './preview.module.css'

const FIRST = 10
const MOST = 1000

/** The versions, newest first. */
export function FileVersions({ folder, path, version }: FilePlace): ReactNode {
  const item = useItem(folder)
  const { info } = useSnapshot()
  const { target } = useStore()
  const [limit, setLimit] = useState(FIRST)
  const [restoring, setRestoring] = useState<number | null>(null)
  const answer = useAnswer({ link: item?.link ?? '', name: ['file-versions', path, limit] }, (client, signal) =>
    client.getHistory(folder, { path, limit: String(limit) }, { signal }),
  )
  const canRestore = item !== undefined && rightsOf(item, info?.role ?? null, null).write
  const versions = answer.data?.versions ?? []
  return (
    <section>
      <h3>{PREVIEW.versions}</h3>
      {answer.isPending && <Skeleton height="6rem" />}
      {answer.data === undefined && answer.error !== null && (
        <p>{'code' in answer.error && answer.error.code === 'NOT_FOUND' ? PREVIEW.noVersions : problemWords(answer.error)}</p>
      )}
      <ol className={css['versions']}>
        {versions.map(({ version: number, at, device, changes }, index) => {
          const change = changes.find((one) => one.path === path) ?? changes[0]
          const isThere = change === undefined || change.op !== 'delete'
          const when = at === null ? `${PREVIEW.version} ${number}` : momentWords(at, new Date())
          return (
            <li key={number} data-shown={number === version || undefined}>
              <div>
                {isThere ? (
                  <Link
                    href={folderPlace(folder, { part: 'view', path, version: index === 0 ? null : number })}
                    aria-label={`${PREVIEW.openThen(number)}, ${when}`}
                  >
                    {when}
                  </Link>
                ) : (
                  when
                )}
                <small>
                  {PREVIEW.madeOf(PREVIEW.ops[change?.op ?? 'change'], visibleName(device))}
                  {index === 0 && ` · ${PREVIEW.now}`}
                </small>
              </div>
              {isThere && (
                <ButtonLink
                  tone="quiet"
                  small
                  aria-label={PREVIEW.downloadThen(number)}
                  title={PREVIEW.downloadThen(number)}
                  href={contentUrl(target, folder, { path, version: number })}
                  download={nameOf(path)}
                >
                  <Download size={16} aria-hidden />
                </ButtonLink>
              )}
              {isThere && canRestore && index > 0 && (
                <IconButton small label={PREVIEW.restoreThen(number)} onClick={() => setRestoring(number)}>
                  <Undo2 size={16} aria-hidden />
                </IconButton>
              )}
            </li>
          )
        })}
      </ol>
      {answer.data?.more === true && limit < MOST && (
        <Button small tone="quiet" onClick={() => setLimit(limit * 5)}>
          {PREVIEW.moreVersions}
        </Button>
      )}
      {restoring !== null && <RestoreDialog folder={folder} path={path} version={restoring} onClose={() => setRestoring(null)} />}
    </section>
  )
}
