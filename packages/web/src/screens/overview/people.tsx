/** The people of a shared folder, as small round pictures of their first letters. */
import type { Item } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { visibleName } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'
import css from './folder-card.module.css'

const SHOWN = 4
const HUES = 8

/** A box that keeps the folder is nobody. Leads to the people's part of the folder; nothing where nobody else is. */
export function People({ item }: { readonly item: Item }): ReactNode {
  const people = [...new Set(item.devices.flatMap(({ person = '', role }) => (person === '' || role === 'provider' ? [] : [person])))]
  if (item.shared !== true || people.length < 2) return null
  const names = people.map(visibleName).join(', ')
  return (
    <Link href={folderPlace(item.key, { part: 'people' })} className={css['people'] ?? ''} title={names}>
      <span className="visually-hidden">{`${OVERVIEW.people(people.length)}: ${names}`}</span>
      {people.slice(0, SHOWN).map((person) => (
        <span key={person} data-hue={hueOf(person)} aria-hidden>
          {initialOf(person)}
        </span>
      ))}
      {people.length > SHOWN && <span aria-hidden>+{people.length - SHOWN}</span>}
    </Link>
  )
}

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(visibleName(name).trim())
  return (first?.segment ?? '?').toUpperCase()
}

/** A colour that stays with a name. */
function hueOf(name: string): number {
  let sum = 0
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973
  return (sum % HUES) + 1
}
