/** Changes between versions as lines for people: `+ - ~ >`, and their count. */
import type { PathChange } from '@hyper-store/client/contract'
import { formatBytes } from './format.ts'
import { plain } from './output.ts'
import type { Output, Paint } from './output.ts'

const SIGNS = { add: '+', delete: '-', change: '~', rename: '>' } as const
const PAINTS: Record<PathChange['op'], Paint> = { add: 'good', delete: 'bad', change: 'warn', rename: 'strong' }

/** `+ a.txt (5 B)`, `- b.txt (3 B)`, `~ c.txt (3 B to 5 B)`, `> old.txt to new.txt`. */
export function changeLine(change: PathChange, output: Output): string {
  const { op, path, from, sizeBefore, sizeAfter } = change
  const sizes = [sizeBefore, sizeAfter].flatMap((size) => (size === null ? [] : [formatBytes(size)]))
  const size =
    op === 'rename' || sizes.length === 0 ? '' : ` (${sizes.length === 2 && sizes[0] === sizes[1] ? sizes[0] : sizes.join(' to ')})`
  const name = op === 'rename' ? `${plain(from ?? '')} to ${plain(path)}` : plain(path)
  return `${output.paint(PAINTS[op], SIGNS[op])} ${name}${size}`
}

/** `3 added, 1 deleted, 2 changed, 1 renamed`; `no changes` for none. */
export function changeCount(changes: readonly PathChange[]): string {
  const words = { add: 'added', delete: 'deleted', change: 'changed', rename: 'renamed' } as const
  const parts = Object.entries(words).flatMap(([op, word]) => {
    const count = changes.filter((change) => change.op === op).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return parts.length === 0 ? 'no changes' : parts.join(', ')
}
