/** Sentences with names in them: each name is kept apart from the direction of the words around it. */
import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { Name } from '../../kit/name.tsx'
import { OVERVIEW } from '../../words/overview.ts'
import type { Pieces } from '../../words/overview.ts'

/** Pieces of a sentence, one after the other. */
export function Sentence({ of }: { readonly of: Pieces<ReactNode> }): ReactNode {
  return of.map((piece, index) => <Fragment key={index}>{piece}</Fragment>)
}

/** `a`, `a and b`, `a, b and c`, `a, b and 3 more`. */
export function Names({ of }: { readonly of: readonly string[] }): ReactNode {
  const shown = of.length > 3 ? of.slice(0, 2) : of
  const rest = of.length - shown.length
  return (
    <>
      {shown.map((name, index) => (
        <Fragment key={index}>
          {index === 0 ? '' : rest === 0 && index === shown.length - 1 ? OVERVIEW.and : ', '}
          <Name of={name} />
        </Fragment>
      ))}
      {rest > 0 && `${OVERVIEW.and}${OVERVIEW.more(rest)}`}
    </>
  )
}
