/** Which devices have one file. */
import { CircleCheck, CircleDashed, CircleHelp } from 'lucide-react'
import type { ReactNode } from 'react'
import { Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useAnswer, useItem } from '../../live/use-store.tsx'
import { momentWords, visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import css from './preview.module.css'

const ICONS = { all: CircleCheck, part: CircleDashed, none: CircleDashed, unknown: CircleHelp } as const

/** The devices. */
export function FileHolders({ folder, path }: { readonly folder: string; readonly path: string }): ReactNode {
  const item = useItem(folder)
  const answer = useAnswer({ link: item?.link ?? '', name: ['holders', path] }, (client, signal) =>
    client.getHolders(folder, { path }, { signal }),
  )
  return (
    <section>
      <h3>{PREVIEW.devices}</h3>
      {answer.data === undefined && (answer.error === null ? <Skeleton height="4rem" /> : <p>{problemWords(answer.error)}</p>)}
      <ul className={css['holders']}>
        {answer.data?.devices.map(({ key, name, person, you, live, holds, at }) => {
          const Icon = ICONS[holds]
          const facts = [
            PREVIEW.holds[holds],
            you ? PREVIEW.you : live ? PREVIEW.online : at === null ? null : PREVIEW.seen(momentWords(at, new Date())),
          ]
          return (
            <li key={key} data-holds={holds}>
              <Icon size={18} aria-hidden />
              <div>
                <bdi>{visibleName(name)}</bdi>
                {person !== undefined && (
                  <>
                    {' · '}
                    <bdi>{visibleName(person)}</bdi>
                  </>
                )}
                <small>{facts.filter((fact) => fact !== null).join(' · ')}</small>
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
