/** The folders above, each a link, and a place to drop files onto. */
import { ChevronRight } from 'lucide-react'
import { Fragment } from 'react'
import type { DragEvent, ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import { joinPath } from './rows.ts'
import css from './files.module.css'

/** What a crumb does when something is dragged over it. */
export interface CrumbDrops {
  readonly target: string | null
  over(event: DragEvent, path: string): void
  leave(): void
  drop(event: DragEvent, path: string): void
}

/** The way from the root to `path`. */
export function Crumbs({
  folder,
  title,
  path,
  version,
  drops = null,
}: {
  readonly folder: string
  readonly title: string
  readonly path: string
  readonly version: number | null
  readonly drops?: CrumbDrops | null
}): ReactNode {
  const names = path === '' ? [] : path.split('/')
  const steps = [{ name: title, path: '' }]
  for (const name of names) steps.push({ name, path: joinPath(steps.at(-1)?.path ?? '', name) })
  return (
    <nav aria-label={FOLDER.where} className={css['crumbs']}>
      <ol>
        {steps.map((step, index) => (
          <Fragment key={step.path}>
            <li data-target={drops?.target === `crumb:${step.path}` || undefined}>
              {index === steps.length - 1 ? (
                <span aria-current="page" dir="auto" title={visibleName(step.name)}>
                  {visibleName(step.name)}
                </span>
              ) : (
                <Link
                  href={folderPlace(folder, { path: step.path, version })}
                  dir="auto"
                  title={visibleName(step.name)}
                  {...(drops !== null && {
                    onDragOver: (event: DragEvent) => drops.over(event, step.path),
                    onDragLeave: () => drops.leave(),
                    onDrop: (event: DragEvent) => drops.drop(event, step.path),
                  })}
                >
                  {visibleName(step.name)}
                </Link>
              )}
            </li>
            {index < steps.length - 1 && (
              <li aria-hidden>
                <ChevronRight size={15} />
              </li>
            )}
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
