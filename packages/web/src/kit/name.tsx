/** A name that somebody else chose, shown so that it can neither hide nor turn what stands around it. */
import type { ReactNode } from 'react'
import { visibleName } from '../words/format.ts'

/** The name, kept apart from the direction of the words around it. */
export function Name({ of }: { readonly of: string }): ReactNode {
  return <bdi>{visibleName(of)}</bdi>
}
